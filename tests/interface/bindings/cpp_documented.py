# SPDX-License-Identifier: MIT
"""Finds public functions of a C++ header that have no comment before them or at the end of their line. An overload
shares the comment of the first function of its name; the title of a group does not count."""
import re

CLASS = re.compile(r"^(?:template <.*> )?(?:class|struct) (?P<name>\w+)")
FUNCTION = re.compile(r"^    (?! )(?:\[\[nodiscard\]\] |static |inline |explicit )*[\w:<>,\[\] ]+[ &*]+(?P<name>[a-z]\w*)\(")


def undocumented(text):
    """The names of functions without a comment, such as "Job::file"."""
    current, public, seen, before = None, False, set(), ""
    for line in text.splitlines():
        opened = CLASS.match(line)
        if opened and not line.endswith(";"):
            current, public = opened["name"], line.startswith("struct")
        elif line == "};":
            current = None
        elif line in ("public:", "private:", "protected:"):
            public = line == "public:"
        function = current and public and FUNCTION.match(line)
        if function and not line.lstrip().startswith(("return", "using", "friend")):
            name = f"{current}::{function['name']}"
            comment = before.lstrip().startswith("//") and not before.lstrip().startswith("// ----")
            if not comment and "//" not in line and name not in seen:
                yield name
            seen.add(name)
        before = line
