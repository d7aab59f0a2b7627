# SPDX-License-Identifier: MIT
"""A memory card: an exFAT file system in a file, mounted through FUSE while `mounted`.

Skips if exFAT through FUSE is not installed or cannot be mounted. Promises: the card is mounted in a private mount
namespace of the test (see `enter`), its loop device is detached right after mounting (the kernel frees it with the
mount), and both are gone when the test exits, also after a crash.
"""
import contextlib
import os
import shutil
import subprocess
import sys

from .checks import Skip
from .emulator import end_with_parent

INSIDE = "AD_IN_NAMESPACE"
SECONDS = 10


def enter():
    """Restarts the program in its own mount namespace, if permitted."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if INSIDE in os.environ:
        return
    inside = ["unshare", "--mount", "--propagation", "private"]
    if shutil.which("unshare") and subprocess.run([*inside, "true"], stderr=subprocess.DEVNULL,
                                                  check=False).returncode == 0:
        os.environ[INSIDE] = "yes"
        os.execvp("unshare", [*inside, sys.executable, "-B", *sys.argv])


def _tell(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


def _must(*command):
    done = _tell(*command)
    if done.returncode != 0:
        raise Skip(f"{command[0]}: {done.stderr.strip() or done.returncode}")
    return done.stdout.strip()


class ExfatCard:
    """`folder` is the mount point; `image` is the file that contains the file system."""

    def __init__(self, image, folder, size=16 << 20):
        for program in ("mkfs.exfat", "mount.exfat-fuse", "losetup", "umount"):
            if not shutil.which(program):
                raise Skip(f"{program} is not installed")
        if INSIDE not in os.environ:
            raise Skip("no mount namespace of its own may be made here")
        self.image, self.folder = image, folder
        self.folder.mkdir(exist_ok=True)
        with open(self.image, "wb") as file:
            file.truncate(size)
        _must("mkfs.exfat", self.image)

    @contextlib.contextmanager
    def mounted(self):
        """Yields the driver's process; killing it simulates pulling the card out."""
        device = _must("losetup", "--find", "--show", self.image)
        try:
            driver = subprocess.Popen(["mount.exfat-fuse", "-d", device, self.folder], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, text=True, preexec_fn=end_with_parent)
            # Each line of the driver's log is a request from the kernel: the first one arrives with the mount.
            first = driver.stderr.readline()
            while first and "INIT" not in first and not os.path.ismount(self.folder):
                first = driver.stderr.readline()
        finally:
            _tell("losetup", "--detach", device)  # takes effect at once, or when the card is unmounted
        drain = subprocess.Popen(["cat"], stdin=driver.stderr, stdout=subprocess.DEVNULL, preexec_fn=end_with_parent)
        try:
            if not first or not os.path.ismount(self.folder):
                raise Skip("exFAT through FUSE cannot be mounted here")
            yield driver
        finally:
            self.unmount()
            driver.kill()
            driver.wait(SECONDS)
            drain.wait(SECONDS)

    def unmount(self):
        """Unmounts lazily: open files remain usable."""
        _tell("umount", "--lazy", self.folder)
