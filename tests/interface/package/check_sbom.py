# SPDX-License-Identifier: MIT
"""Checks the bill of materials of a build: check_sbom.py SBOM MAKE_SBOM BINARY...

A BINARY is "NAME=FILE" for each built component. Promises: the document conforms to CycloneDX 1.5; each component lists
exactly the libraries that its file links, in the version that pkg-config reports; the same build gives the same bytes.
It must never need the network: the rules of the parts of the format that the document uses are below.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'abi'))

import checks  # noqa: E402

SERIAL = re.compile(r'urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ')
TYPES = {'application', 'framework', 'library', 'container', 'platform', 'operating-system', 'device', 'device-driver',
         'firmware', 'file', 'machine-learning-model', 'data'}
LICENSES = {'BSD-3-Clause', 'ISC', 'LGPL-2.1-or-later', 'MIT', 'blessing', 'curl'}
TOP = {'$schema', 'bomFormat', 'specVersion', 'serialNumber', 'version', 'metadata', 'components', 'dependencies'}
METADATA = {'timestamp', 'lifecycles', 'authors', 'component'}
COMPONENT = {'type', 'bom-ref', 'name', 'version', 'licenses', 'purl'}
OF_THE_SYSTEM = re.compile(r'lib(c|m|pthread|dl|rt|gcc_s|gcov|asan|ubsan|tsan)\.so|ld-')
EPOCH = '1764244800'


def components(bom):
    return [bom['metadata']['component'], *bom['components']]


def faults_of_form(bom):
    if set(bom) != TOP or not set(bom['metadata']) <= METADATA:
        yield f'members are {sorted(bom)} and {sorted(bom["metadata"])}'
    if (bom['bomFormat'], bom['specVersion'], bom['version']) != ('CycloneDX', '1.5', 1):
        yield 'format or version of the format'
    if not SERIAL.fullmatch(bom['serialNumber']):
        yield f'serial number {bom["serialNumber"]}'
    if 'timestamp' in bom['metadata'] and not TIME.fullmatch(bom['metadata']['timestamp']):
        yield f'time stamp {bom["metadata"]["timestamp"]}'
    for one in components(bom):
        if not set(one) <= COMPONENT or not {'type', 'bom-ref', 'name', 'version', 'purl'} <= set(one):
            yield f'{one.get("name")}: members are {sorted(one)}'
        if one['type'] not in TYPES:
            yield f'{one["name"]}: type {one["type"]}'
        if one['purl'] != f'pkg:generic/{one["name"]}@{one["version"]}':
            yield f'{one["name"]}: package URL {one["purl"]}'


def faults_of_licenses(bom):
    for one in components(bom):
        if [list(license) for license in one.get('licenses', [])] != [['license']] or \
                one['licenses'][0]['license'].get('id') not in LICENSES:
            yield f'{one["name"]}: {one.get("licenses")}'


def faults_of_graph(bom):
    names = [one['bom-ref'] for one in components(bom)]
    if len(set(names)) != len(names):
        yield 'a bom-ref is there twice'
    rows = {row['ref']: row['dependsOn'] for row in bom['dependencies']}
    if sorted(rows) != sorted(names) or len(rows) != len(bom['dependencies']):
        yield 'not each component has one row of dependencies'
    for name, links in rows.items():
        if len(set(links)) != len(links):
            yield f'{name}: a dependency is there twice'
        yield from (f'{name}: {link} is no component' for link in links if link not in names)


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needed(file):
    """The libraries that the dynamic linker loads for a file: "curl" for libcurl.so.4."""
    names = re.findall(r'\(NEEDED\).*\[(.*)\]', said('readelf', '-dW', file))
    return {re.sub(r'^lib(.*)\.so.*', r'\1', name) for name in names if not OF_THE_SYSTEM.match(name)}


def linker_name(one, own):
    """The name after -l for one of our own libraries or for a pkg-config package."""
    if one['name'] in own:
        return {one['name'].removeprefix('lib')}
    return {flag[2:] for flag in said('pkg-config', '--libs-only-l', one['name']).split()} - {'m', 'pthread'}


def faults_of_links(bom, binaries):
    by_ref = {one['bom-ref']: one for one in components(bom)}
    rows = {by_ref[row['ref']]['name']: row['dependsOn'] for row in bom['dependencies']}
    for name, file in binaries.items():
        listed = set().union(*(linker_name(by_ref[link], binaries) for link in rows.get(name, [])))
        if listed != needed(file):
            yield f'{name}: links {sorted(needed(file))}, lists {sorted(listed)}'
    yield from (f'{name}: is no part of the build' for name, links in rows.items() if links and name not in binaries)


def faults_of_versions(bom, binaries):
    for one in components(bom):
        if one['name'] in binaries:
            known = bom['metadata']['component']['version']
        else:
            known = said('pkg-config', '--modversion', one['name']).strip()
        if one['version'] != known:
            yield f'{one["name"]}: {one["version"]}, not {known}'


def made(script, epoch, *parts):
    environment = {name: value for name, value in os.environ.items() if name != 'SOURCE_DATE_EPOCH'}
    if epoch:
        environment['SOURCE_DATE_EPOCH'] = epoch
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / 'bom.json'
        subprocess.run([sys.executable, '-B', script, output, '1.2.3', *parts], check=True, env=environment)
        return output.read_text(encoding='utf-8')


def faults_of_making(script):
    parts = ('one:library:libcurl@8.0,strange@1', 'two:application:one')
    text = made(script, None, *parts)
    bom, dated = json.loads(text), json.loads(made(script, EPOCH, *parts))
    if text != made(script, None, *parts):
        yield 'the same arguments give other bytes'
    if 'timestamp' in bom['metadata']:
        yield 'there is a time stamp without SOURCE_DATE_EPOCH'
    if dated['metadata'].get('timestamp') != '2025-11-27T12:00:00Z':
        yield f'the time stamp of {EPOCH} is {dated["metadata"].get("timestamp")}'
    if dated['serialNumber'] == bom['serialNumber']:
        yield 'two bills have the same serial number'
    if list(faults_of_form(bom)) + list(faults_of_graph(bom)):
        yield 'its form'
    if list(faults_of_licenses(bom)) != ['strange: None']:
        yield 'an unknown library has a license'


def main():
    bom = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding='utf-8'))
    binaries = dict(argument.split('=', 1) for argument in sys.argv[3:])
    run = checks.Checks()
    run.check('the bill of materials has the form that CycloneDX 1.5 requires', faults_of_form(bom))
    run.check('each component has a license', faults_of_licenses(bom))
    run.check('each component has one row of dependencies, and each dependency is a component', faults_of_graph(bom))
    run.check(f'it lists what the {len(binaries)} parts of the build link, and nothing else',
              faults_of_links(bom, binaries))
    run.check('the versions are those that pkg-config knows', faults_of_versions(bom, binaries))
    run.check('it is reproducible, and its only time is SOURCE_DATE_EPOCH', faults_of_making(sys.argv[2]))
    return run.finish()


if __name__ == '__main__':
    sys.exit(main())
