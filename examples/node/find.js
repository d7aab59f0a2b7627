// SPDX-License-Identifier: MIT
// Loads an addon: the file that an environment variable names, the one that was compiled, or a prebuilt one (named as
// prebuildify and node-gyp-build name it).
'use strict';

const path = require('node:path');

/** Where a prebuilt addon for this platform is. */
function prebuilt(name) {
  const uv = process.versions.uv.split('.')[0];
  return path.join(__dirname, 'prebuilds', `${process.platform}-${process.arch}`, `${name}.napi.uv${uv}.glibc.node`);
}

/** The addon, or undefined; `failures` says then why each place was none. */
function find(name, variable, failures) {
  const places = process.env[variable] ? [process.env[variable]]
    : [path.join(__dirname, 'build', 'Release', `${name}.node`), prebuilt(name)];
  for (const place of places) {
    try {
      return require(place);
    } catch (error) {
      failures.push(`${place}: ${error.message.split('\n')[0]}`);
    }
  }
  return undefined;
}

/** The addon; an error that names every place when it is in none. */
function load(name, variable) {
  const failures = [];
  const addon = find(name, variable, failures);
  if (!addon) throw new Error(`the addon ${name} cannot be loaded:\n  ${failures.join('\n  ')}`);
  return addon;
}

module.exports = { find, load, prebuilt };
