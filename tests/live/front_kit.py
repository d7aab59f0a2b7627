# SPDX-License-Identifier: MIT
"""Shared by the live tests of the whole library: an emulated service, nginx in front of it, certificates, the client.

Promises: every program is stopped by its process id and exits with the test, also when that crashes; ports are free
ones; the client does not inherit proxy settings; the output of every program is searched for the API key at the end
(`keep_promises`).
"""
import contextlib
import functools
import inspect
import os
import pathlib
import random
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from kit import emulator  # noqa: E402
from kit.checks import Skip  # noqa: E402

KEY = "sk_test_" + secrets.token_hex(12)
BUILD = pathlib.Path(sys.argv[1])
EMULATOR = BUILD / "lib" / "testing" / "emulator" / "animaldetect-emulator"
CLIENT = BUILD / "tests" / "live" / "front_client"
FOLDER = tempfile.TemporaryDirectory(prefix="animaldetect-front-")
WORK = pathlib.Path(FOLDER.name)
KEPT = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH", "TMPDIR")
ENVIRONMENT = {name: os.environ[name] for name in KEPT if name in os.environ}
SECONDS = 60


def need(*programs):
    for program in programs:
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            raise Skip(f"{program} is not installed")


def words():
    """A new unique path."""
    return WORK / secrets.token_hex(4)


@contextlib.contextmanager
def process(command, **settings):
    """Runs a program in the background and terminates it at the end."""
    running = subprocess.Popen(command, preexec_fn=emulator.end_with_parent, **settings)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(SECONDS)


def free_ports(count, address="127.0.0.1"):
    """Free ports below the range of ephemeral ports."""
    ports = set()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    while len(ports) < count:
        port = random.randrange(20000, 32000)
        with contextlib.suppress(OSError), socket.socket(family) as probe:
            probe.bind((address, port))
            ports.add(port)
    return list(ports)


def listens(address, port, running):
    """True as soon as the program listens there, False if it exits."""
    while running.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((address, port), 1):
            return True
        time.sleep(0.01)
    return False


def authority(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class Service(emulator.Emulator):
    def judge(self, jobs, submits=None, forgiven=None):
        """Asserts that this number of images was created and billed, each once, without a violation of the contract."""
        self.assert_clean(forgiven)
        assert self.counts["jobs"] == jobs, self.counts
        assert self.counts["submits"] == (jobs if submits is None else submits), self.counts


def service(*options, api=None, storage=None):
    """An emulator on free ports; behind a proxy or relay, it puts these origins into its URLs."""
    named = ["--public-api-url", api, "--public-storage-url", storage] if api else []
    return Service(EMULATOR, "--processing", "fixed:60", *options, *named, key=KEY, ledger=words(),
                   environment=ENVIRONMENT)


def images(count, size=3000):
    """Distinct files that begin like a JPEG."""
    paths = []
    for _ in range(count):
        path = words().with_suffix(".jpg")
        path.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + random.randbytes(size - 14) + b"\xff\xd9")
        paths.append(path)
    return paths


class End:
    """The completion of one run, as printed by the client."""

    def __init__(self, line):
        self.status, self.step, http, attempts, self.message = line.split("\t")
        self.http = int(http)
        self.attempts = int(attempts)

    def __repr__(self):
        return f"{self.status} in {self.step}, HTTP {self.http}, {self.attempts} attempts: {self.message}"


class Run:
    """The output of the client."""

    def __init__(self, done, log):
        lines = done.stdout.splitlines()
        assert done.returncode == 0, f"exit code {done.returncode}: {done.stdout}\n{log[-2000:]}"
        self.ends = [End(line) for line in lines[:-1]]
        self.counters = {name: int(value) for name, value in
                         (pair.split("=") for pair in lines[-1].split("\t")[1:])}
        self.log = log

    def succeeded(self, count):
        assert len(self.ends) == count, self.ends
        for end in self.ends:
            assert end.status == "ANIMALDETECT_OK", f"{end}\n{self.log[-3000:]}"

    def failed(self, status, *reasons):
        """Asserts that there was one run, with this status and a message that matches all reasons."""
        assert len(self.ends) == 1, self.ends
        self.ended(0, status, *reasons)

    def ended(self, index, status, *reasons):
        end = self.ends[index]
        assert end.status == "ANIMALDETECT_" + status, f"{end}\n{self.log[-3000:]}"
        for reason in reasons:
            assert re.search(reason, end.message), f"no {reason!r} in: {end.message}"


def run_client(base, paths, *options, environment=None, prepare=None, stdin=None):
    """Runs the client with these images; `prepare` is called in its process before exec."""
    out, log = words(), words()
    with open(out, "w", encoding="utf-8") as to, open(log, "w", encoding="utf-8") as errors:
        done = subprocess.run([CLIENT, *options, *paths], stdout=to, stderr=errors, timeout=SECONDS, check=False, preexec_fn=prepare,
                              stdin=stdin,
                              env={**ENVIRONMENT, "AD_API_KEY": KEY, "AD_API_BASE_URL": base, **(environment or {})})
    done.stdout = out.read_text(encoding="utf-8")
    return Run(done, log.read_text(encoding="utf-8"))


# ---- certificates ----

def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          cwd=WORK, check=False)
    assert done.returncode == 0, f"openssl {arguments[0]}: {done.stdout}"


