// SPDX-License-Identifier: MIT
// Prints the types of the named values: examples/node/constants.d.ts. node_test.py compares.
'use strict';

const constants = require('../../../examples/node/constants.js');

const SAY = {
  Status: 'What a call returned: OK, or why it failed.',
  Scope: 'Whose matter a failure is, and so what to do with the image.',
  State: 'Where the service says that a job is.',
  Stage: 'How far a job has come. Later versions may add some between: compare with <.',
  Step: 'The steps of a job.',
  PollMode: 'What polls are spent on: quick results, or few requests.',
  Pause: 'What a client does not begin for now.',
  Hold: 'What keeps requests back. A number that is not here is a hold too.',
  ResultKind: 'What a result is.',
  LogLevel: 'How bad it is; a client logs this level and those below it.',
  Rank: 'The ranks of a taxonomy.',
  Statistic: 'The counters and gauges of a client.',
  Operation: 'What the service does with an image.',
};

const lines = ['// SPDX-License-Identifier: MIT',
  '// The types of constants.js, made from it by tests/interface/bindings/node_constants.js. A newer library may use numbers that',
  '// are not here, so what is read from it is a plain number.', ''];
for (const [name, values] of Object.entries(constants)) {
  const members = Object.entries(values).map(([key, value]) => `  readonly ${key}: ${JSON.stringify(value).replaceAll('"', "'")};`);
  lines.push(`/** ${SAY[name]} */`, `export const ${name}: {`, ...members, '};', `export type ${name} = (typeof ${name})[keyof typeof ${name}];`);
}
console.log(lines.join('\n'));
