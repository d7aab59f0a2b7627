# SPDX-License-Identifier: MIT
"""A memory card: an exFAT file system in a file, mounted through FUSE while `mounted`.

Skips where there is no exFAT through FUSE, or where it may not be mounted. Promises: the card is mounted in a mount
namespace of the test alone (`enter` makes it), its loop device is given back as soon as it is mounted (the kernel
frees it with the mount), and both end with the test, however that ends.
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
    """Starts the program again in a mount namespace of its own, if one may be made."""
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
    """`folder` is where it is mounted; `image` is the file that holds it."""

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
        """Yields the driver's process; who kills it pulls the card out."""
        device = _must("losetup", "--find", "--show", self.image)
        try:
            driver = subprocess.Popen(["mount.exfat-fuse", "-d", device, self.folder], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, text=True, preexec_fn=end_with_parent)
            # Each line of the driver's log is a request of the kernel: the first one comes with the mount.
            first = driver.stderr.readline()
            while first and "INIT" not in first and not os.path.ismount(self.folder):
                first = driver.stderr.readline()
        finally:
            _tell("losetup", "--detach", device)  # at once if it is not mounted, else with the mount
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
        """Lazily: who has a file of it open keeps it."""
        _tell("umount", "--lazy", self.folder)
