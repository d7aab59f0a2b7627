#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The whole library through nginx with TLS: which peers are trusted, and that no other peer receives data.

    front_tls.py BUILD_ROOT

Each function is a promise; its name is printed.
"""
import pathlib
import socket
import ssl
import sys
import warnings

sys.dont_write_bytecode = True

import front_kit as kit  # noqa: E402

# Makes a current OpenSSL serve obsolete TLS versions.
OLD_CIPHERS = "ssl_ciphers DEFAULT@SECLEVEL=0;"


def _whole_flow(option, protocols, http2, **settings):
    """Processes three images; the connections use exactly these versions."""
    with kit.front(kit.certificate(), protocols=protocols, http2=http2, **settings) as front:
        run = kit.run_client(front.base, kit.images(3, 40000), option, kit.test_authority().file)
    run.succeeded(3)
    front.service.judge(jobs=3)
    seen = front.seen()
    api = [line for line in seen if line[3] == str(front.api_port)]
    storage = [line for line in seen if line[3] == str(front.storage_port)]
    assert len(api) >= 12 and len(storage) == 3, seen
    assert {line[0] for line in api} == {"HTTP/2.0" if http2 else "HTTP/1.1"}, seen
    assert {line[1] for line in seen} == {protocols}, seen
    assert {line[4] for line in api} == {"key=yes"} and {line[4] for line in storage} == {"key=no"}, seen


def a_flow_over_tls_1_2_and_http_1_succeeds_with_a_ca_file():
    _whole_flow("--ca-file", "TLSv1.2", False)


def a_flow_over_tls_1_2_and_http_2_succeeds_with_a_ca_in_memory():
    _whole_flow("--ca-pem", "TLSv1.2", True)


def a_flow_over_tls_1_3_and_http_1_succeeds_with_a_ca_in_memory():
    _whole_flow("--ca-pem", "TLSv1.3", False)


def a_flow_over_tls_1_3_and_http_2_succeeds_with_a_ca_file():
    _whole_flow("--ca-file", "TLSv1.3", True)


def a_flow_to_a_name_succeeds():
    _whole_flow("--ca-file", "TLSv1.3", True, host="localhost")


def _refused(pair, reason, *options, **settings):
    """The first handshake fails with this reason in the message, and no request reaches nginx or the service."""
    with kit.front(pair, **settings) as front:
        run = kit.run_client(front.base, kit.images(1), *options)
    run.failed("E_TLS", "^create: ", reason)
    assert run.ends[0].attempts <= 1 and run.counters["retries"] == 0, (run.ends, run.counters)
    assert front.seen() == [], front.seen()
    front.service.judge(jobs=0)
    assert front.service.counts["api_requests"] == 0, front.service.counts


def an_authority_that_was_not_given_is_refused():
    if not pathlib.Path("/etc/ssl/certs/ca-certificates.crt").exists():
        raise kit.Skip("the system has no certificates (Debian: ca-certificates)")
    _refused(kit.certificate(), "unable to get local issuer certificate")


def an_authority_that_is_another_is_refused():
    _refused(kit.certificate(), "unable to get local issuer certificate|self-signed", "--ca-file", kit.Authority().file)


def a_certificate_for_another_host_is_refused():
    pair = kit.test_authority().issue("DNS:api.example.org")
    _refused(pair, r"certificate subject name.*127\.0\.0\.1", "--ca-file", kit.test_authority().file)


def an_expired_certificate_is_refused():
    pair = kit.test_authority().issue(kit.LOOPBACK, "20200101000000Z", "20200201000000Z")
    _refused(pair, "certificate has expired", "--ca-file", kit.test_authority().file)


def a_certificate_of_the_future_is_refused():
    pair = kit.test_authority().issue(kit.LOOPBACK, "20900101000000Z", "20900201000000Z")
    _refused(pair, "certificate is not yet valid", "--ca-file", kit.test_authority().file)


def a_self_signed_certificate_is_refused():
    pair = kit.WORK / "alone.pem", kit.WORK / "alone.key"
    kit.Authority.self_signed(*pair, "/CN=localhost", "subjectAltName=" + kit.LOOPBACK)
    _refused(pair, "self-signed certificate", "--ca-file", kit.test_authority().file)


def _speaks_tls_1_1(port):
    """True if the server accepts a client that supports no version after TLS 1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated, but it is what the test needs
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", port), 10) as plain, context.wrap_socket(plain) as secure:
        return secure.version() == "TLSv1.1"


def a_server_that_knows_nothing_newer_than_tls_1_1_is_refused():
    with kit.front(kit.certificate(), protocols="TLSv1.1", more=OLD_CIPHERS) as front:
        try:
            old = _speaks_tls_1_1(front.api_port)
        except ssl.SSLError as error:
            raise kit.Skip(f"OpenSSL does not speak TLS 1.1 here ({error.reason})") from error
        assert old
        run = kit.run_client(front.base, kit.images(1), "--ca-file", kit.test_authority().file)
    run.failed("E_TLS", "^create: ", "protocol version|unsupported protocol")
    assert run.counters["retries"] == 0, run.counters
    front.service.judge(jobs=0)


# ---- IPv6 ----

def _need_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        raise kit.Skip(f"this machine has no ::1 ({error.strerror})") from error


def a_flow_to_an_ipv6_address_succeeds():
    _need_ipv6()
    with kit.service("--bind", "::1") as running:
        assert running.url.startswith("http://[::1]:"), running.url
        run = kit.run_client(running.url, kit.images(2))
    run.succeeded(2)
    running.judge(jobs=2)


def a_flow_to_an_ipv6_address_succeeds_with_tls():
    _need_ipv6()
    _whole_flow("--ca-file", "TLSv1.3", True, address="::1")


if __name__ == "__main__":
    sys.exit(kit.keep_promises(globals()))
