#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the crate animaldetect-sys from the C headers: types, values, functions, each with the headers' first sentences.

    rust_declarations.py [--write]    without it: an error when the file is not what the headers say
"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "lib" / "abi"))

import comments  # noqa: E402
import header  # noqa: E402

FILE = ROOT / "examples" / "rust" / "animaldetect-sys" / "src" / "lib.rs"
PUBLIC = ROOT / "include" / "animaldetect"
MOCK = ROOT / "lib" / "testing" / "mock" / "include" / "animaldetect"
WORDS = {"int32_t": "i32", "int64_t": "i64", "uint64_t": "u64", "size_t": "usize", "double": "f64", "void": "c_void",
         "char": "c_char", "uint8_t": "u8"}
KEYWORDS = {"type", "match", "in", "ref", "use", "move", "where"}
HEAD = '''// SPDX-License-Identifier: MIT
//! The C interface of libanimaldetect as it stands in its headers, made from them by
//! `tests/interface/bindings/rust_declarations.py`. The reference of the library says all of each function: ownership,
//! lifetimes, threads, statuses. Crate `animaldetect` is the safe interface.
#![deny(missing_docs)]
#![cfg_attr(rustfmt, rustfmt_skip)]

use std::os::raw::{c_char, c_void};
'''


def headers(folder):
    """In the order in which a reader finds them; version.h is made by the build, from version.h.in."""
    order = ["status.h", "types.h", "client.h", "control.h", "permits.h", "job.h", "job_input.h", "job_info.h", "loop.h", "result.h",
             "log.h", "statistics.h", "transport.h", "exchange.h", "version.h.in", "mock.h", "mock_record.h"]
    files = [path for path in folder.iterdir() if path.name.endswith((".h", ".h.in"))]
    return sorted(files, key=lambda path: (order.index(path.name) if path.name in order else len(order), path.name))


def camel(name):
    return "".join(part.capitalize() for part in name.removeprefix("animaldetect_").split("_"))


def rust_type(kind, types):
    """A parameter's or a result's type."""
    words = re.findall(r"const|\w+|\*", kind)
    base = next(word for word in words if word not in ("const", "*", "struct"))
    stars = words.count("*")
    name = WORDS.get(base) or camel(base)
    if base in types and "(*" in types[base]:
        return f"Option<{name}>"
    for level in range(stars):
        name = ("*const " if level == 0 and words[0] == "const" else "*mut ") + name
    return "" if name == "c_void" else name


def sentences(text):
    """What a comment says first, up to a blank line; without the marks of C."""
    first = re.split(r"\n\s*\n|\n\s*@|\n\s*-\s", text.strip())[0]
    plain = " ".join(first.split()).replace("[", "\\[").replace("<", "\\<")
    return re.sub(r"\bhttps?://[^\s\"),;]*[\w/]", r"<\g<0>>", plain)


def doc(text, indent=""):
    lines, line = [], ""
    for word in text.split():
        if line and len(indent) + 4 + len(line) + 1 + len(word) > 118:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    return "".join(f"{indent}/// {one}\n" for one in [*lines, line])


def comment_before(text, at, name):
    before = text[:at].rstrip()
    assert before.endswith("*/"), f"{name} has no comment"
    return header.clean_comment(before[before.rindex("/**") + 3:-2])


def callbacks(files, types):
    out = ""
    for file in files:
        text = file.read_text()
        for match in re.finditer(r"typedef ([\w ]+?[ *]+)\(\*(\w+)\) ?\(([^()]*)\);", text):
            returns, name, given = match[1].strip(), match[2], match[3]
            parameters = []
            for part in given.split(","):
                kind, word = re.fullmatch(r"(.*?[ *])(\w+)", " ".join(part.split())).groups()
                parameters.append(f"{word}: {rust_type(kind.strip(), types)}")
            back = rust_type(returns, types)
            out += doc(sentences(comment_before(text, match.start(), name)))
            out += f"pub type {camel(name)} = unsafe extern \"C\" fn({', '.join(parameters)}){f' -> {back}' if back else ''};\n"
    return out


def opaque(files):
    out = ""
    for file in files:
        text = file.read_text()
        for match in re.finditer(r"typedef struct (\w+) \1;", text):
            out += doc(sentences(comment_before(text, match.start(), match[1])))
            out += f"#[repr(C)]\npub struct {camel(match[1])} {{\n    _private: [u8; 0],\n}}\n"
    return out


def constants(files):
    out = ""
    for file in files:
        text = file.read_text()
        for match in header.DEFINE.finditer(text):
            words = re.search(r"/\*\*<?(.*?)\*/", text[:match.start()].splitlines()[-1]) or \
                re.search(r"/\*\*<(.*?)\*/", text[match.end():].split("\n", 1)[0])
            out += doc(sentences(words[1]) if words else "An operation.")
            out += f"pub const {match[1]}: &str = {match[2]};\n"
        for enum in header.ENUM.finditer(text):
            for match in re.finditer(r"(?:/\*\*(?!<)(?P<before>(?:(?!\*/).)*)\*/\s*)?(?P<name>ANIMALDETECT_\w+) = "
                                     r"(?P<value>-?\d+),?(?:\s*/\*\*<(?P<after>(?:(?!\*/).)*)\*/)?", enum["body"], re.S):
                words = header.clean_comment(match["before"] or match["after"] or "")
                assert words, f"{match['name']} has no comment"
                out += doc(sentences(words)) + f"pub const {match['name']}: i32 = {match['value']};\n"
    return out


def functions(files, types, indent=""):
    out = ""
    for file in files:
        for _, function in header.declarations(file.name, file.read_text()):
            purpose, _ = comments.full(function)
            given = [f"{name + '_' if name in KEYWORDS else name}: {rust_type(kind, types)}"
                     for kind, name in function.parameters]
            back = rust_type(function.returns, types)
            back = f" -> {back}" if back else ""
            line = f"{indent}    pub fn {function.name}({', '.join(given)}){back};"
            if len(line) > 120:
                inside = "".join(f"{indent}        {one},\n" for one in given)
                line = f"{indent}    pub fn {function.name}(\n{inside}{indent}    ){back};"
            out += doc(sentences(purpose), indent + "    ") + line + "\n"
    return f'{indent}extern "C" {{\n{out}{indent}}}\n'


def wanted():
    public, mock = headers(PUBLIC), headers(MOCK)
    types = header.types([PUBLIC, MOCK])
    text = HEAD + "\n" + opaque(public) + "\n" + callbacks(public, types) + "\n" + constants(public) + "\n"
    text += functions(public, types)
    inner = "".join(f"    {line}\n" if line else "\n" for line in ("use crate::*;\n\n" + opaque(mock)).splitlines())
    text += "\n/// The service in memory, libanimaldetect-mock: for tests of programs that use the library.\n"
    text += '#[cfg(feature = "mock")]\npub mod mock {\n' + inner + "\n" + functions(mock, types, "    ") + "}\n"
    return text


def main():
    text = wanted()
    if "--write" in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != text:
        print(f"{FILE.relative_to(ROOT)} is not what the headers say: {pathlib.Path(__file__).name} --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
