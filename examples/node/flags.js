// SPDX-License-Identifier: MIT
// For binding.gyp: where the library is. ANIMALDETECT_FLAGS says it, or pkg-config; with ANIMALDETECT_STATIC=1 the archive
// is linked into the addon.
'use strict';

const { execFileSync, spawnSync } = require('node:child_process');

const program = process.env.PKG_CONFIG || 'pkg-config';
const isStatic = process.env.ANIMALDETECT_STATIC === '1';

function pkgConfig(...words) {
  return execFileSync(program, words, { encoding: 'utf8' }).trim().split(/\s+/).filter(Boolean);
}

/** A library outside the loader's path is found at run time where it was found now. */
const libraries = (name) => [...pkgConfig('--libs', name), `-Wl,-rpath,${pkgConfig('--variable=libdir', name)}`];

/** Of the flags that the user gave those of one kind. */
function given(kind) {
  const words = process.env.ANIMALDETECT_FLAGS.split(/\s+/).filter(Boolean);
  return words.filter((word) => word.startsWith('-I') === (kind === 'cflags'));
}

function flags(kind) {
  if (process.env.ANIMALDETECT_FLAGS) return given(kind);
  const name = isStatic ? 'animaldetect-static' : 'animaldetect';
  if (kind === 'cflags') return pkgConfig('--cflags', name);
  return isStatic ? pkgConfig('--libs', name) : libraries(name);
}

// Beside an addon that carries the archive there would be two libraries, so there is no mock then.
const hasMock = () => !isStatic && spawnSync(program, ['--exists', 'animaldetect-mock']).status === 0;

const kinds = {
  cflags: () => flags('cflags'),
  libs: () => flags('libs'),
  mock: () => [hasMock() ? 'yes' : 'no'],
  mock_cflags: () => pkgConfig('--cflags', 'animaldetect-mock'),
  mock_libs: () => libraries('animaldetect-mock'),
};

console.log(kinds[process.argv[2]]().join('\n'));
