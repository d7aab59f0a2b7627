// SPDX-License-Identifier: MIT
// For binding.gyp: where the library is. ANIMALDETECT_FLAGS says it, or pkg-config; with ANIMALDETECT_STATIC=1 the archives
// of the library and of its mock are linked into the addon.
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

const exists = (name) => spawnSync(program, ['--exists', name]).status === 0;

function flags(kind) {
  if (process.env.ANIMALDETECT_FLAGS) return given(kind);
  let name = 'animaldetect';
  if (isStatic) name = carriesMock() ? 'animaldetect-mock-static' : 'animaldetect-static';
  if (kind === 'cflags') return pkgConfig('--cflags', name);
  return isStatic ? pkgConfig('--libs', name) : libraries(name);
}

// Beside an addon that carries the archive an addon for the mock would load a second library.
const hasMock = () => !isStatic && exists('animaldetect-mock');
const carriesMock = () => isStatic && !process.env.ANIMALDETECT_FLAGS && exists('animaldetect-mock-static');
const word = (is) => [is ? 'yes' : 'no'];

const kinds = {
  cflags: () => flags('cflags'),
  libs: () => flags('libs'),
  mock: () => word(hasMock()),
  carries_mock: () => word(carriesMock()),
  mock_cflags: () => pkgConfig('--cflags', 'animaldetect-mock'),
  mock_libs: () => libraries('animaldetect-mock'),
};

console.log(kinds[process.argv[2]]().join('\n'));
