// SPDX-License-Identifier: MIT
// What npm runs: with a prebuilt addon that loads here nothing is compiled; else node-gyp, which npm brings along.
'use strict';

const { spawnSync } = require('node:child_process');
const { find } = require('./find.js');

if (process.env.npm_config_build_from_source !== 'true' && find('animaldetect', 'ANIMALDETECT_ADDON', [])) process.exit(0);
const { status, error } = spawnSync('node-gyp', ['rebuild'], { stdio: 'inherit' });
if (error) console.error(`node-gyp cannot be run: ${error.message}`);
process.exit(status ?? 1);
