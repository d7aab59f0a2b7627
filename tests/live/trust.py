#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The system's certificates and the host's: which ones are trusted when libcurl has a default bundle and directory.

    trust.py BUILD_ROOT

Each function is a promise; its name is printed.  These tests replace the system's certificate folder by a mount that
only the client sees.
"""
import contextlib
import ctypes
import ctypes.util
import functools
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import threading

sys.dont_write_bytecode = True

import front_kit as kit  # noqa: E402
from odd_relay import CLOSE, Relay  # noqa: E402

CLONE_NEWNS = 0x20000
CLONE_NEWUSER = 0x10000000
MS_BIND = 0x1000
MS_PRIVATE_OF_ALL = 0x40000 | 0x4000


class _Version(ctypes.Structure):
    """curl_version_info_data, up to the last field that is needed."""
    _fields_ = ([("age", ctypes.c_int), ("version", ctypes.c_char_p), ("number", ctypes.c_uint),
                 ("host", ctypes.c_char_p), ("features", ctypes.c_int), ("tls", ctypes.c_char_p),
                 ("tls_number", ctypes.c_long),
                 ("libz", ctypes.c_char_p), ("protocols", ctypes.c_void_p), ("ares", ctypes.c_char_p),
                 ("ares_number", ctypes.c_int), ("idn", ctypes.c_char_p), ("iconv", ctypes.c_int),
                 ("ssh", ctypes.c_char_p), ("brotli_number", ctypes.c_uint), ("brotli", ctypes.c_char_p),
                 ("nghttp2_number", ctypes.c_uint), ("nghttp2", ctypes.c_char_p), ("quic", ctypes.c_char_p),
                 ("bundle", ctypes.c_char_p), ("folder", ctypes.c_char_p)])


@functools.lru_cache(None)
def _libcurl():
    """The version information of the client's libcurl, with its default paths."""
    linked = subprocess.run(["ldd", kit.CLIENT], stdout=subprocess.PIPE, text=True, check=False).stdout
    library = [line.split()[2] for line in linked.splitlines() if "libcurl" in line and "=>" in line]
    if not library:
        linked = subprocess.run(["ldd", kit.BUILD / "lib" / "libanimaldetect.so"], stdout=subprocess.PIPE, text=True,
                                check=False).stdout
        library = [line.split()[2] for line in linked.splitlines() if "libcurl" in line and "=>" in line]
    if not library:
        raise kit.Skip("it is not known which libcurl the client has")
    call = ctypes.CDLL(library[0]).curl_version_info
    call.restype = ctypes.POINTER(_Version)
    return call(6).contents


def _other():
    """A certificate unrelated to the server's, with another name."""
    path = kit.words()
    kit.Authority.self_signed(path, path.with_suffix(".key"), "/CN=Somebody else", "basicConstraints=critical,CA:TRUE")
    return path


