#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The whole library through HTTP proxies: tinyproxy, and one that records every byte.

    front_proxy.py BUILD_ROOT

Each function is a promise; its name is printed.
"""
import base64
import contextlib
import os
import socket
import subprocess
import sys
import threading

sys.dont_write_bytecode = True

import front_kit as kit  # noqa: E402

USER, PASSWORD = "gateway", "s3cretpass"
ODD_PASSWORD = "p:ss/wort"  # tinyproxy does not support such a password
QUOTED = "p%3Ass%2Fwort"
BASIC = base64.b64encode(f"{USER}:{ODD_PASSWORD}".encode()).decode()


def _run(front, *options, count=2, **settings):
    return kit.run_client(front.base, kit.images(count, 20000), "--ca-file", kit.test_authority().file, *options, **settings)


# ---- tinyproxy ----

class _Tiny:
    def __init__(self, port, log):
        self.url = f"http://127.0.0.1:{port}"
        self.with_credentials = f"http://{USER}:{PASSWORD}@127.0.0.1:{port}"
        self.log_file = log

    def heard(self, words):
        return words in self.log_file.read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def _tinyproxy(*lines):
    kit.need("tinyproxy")
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            stack.close()
            (port,) = kit.free_ports(1)
            log, path = kit.words(), kit.words()
            path.write_text("\n".join((f"Port {port}", "Listen 127.0.0.1", f'LogFile "{log}"', "LogLevel Info",
                                       "Allow 127.0.0.1", "Timeout 60", *lines)) + "\n", encoding="utf-8")
            running = stack.enter_context(kit.process(
                ["tinyproxy", "-d", "-c", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env={**kit.ENVIRONMENT, "PATH": os.environ["PATH"] + ":/usr/sbin"}))
            if kit.listens("127.0.0.1", port, running):
                break
        else:
            raise AssertionError("tinyproxy does not start")
        yield _Tiny(port, log)


LOCKED = f"BasicAuth {USER} {PASSWORD}"


def a_flow_through_a_proxy_succeeds():
    with kit.front(kit.certificate()) as front, _tinyproxy() as proxy:
        run = _run(front, "--proxy", proxy.url)
        assert proxy.heard(f"CONNECT 127.0.0.1:{front.api_port}")
        assert proxy.heard(f"CONNECT 127.0.0.1:{front.storage_port}")
    run.succeeded(2)
    front.service.judge(jobs=2)


def a_flow_through_a_proxy_without_tls_succeeds():
    with kit.service() as running, _tinyproxy() as proxy:
        run = kit.run_client(running.url, kit.images(2), "--proxy", proxy.url)
        assert proxy.heard(f"POST {running.url}/jobs")
    run.succeeded(2)
    running.judge(jobs=2)


def credentials_open_the_proxy_and_go_no_further():
    with kit.front(kit.certificate()) as front, _tinyproxy(LOCKED) as proxy:
        run = _run(front, "--proxy", proxy.with_credentials)
    run.succeeded(2)
    front.service.judge(jobs=2)
    assert {line[5] for line in front.seen()} == {'proxy_authorization="-"'}, front.seen()


def _locked_out(url_of, *lines, reason):
    """A run that the proxy rejects: the message says so, and the service receives nothing."""
    with kit.front(kit.certificate()) as front, _tinyproxy(*lines) as proxy:
        run = _run(front, "--tries", "2", "--proxy", url_of(proxy), count=1)
    run.failed("E_NETWORK", "^create: ", "CONNECT tunnel failed", reason)
    front.service.judge(jobs=0)
    assert front.seen() == [], front.seen()
    for secret in (PASSWORD, "wr0ng"):
        assert secret not in run.log and secret not in run.ends[0].message, f"{secret} was told: {run.log}"


def wrong_credentials_are_reported():
    # tinyproxy responds 401, the standard says 407
    _locked_out(lambda proxy: proxy.url.replace("//", f"//{USER}:wr0ng@"), LOCKED, reason="response 40[17]")


def missing_credentials_are_reported():
    _locked_out(lambda proxy: proxy.url, LOCKED, reason="response 407")


def a_port_that_the_proxy_forbids_is_reported():
    _locked_out(lambda proxy: proxy.url, "ConnectPort 1", reason="response 403")


def a_proxy_that_is_down_is_reported():
    (port,) = kit.free_ports(1)
    with kit.front(kit.certificate()) as front:
        run = _run(front, "--tries", "2", "--proxy", f"http://127.0.0.1:{port}", count=1)
    run.failed("E_NETWORK", "^create: ", f"port {port}", "after 2 attempts")
    front.service.judge(jobs=0)


# ---- the environment ----

def a_proxy_of_the_environment_is_used():
    with kit.front(kit.certificate()) as front, _tinyproxy() as proxy:
        run = _run(front, environment={"https_proxy": proxy.url})
        assert proxy.heard(f"CONNECT 127.0.0.1:{front.api_port}")
    run.succeeded(2)


def no_proxy_at_all_wins_over_the_environment():
    (port,) = kit.free_ports(1)
    with kit.front(kit.certificate()) as front:
        run = _run(front, "--proxy", "", environment={"https_proxy": f"http://127.0.0.1:{port}"})
    run.succeeded(2)


def a_proxy_that_was_set_wins_over_the_exceptions_of_the_environment():
    with kit.front(kit.certificate()) as front, _tinyproxy() as proxy:
        run = _run(front, "--proxy", proxy.url, environment={"no_proxy": "*", "NO_PROXY": "127.0.0.1"})
        assert proxy.heard(f"CONNECT 127.0.0.1:{front.api_port}"), "the requests went past the proxy"
    run.succeeded(2)


# ---- a proxy that records everything ----

class _Recorder:
    """Forwards CONNECT and plain requests, one per connection, and records every byte from the client.

    Cuts each of the first `cuts` tunnels after `cut_after` bytes from the service.
    """

    def __init__(self, cuts=0, cut_after=0):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://{USER}:{QUOTED}@127.0.0.1:{self.listener.getsockname()[1]}"
        self.heads = []
        self.said = []  # bytes from the client after the head of each request
        self.cuts, self.cut_after = cuts, cut_after
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=self.listener.accept()[:1], daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(65536)
            if not more:
                client.close()
                return
            head += more
        head, _, rest = head.partition(b"\r\n\r\n")
        with self.lock:
            self.heads.append(head)
            said = bytearray(rest)
            self.said.append(said)
            cut = len(self.heads) <= self.cuts
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        host = target if method == "CONNECT" else target.split("/")[2]
        with socket.create_connection((host.split(":")[0], int(host.split(":")[1]))) as server, client:
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                server.sendall(rest)
            else:
                lines = [line for line in head.split(b"\r\n")[1:] if not line.lower().startswith(b"proxy-")]
                first = f"{method} /{target.split('/', 3)[3]} HTTP/1.1".encode()
                server.sendall(b"\r\n".join([first, *lines, b"Connection: close", b"", b""]) + rest)
            back = threading.Thread(target=self.pump, args=(server, client, None, self.cut_after if cut else None))
            back.start()
            self.pump(client, server, said, None)
            back.join()

    @staticmethod
    def pump(source, sink, kept, limit):
        moved = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                moved += len(data)
                if kept is not None:
                    kept += data
                if limit is not None and moved > limit:
                    break
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def a_proxy_of_https_sees_neither_key_nor_request():
    with kit.front(kit.certificate()) as front, _Recorder() as proxy:
        run = _run(front, "--proxy", proxy.url)
    run.succeeded(2)
    front.service.judge(jobs=2)
    assert len(proxy.heads) >= 2 and sum(map(len, proxy.said)) > 40000, "hardly anything came by"
    for head, said in zip(proxy.heads, proxy.said):
        names = {line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]}
        assert names <= {b"host", b"proxy-authorization", b"user-agent", b"proxy-connection"}, head
        assert f"Proxy-Authorization: Basic {BASIC}".encode() in head, head
        assert not said or said[0] == 0x16, "what is in the tunnel is not TLS"
        for secret in (kit.KEY.encode(), b"Bearer", b"Idempotency", b"/v1/jobs", b"JFIF"):
            assert secret not in head + said, f"{secret} was seen by the proxy"


def a_proxy_of_plain_http_sees_the_key_on_the_way_to_the_service_only():
    with kit.service() as running, _Recorder() as proxy:
        run = kit.run_client(running.url, kit.images(2), "--proxy", proxy.url)
    run.succeeded(2)
    running.judge(jobs=2)
    uploads = [head for head in proxy.heads if f":{running.storage_port}/".encode() in head.split(b"\r\n")[0]]
    assert len(uploads) == 2, proxy.heads
    for head in proxy.heads:
        assert (b"Authorization: Bearer" in head) == (head not in uploads), head


def tunnels_that_are_cut_cost_nothing_but_time():
    for cut_after in (500, 3000, 4500):
        with kit.front(kit.certificate(), http2=cut_after == 3000) as front, _Recorder(2, cut_after) as proxy:
            run = _run(front, "--proxy", proxy.url)
        run.succeeded(2)
        # The response with the final state of a job may be cut off: the client then polls again.
        front.service.judge(jobs=2, forgiven="poll_after_end")


if __name__ == "__main__":
    sys.exit(kit.keep_promises(globals()))
