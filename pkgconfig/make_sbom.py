# SPDX-License-Identifier: MIT
"""Writes the software bill of materials of a build, in CycloneDX 1.5: make_sbom.py OUTPUT VERSION PART...

A PART is "NAME:TYPE:DEPENDENCY,..." for each built component; a DEPENDENCY is the name of another part, or
"PACKAGE@VERSION" for a library that the part links. The document describes the first part.
Promises: the same arguments give the same bytes. The only timestamp is that of SOURCE_DATE_EPOCH, if set.
It must never guess: a library without a line in LICENSES has no license in the document.
"""
import datetime
import json
import os
import sys
import uuid

# SPDX identifiers, by the name of the pkg-config package.
LICENSES = {
    'hiredis': 'BSD-3-Clause',
    'jansson': 'MIT',
    'libcurl': 'curl',
    'libexif': 'LGPL-2.1-or-later',
    'libmicrohttpd': 'LGPL-2.1-or-later',
    'libsodium': 'ISC',
    'sqlite3': 'blessing',
}


def component(name, version, kind, license_id):
    purl = f'pkg:generic/{name}@{version}'
    found = {'type': kind, 'bom-ref': purl, 'name': name, 'version': version}
    if license_id:
        found['licenses'] = [{'license': {'id': license_id}}]
    return {**found, 'purl': purl}


def read_parts(version, texts):
    """The components by the name that dependencies use for them, and the references that each depends on."""
    split = [text.split(':') for text in texts]
    components = {name: component(name, version, kind, 'MIT') for name, kind, _ in split}
    depends = {}
    for name, _, links in split:
        references = set()
        for link in filter(None, links.split(',')):
            package, _, found = link.partition('@')
            if found and link not in components:
                components[link] = component(package, found, 'library', LICENSES.get(package))
            references.add(components[link]['bom-ref'])
        depends[components[name]['bom-ref']] = sorted(references)
    return list(components.values()), depends


def document(version, texts, epoch):
    (root, *others), depends = read_parts(version, texts)
    metadata = {'lifecycles': [{'phase': 'build'}], 'authors': [{'name': 'libanimaldetect contributors'}],
                'component': root}
    if epoch is not None:
        when = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc)
        metadata = {'timestamp': when.strftime('%Y-%m-%dT%H:%M:%SZ'), **metadata}
    body = {
        'metadata': metadata,
        'components': sorted(others, key=lambda one: one['bom-ref']),
        'dependencies': [{'ref': one['bom-ref'], 'dependsOn': depends.get(one['bom-ref'], [])}
                         for one in sorted([root, *others], key=lambda one: one['bom-ref'])],
    }
    # The serial number is derived from the content: the same document keeps it, another one gets another.
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return {'$schema': 'http://cyclonedx.org/schema/bom-1.5.schema.json', 'bomFormat': 'CycloneDX', 'specVersion': '1.5',
            'serialNumber': f'urn:uuid:{serial}', 'version': 1, **body}


if __name__ == '__main__':
    with open(sys.argv[1], 'w', encoding='utf-8') as output:
        json.dump(document(sys.argv[2], sys.argv[3:], os.environ.get('SOURCE_DATE_EPOCH')), output, indent=2)
        output.write('\n')