def _check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _enter(folder, place):
    """Mounts the folder over the system's, for this process only."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    _check(libc.unshare(CLONE_NEWNS | (0 if user == 0 else CLONE_NEWUSER)))
    if user != 0:
        pathlib.Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        pathlib.Path("/proc/self/uid_map").write_text(f"0 {user} 1", encoding="ascii")
        pathlib.Path("/proc/self/gid_map").write_text(f"0 {group} 1", encoding="ascii")
    _check(libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_PRIVATE_OF_ALL), None))
    _check(libc.mount(os.fsencode(folder), place, None, ctypes.c_ulong(MS_BIND), None))


def _system(hashed=(), bundled=()):
    """A certificate folder: certificates that OpenSSL finds by hash, and those in the bundle."""
    libcurl = _libcurl()
    if not libcurl.folder:
        raise kit.Skip("this libcurl has no default directory of certificates")
    if bundled and not (libcurl.bundle or b"").startswith(libcurl.folder + b"/"):
        raise kit.Skip("this libcurl has no default bundle in its default directory")
    if not os.path.isdir(libcurl.folder):
        raise kit.Skip(f"there is no {libcurl.folder.decode()}")
    folder = kit.words()
    folder.mkdir()
    for path in hashed:
        name = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", path], stdout=subprocess.PIPE, text=True,
                              check=True).stdout.strip()
        shutil.copy(path, folder / f"{name}.0")
    if bundled:
        text = "".join(pathlib.Path(path).read_text(encoding="ascii") for path in bundled)
        (folder / os.path.basename(libcurl.bundle.decode())).write_text(text, encoding="ascii")
    try:
        subprocess.run(["true"], preexec_fn=lambda: _enter(folder, libcurl.folder), check=True)
    except subprocess.SubprocessError as error:
        raise kit.Skip("a process may not have mounts of its own here") from error
    return lambda: _enter(folder, libcurl.folder)


def _run(prepare, *options):
    with kit.front(kit.certificate()) as front:
        run = kit.run_client(front.base, kit.images(1), *options, prepare=prepare)
    return run, front


def _refused(prepare, *options):
    run, front = _run(prepare, *options)
    run.failed("E_TLS", "^create: ", "local issuer certificate|self-signed|verification failed")
    assert front.seen() == [], front.seen()


def _trusted(prepare, *options):
    run, _ = _run(prepare, *options)
    run.succeeded(1)


def a_file_of_the_host_is_trusted_and_no_directory():
    _refused(_system(hashed=[kit.test_authority().file]), "--ca-file", _other())


def a_text_of_the_host_is_trusted_and_no_directory():
    _refused(_system(hashed=[kit.test_authority().file]), "--ca-pem", _other())


def certificates_of_the_host_are_trusted_and_no_bundle():
    _refused(_system(bundled=[kit.test_authority().file]), "--ca-file", _other())
    _refused(_system(bundled=[kit.test_authority().file]), "--ca-pem", _other())


def the_bundle_of_the_system_is_trusted():
    _trusted(_system(bundled=[_other(), kit.test_authority().file]))


def _need_optional_bundle():
    if _libcurl().number >= 0x081100 and _libcurl().bundle:
        raise kit.Skip("libcurl 8.17 and later cannot do without the bundle that they were built with")


def the_directory_of_the_system_counts_where_there_is_no_bundle():
    _need_optional_bundle()
    _trusted(_system(hashed=[kit.test_authority().file]))


def the_directory_of_the_system_is_not_used_beside_its_bundle():
    if _libcurl().number >= 0x081100:
        raise kit.Skip("libcurl 8.17 and later use the directory that they were built with in any case")
    _refused(_system(hashed=[kit.test_authority().file], bundled=[_other()]))


def certificates_of_the_host_count_where_the_system_has_none():
    nothing = _system()
    _trusted(nothing, "--ca-file", kit.test_authority().file)
    _trusted(nothing, "--ca-pem", kit.test_authority().file)
    _need_optional_bundle()
    _refused(nothing)


def _resumed(protocols):
    """Each request uses a new connection, and only the first one has a full handshake."""
    with kit.front(kit.certificate(), protocols=protocols, http2=False,
                   more="keepalive_timeout 0; ssl_session_cache shared:sessions:1m;") as front:
        run = kit.run_client(front.base, kit.images(3), "--ca-file", kit.test_authority().file, "--in-turn")
    run.succeeded(3)
    api = {line[6]: line[7] for line in front.seen() if line[3] == str(front.api_port)}
    storage = {line[6]: line[7] for line in front.seen() if line[3] == str(front.storage_port)}
    assert len(api) >= 12 and len(storage) == 3, front.seen()
    for connections in (api, storage):
        assert list(connections.values()).count("resumed=.") == 1, connections


def sessions_of_tls_1_2_are_resumed():
    _resumed("TLSv1.2")


def sessions_of_tls_1_3_are_resumed():
    if b"GnuTLS" in _libcurl().tls:
        raise kit.Skip("libcurl with GnuTLS takes the session before the server has sent its tickets")
    _resumed("TLSv1.3")


class _TlsRelay(Relay):
    """A relay with TLS 1.2, whose session exists as soon as the handshake is complete."""

    def __init__(self, script):
        super().__init__(script)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.context.load_cert_chain(*kit.certificate())
        self.api, self.storage = (url.replace("http:", "https:") for url in (self.api, self.storage))

    def serve(self, connection, index):
        try:
            secure = self.context.wrap_socket(connection, server_side=True)
        except OSError:
            return
        super().serve(secure, index)

    def guard(self, turn):
        """OpenSSL does not resume the session of a connection that was closed without a close_notify alert."""
        end = super().guard(turn)
        if end == CLOSE:
            with contextlib.suppress(OSError):
                turn.connection.unwrap()
        return end


def a_session_is_resumed_by_another_transfer_than_the_one_that_made_it():
    done, first, second = threading.Event(), threading.Event(), threading.Event()
    resumed = []

    def script(turn):
        if turn.route == "create" and turn.nth == 2:
            done.wait(kit.SECONDS)  # the client sends two images at once only after the first was uploaded
        if turn.route == "create" and turn.nth == 3:
            first.wait(kit.SECONDS)  # the third upload starts when the second has its session ...
        if turn.route == "upload":
            resumed.append(turn.connection.session_reused)
            (done, first, second)[turn.nth - 1].set()
            if turn.nth > 1:
                second.wait(kit.SECONDS)  # ... and while its connection is still open
        turn.send(turn.forward().plain(("Connection", "close")))
        return CLOSE

    with _TlsRelay(script) as relay, kit.service(api=relay.api, storage=relay.storage) as running:
        relay.start(running)
        run = kit.run_client(relay.api + "/v1", kit.images(3), "--ca-file", kit.test_authority().file)
    assert not relay.errors, relay.errors
    run.succeeded(3)
    assert len(resumed) == 3 and resumed[2], resumed


if __name__ == "__main__":
    sys.exit(kit.keep_promises(globals()))