class Authority:
    """A certificate authority for the test. Certificates are pairs of paths: certificate, key."""

    def __init__(self):
        self.folder = words()
        self.folder.mkdir()
        self.file = self.folder / "ca.pem"
        self.key = self.folder / "ca.key"
        (self.folder / "index").touch()
        (self.folder / "ca.cnf").write_text(
            f"[ca]\ndefault_ca=it\n[it]\ndatabase={self.folder}/index\nnew_certs_dir={self.folder}\nrand_serial=yes\n"
            "default_md=sha256\npolicy=any\ncopy_extensions=copy\nunique_subject=no\n[any]\ncommonName=supplied\n",
            encoding="utf-8")
        self.self_signed(self.file, self.key, "/CN=Authority of a test", "basicConstraints=critical,CA:TRUE")

    @staticmethod
    def self_signed(certificate, key, subject, extension):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", subject, "-addext", extension, "-keyout", key, "-out", certificate)

    def issue(self, names, begin=None, end=None):
        """Issues a certificate for names such as "IP:127.0.0.1,DNS:localhost"; times as YYYYMMDDHHMMSSZ."""
        path = words()
        request, key, certificate = (path.with_suffix(kind) for kind in (".csr", ".key", ".pem"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a test's server",
                "-addext", "subjectAltName=" + names, "-keyout", key, "-out", request)
        times = ["-startdate", begin, "-enddate", end] if begin else ["-days", "2"]
        openssl("ca", "-batch", "-notext", "-config", self.folder / "ca.cnf", "-cert", self.file, "-keyfile", self.key,
                *times, "-in", request, "-out", certificate)
        return certificate, key


LOOPBACK = "IP:127.0.0.1,IP:::1,DNS:localhost"


@functools.lru_cache(None)
def test_authority():
    """The CA of the servers in this run."""
    need("openssl", "nginx")
    return Authority()


@functools.lru_cache(None)
def certificate():
    """A certificate of this CA for a server on loopback."""
    return test_authority().issue(LOOPBACK)


# ---- nginx ----

NGINX = """
daemon off; master_process off; worker_processes 1;
pid {work}/pid;
error_log {work}/error.log notice;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {work}/1; proxy_temp_path {work}/2; fastcgi_temp_path {work}/3;
    uwsgi_temp_path {work}/4; scgi_temp_path {work}/5;
    client_max_body_size 20m;
    log_format seen '$server_protocol $ssl_protocol $request_method $server_port '
                    'key=$key proxy_authorization="$http_proxy_authorization" '
                    'connection=$connection resumed=$ssl_session_reused';
    map $http_authorization $key {{ default yes; "" no; }}
    access_log {work}/access.log seen;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols {protocols};
    {more}
    server {{
        listen {api} ssl{http2};
        location / {{ proxy_pass http://{upstream_api}; proxy_set_header Host $http_host; }}
    }}
    server {{
        listen {storage} ssl{http2};
        location / {{ proxy_pass http://{upstream_storage}; proxy_set_header Host $http_host; }}
    }}
}}
"""


class Front:
    """nginx with TLS in front of an emulator. Read its log after it has exited."""

    def __init__(self, base, running, ports, folder):
        self.base = base
        self.service = running
        self.api_port, self.storage_port = ports
        self.folder = folder

    def seen(self):
        """One list of fields per request: HTTP and TLS version, method, port, whether it had a key, proxy
        authorization, number of the connection, whether its TLS session was resumed ("r") or new (".")."""
        return [line.split() for line in (self.folder / "access.log").read_text(encoding="utf-8").splitlines()]


def configuration(folder, pair, running, address, ports, protocols, http2, more):
    folder.mkdir()
    path = folder / "nginx.conf"
    text = NGINX.format(work=folder, certificate=pair[0], key=pair[1], protocols=protocols, more=more,
                        http2=" http2" if http2 else "", api=authority(address, ports[0]),
                        storage=authority(address, ports[1]), upstream_api=f"127.0.0.1:{running.port}",
                        upstream_storage=f"127.0.0.1:{running.storage_port}")
    path.write_text(text, encoding="utf-8")
    return path


@contextlib.contextmanager
def front(pair, *options, address="127.0.0.1", host=None, protocols="TLSv1.2 TLSv1.3", http2=True, more=""):
    """An emulator behind nginx with this certificate. `host`: the host name for the client."""
    need("nginx")
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            stack.close()
            ports = free_ports(2, address)
            api, storage = (f"https://{authority(host or address, port)}" for port in ports)
            running = stack.enter_context(service(*options, api=api, storage=storage))
            folder = words()
            path = configuration(folder, pair, running, address, ports, protocols, http2, more)
            nginx = stack.enter_context(process(["nginx", "-p", folder, "-c", path, "-e", folder / "error.log"],
                                                stderr=subprocess.DEVNULL,
                                                env={**ENVIRONMENT, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}))
            if all(listens(address, port, nginx) for port in ports):
                break
        else:
            raise AssertionError("nginx does not start: " + (folder / "error.log").read_text(encoding="utf-8"))
        yield Front(api + "/v1", running, ports, folder)


# ---- promises ----

def key_was_written_nowhere():
    for path in WORK.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), f"the key is in {path.name}"


def keep_promises(names):
    """Runs every public function without parameters in a test's `globals()`; returns the exit code."""
    acts = [act for name, act in names.items() if inspect.isfunction(act) and act.__module__ == "__main__"
            and not name.startswith("_") and name != "main" and not inspect.signature(act).parameters]
    failed = passed = 0
    for act in [*acts, key_was_written_nowhere]:
        try:
            act()
        except Skip as reason:
            print(f"skip {act.__name__}: {reason}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {act.__name__}", flush=True)
            print("".join(f"    {line}\n" for line in traceback.format_exc().splitlines()), end="", flush=True)
        else:
            passed += 1
            print(f"ok {act.__name__}", flush=True)
    FOLDER.cleanup()
    return 1 if failed or not passed else 0
