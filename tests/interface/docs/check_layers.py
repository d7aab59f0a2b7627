#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the dependencies between the folders and files of lib/: fails on an arrow that points up and on a cycle.

usage: check_layers.py SOURCE_ROOT ARCHIVE...

An arrow A -> B is a symbol that the object file of A needs and B defines (nm), or a header of B that A includes.  The
tables below list the allowed dependencies between folders and the levels of the engine.  Cycles are detected between
all files of lib/, by symbol: a header may name a struct of a file above, but no file may call one above.
With --graph, also prints the arrows between the folders.
"""
import collections
import pathlib
import re
import subprocess
import sys

# The folders that each folder may use, besides itself and its subfolders.
MAY_USE = {
    'api': {'engine', 'protocol', 'transport', 'transport/curl', 'transport/custom', 'transport/reactor', 'base'},
    'engine': {'protocol', 'transport', 'transport/reactor', 'base'},
    'protocol': {'base'},
    'transport': {'transport/reactor', 'base'},
    'transport/curl': {'transport', 'transport/reactor', 'base'},
    'transport/custom': {'transport', 'transport/reactor', 'base'},
    'transport/reactor': {'transport', 'base'},
    'base': set(),
    'testing/service': {'base'},
    'testing/mock': {'testing/service'},
    'testing/emulator': {'testing/service'},
}
PUBLIC_ONLY = {'testing/mock'}  # uses the library like its users
# Levels of the engine: a file may use its own level and those after it.
ENGINE_LEVELS = [{'iteration'}, {'deliver', 'wake', 'prepare', 'admit'}, {'call'}, {'exchange'}]
# Headers of other projects, and the only places that may include them.
ONLY_IN = {
    'curl/curl.h': re.compile(r'^(transport/curl/|base/origin\.c$)'),
    'jansson.h': re.compile(r'^(api|engine|protocol|testing)/'),
    'microhttpd.h': re.compile(r'^testing/emulator/'),
}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)


def folder_of(path):
    return path.rsplit('/', 1)[0]


def sources(root):
    lib = root / 'lib'
    return sorted(path.relative_to(lib).as_posix() for path in lib.rglob('*') if path.suffix in ('.c', '.h'))


def file_of(member, files):
    """The source of an object in the archive: meson replaces '/' by '_' in its path below the target's folder."""
    parts = member.split('/')
    lib = max((number for number, part in enumerate(parts) if part == 'lib'), default=-1)
    name = parts[-1].removesuffix('.o')
    for folder in ('/'.join(parts[lib + 1:-2]), ''):
        for file in files:
            below = file.removeprefix(folder + '/') if folder else file
            if file.startswith(folder) and below.replace('/', '_') == name:
                return file
    return None


def symbols(archives, files):
    """The symbols that each file defines and needs."""
    defined, needed, known = {}, collections.defaultdict(set), {}
    for archive in archives:
        text = subprocess.run(['nm', '-A', '-g', archive], capture_output=True, text=True, check=True).stdout
        for line in text.splitlines():
            match = re.match(r'(.*\.o):\s*[0-9a-fA-F]*\s+(\w) (\S+)$', line)
            if not match:
                continue
            member = match.group(1).rsplit(':', 1)[-1]
            if member not in known:
                known[member] = file_of(member, files)
            if known[member] is None:
                continue
            if match.group(2) == 'U':
                needed[known[member]].add(match.group(3))
            else:
                defined[match.group(3)] = known[member]
    return defined, needed


def arrows_by_symbol(defined, needed):
    arrows = collections.defaultdict(set)
    for file, names in needed.items():
        for name in names:
            if defined.get(name, file) != file:
                arrows[file, defined[name]].add(name)
    return arrows


def arrows_by_include(root, files):
    """Arrows to headers of lib/ and to headers of other projects."""
    arrows, foreign = collections.defaultdict(set), []
    for file in files:
        for name in INCLUDE.findall((root / 'lib' / file).read_text(encoding='utf-8')):
            beside = f'{folder_of(file)}/{name}'
            if name in files:
                arrows[file, name].add(name)
            elif beside in files:
                arrows[file, beside].add(name)
            elif name in ONLY_IN:
                foreign.append((file, name))
    return arrows, foreign


def level_of(file):
    stem = file.rsplit('/', 1)[-1].rsplit('.', 1)[0]
    return next((number for number, names in enumerate(ENGINE_LEVELS) if stem in names), None)


def points_up(user, used, names):
    here, there = folder_of(user), folder_of(used)
    if here in PUBLIC_ONLY and there == 'api' and all(name.startswith('animaldetect_') for name in names):
        return False
    if here == there:
        return here == 'engine' and None not in (level_of(user), level_of(used)) and level_of(used) < level_of(user)
    return there not in MAY_USE.get(here, set()) and not there.startswith(here + '/')


def cycles(arrows):
    """Strongly connected components (Tarjan's algorithm): groups of files that depend on each other."""
    graph = collections.defaultdict(set)
    for user, used in arrows:
        graph[user].add(used)
    index, low, stack, found, counter = {}, {}, [], [], [0]

    def visit(node):
        work = [(node, iter(sorted(graph[node])))]
        index[node] = low[node] = counter[0]
        counter[0] += 1
        stack.append(node)
        while work:
            top, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = counter[0]
                    counter[0] += 1
                    stack.append(other)
                    work.append((other, iter(sorted(graph[other]))))
                    break
                if other in stack:
                    low[top] = min(low[top], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[top])
                if low[top] == index[top]:
                    group = stack[stack.index(top):]
                    del stack[stack.index(top):]
                    if len(group) > 1:
                        found.append(sorted(group))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def print_graph(arrows):
    between = collections.Counter()
    for (user, used), names in arrows.items():
        if folder_of(user) != folder_of(used):
            between[folder_of(user), folder_of(used)] += len(names)
    for (user, used), count in sorted(between.items()):
        print(f'  {user} -> {used}: {count}')


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != '--graph']
    root = pathlib.Path(arguments[0])
    files = sources(root)
    defined, needed = symbols(arguments[1:], files)
    if not defined:
        print('skip: nm reads no symbols of these objects (link-time optimization)')
        return 77
    called = arrows_by_symbol(defined, needed)
    included, foreign = arrows_by_include(root, files)
    wrong = []
    for kind, arrows in (('uses', called), ('includes', included)):
        wrong += [f'{user} {kind} {used}: {", ".join(sorted(names))}' for (user, used), names in sorted(arrows.items())
                  if points_up(user, used, names)]
    upward = len(wrong)
    wrong += [f'{file} includes <{name}>' for file, name in foreign if not ONLY_IN[name].search(file)]
    circles = cycles(called)
    wrong += [f'these files need each other: {", ".join(group)}' for group in circles]
    for line in wrong:
        print('not ok', line)
    if '--graph' in sys.argv:
        print_graph(called)
    print(f'{"not ok" if wrong else "ok"} {len(files)} files, {len(called)} arrows by symbol, {len(included)} by '
          f'include: {upward} upward, {len(circles)} cycles')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
