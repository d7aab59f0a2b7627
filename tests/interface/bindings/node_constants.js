// SPDX-License-Identifier: MIT
// Prints the types of the named values: examples/node/constants.d.ts. node_test.py compares.
'use strict';

const constants = require('../../../examples/node/constants.js');

const lines = ['// SPDX-License-Identifier: MIT',
  '// The types of constants.js, made from it by tests/interface/bindings/node_constants.js. A newer library may use numbers that',
  '// are not here, so what is read from it is a plain number.', ''];
for (const [name, values] of Object.entries(constants)) {
  const members = Object.entries(values).map(([key, value]) => `  readonly ${key}: ${JSON.stringify(value).replaceAll('"', "'")};`);
  lines.push(`export const ${name}: {`, ...members, '};', `export type ${name} = (typeof ${name})[keyof typeof ${name}];`);
}
console.log(lines.join('\n'));
