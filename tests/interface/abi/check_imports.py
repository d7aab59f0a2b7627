#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks which functions of the C library the library's object files refer to.

    check_imports.py ARCHIVE [nm]

One file reads the environment. No function depends on the locale, the time zone or the size of time_t, none exits the
program or prints, and only the clock files read the clocks.
"""
import collections
import re
import subprocess
import sys

# function -> the files that may refer to it
ONLY = {
    "getenv": {"environment"},
    "clock_gettime": {"time"},
    "time": {"time"},
    "pthread_cond_timedwait": {"cond"},
    "pthread_condattr_setclock": {"cond"},
    "strtod": {"json_plain"},  # only for digits and an exponent, without a decimal point: independent of the locale
}
NEVER = {
    "the environment": "secure_getenv setenv putenv unsetenv environ",
    "the locale": "setlocale localeconv newlocale uselocale strcasecmp strncasecmp strcasestr strcoll strtof "
                  "strtold atof isalpha isdigit isalnum isspace isupper islower isprint ispunct isxdigit tolower toupper "
                  "__ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc mbstowcs wcstombs strftime sscanf __isoc99_sscanf",
    "time_t or the time zone": "timegm mktime gmtime gmtime_r localtime localtime_r ctime asctime strptime "
                               "gettimeofday",
    "what is the host's": "exit _exit abort signal sigaction printf puts fputs fprintf perror popen system fork "
                          "curl_global_cleanup json_set_alloc_funcs",
}


def references(archive, nm):
    """function -> the files (without folder and extension) that refer to it."""
    found = collections.defaultdict(set)
    listing = subprocess.run([nm, "-A", "-u", archive], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        where, name = re.fullmatch(r"(.*?):\s+[Uw]\s+(\S+)", line).groups()
        file = re.search(r"([A-Za-z0-9_]+)\.c\.o$", where).group(1)
        # 32-bit systems with a 64-bit time_t use other names: __clock_gettime64
        name = re.sub(r"^__(.*)64$", r"\1", name.split("@")[0])
        found[name].add(re.sub(r"^[a-z]+_(?:curl_|custom_|reactor_)?", "", file, count=1))
    return found


def main():
    found = references(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "nm")
    failed = False
    for name, allowed in ONLY.items():
        extra = found.get(name, set()) - allowed
        failed |= bool(extra)
        print(f"{'not ok' if extra else 'ok'} {name} is used by {', '.join(sorted(allowed))} alone"
              + (f", and not by {', '.join(sorted(extra))}" if extra else ""))
    for what, names in NEVER.items():
        used = [f"{name} by {', '.join(sorted(found[name]))}" for name in names.split() if name in found]
        failed |= bool(used)
        print(f"{'not ok' if used else 'ok'} nothing depends on {what}" + (f": {'; '.join(used)}" if used else ""))
    if "getenv" not in found or len(found) < 50:
        failed = True
        print("not ok these are the library's object files")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
