# SPDX-License-Identifier: MIT
"""Checks that all files agree on the version of the project: check_versions.py SOURCE_ROOT VERSION

Promises: a file without a version fails, and so do different dates in the changelogs of the project and of the Debian
packages.
"""
import email.utils
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'abi'))

import checks  # noqa: E402

# File, and a pattern whose first group is the version.
PLACES = (
    ('doc/packaging/debian/changelog', r'^libanimaldetect \(([\d.]+)-\d+\)'),
    ('examples/cpp/CHANGELOG.md', r'\A[^#]*#[^#]*## ([\d.]+)'),
    ('examples/go/CHANGELOG.md', r'\A[^#]*#[^#]*## ([\d.]+)'),
    ('examples/node/CHANGELOG.md', r'\A[^#]*#[^#]*## ([\d.]+)'),
    ('examples/node/package.json', r'^  "version": "([\d.]+)"'),
    ('examples/python/CHANGELOG.md', r'\A[^#]*#[^#]*## ([\d.]+)'),
    ('examples/python/animaldetect/__init__.py', r'^__version__ = "([\d.]+)"'),
    ('examples/python/pyproject.toml', r'^version = "([\d.]+)"'),
    ('examples/rust/Cargo.lock', r'^name = "animaldetect(?:-sys)?"\nversion = "([\d.]+)"'),
    ('examples/rust/animaldetect-sys/CHANGELOG.md', r'\A[^#]*#[^#]*## ([\d.]+)'),
    ('examples/rust/animaldetect-sys/Cargo.toml', r'^version = "([\d.]+)"'),
    ('examples/rust/animaldetect/CHANGELOG.md', r'\A[^#]*#[^#]*## ([\d.]+)'),
    ('examples/rust/animaldetect/Cargo.toml', r'^(?:animaldetect-sys = \{ )?version = "=?([\d.]+)"'),
)
SECTION = re.compile(r'^## \[(.*)\](?: - (\d{4}-\d\d-\d\d))?$', re.M)


def faults_of_places(root, version):
    for name, pattern in PLACES:
        found = re.findall(pattern, (root / name).read_text(encoding='utf-8'), re.M)
        if not found or set(found) != {version}:
            yield f'{name}: {found or "no version is found"}'


def faults_of_changelog(root, version):
    """A version in development is "[Unreleased]"; a released one has a date and no "[Unreleased]" above it."""
    name, date = SECTION.search((root / 'CHANGELOG.md').read_text(encoding='utf-8')).groups()
    if name == 'Unreleased':
        return
    if name != version:
        yield f'the first section is {name}'
    packaged = re.search(r'^ -- .*>  (.*)$', (root / 'doc/packaging/debian/changelog').read_text(encoding='utf-8'), re.M)[1]
    if email.utils.parsedate_to_datetime(packaged).date().isoformat() != date:
        yield f'{name} is of {date}, its Debian packages are of {packaged}'


def main():
    root, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    run = checks.Checks()
    run.check(f'{len(PLACES)} places have the version {version}', faults_of_places(root, version))
    run.check('so has the changelog', faults_of_changelog(root, version))
    return run.finish()


if __name__ == '__main__':
    sys.exit(main())
