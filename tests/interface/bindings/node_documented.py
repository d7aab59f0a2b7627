# SPDX-License-Identifier: MIT
"""Finds names in a package's TypeScript declarations that have no comment: editors show these declarations."""
import re

DECLARATION = re.compile(r"^(?:  (?:static |readonly )*(?P<member>\w+)\??[(:<]|export (?:declare )?(?:class|interface|type|const|function) "
                         r"(?P<name>\w+))")
# A signature may continue on the next lines; names between the braces of a literal are the constants.
INSIDE = re.compile(r"^export (?:class|interface)")


def undocumented(text):
    """The declarations without a comment before them."""
    before, inside, seen = "", False, set() # a value and its type share a name and a comment
    for line in text.splitlines():
        inside = line != "}" and (inside or bool(INSIDE.match(line)) and not line.endswith("{}"))
        found = DECLARATION.match(line)
        if found and (found["name"] or inside) and not before.endswith("*/") and found["member"] != "constructor":
            if found["name"] not in seen:
                yield found["name"] or found["member"]
        seen.add(found and found["name"])
        before = line.rstrip()
