// SPDX-License-Identifier: MIT
// For whoever publishes the package: compiles the addon with the archives of the library and of its mock inside, into
// prebuilds/, where find.js and node-gyp-build look for it. `npm pack` then makes an archive that installs without a compiler
// and without libanimaldetect. It still needs the shared libraries of libcurl, jansson and libsodium, and a libc that is not
// older than the one here.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { prebuilt } = require('./find.js');

const built = path.join(__dirname, 'build', 'Release', 'animaldetect.node');
const file = prebuilt('animaldetect');
const environment = { ...process.env, ANIMALDETECT_STATIC: '1' };

// npm has node-gyp on the path of its scripts: npm run make-prebuild
execFileSync('node-gyp', ['rebuild'], { cwd: __dirname, stdio: 'inherit', env: environment });
fs.mkdirSync(path.dirname(file), { recursive: true });
execFileSync('strip', ['-o', file, built]);
fs.rmSync(path.join(__dirname, 'build'), { recursive: true });
console.log(`${path.relative(__dirname, file)}: ${fs.statSync(file).size} bytes`);
