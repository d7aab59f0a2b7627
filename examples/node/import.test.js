// SPDX-License-Identifier: MIT
// How to test a program that uses this package: its own function gets the client from outside, and the test gives it one on
// the service in memory. No socket, no waiting. Run it with `node --test`.
'use strict';

const assert = require('node:assert');
const test = require('node:test');
const { Failure, Mock } = require('animaldetect/mock');

// ---- the program: counts the animals of some images ----

async function importImages(client, images) {
  const report = { animals: {}, later: [], bad: [] };
  await Promise.all(Object.entries(images).map(async ([filename, bytes]) => {
    try {
      const { detections } = await client.detect(bytes, { filename });
      for (const { label } of detections) report.animals[label] = (report.animals[label] ?? 0) + 1;
    } catch (error) {
      (error.retriable ? report.later : report.bad).push(filename);
    }
  }));
  return report;
}

// ---- its tests ----

const images = {
  'a.jpg': Buffer.from('\xff\xd8\xff\xe0 the first', 'latin1'),
  'b.jpg': Buffer.from('\xff\xd8\xff\xe0 the second', 'latin1'),
};

async function onMock(act, settings) {
  const service = new Mock();
  const client = service.client(settings);
  try {
    await act(service, client);
    assert.deepStrictEqual(service.violations, []);
  } finally {
    client.close();
  }
}

test('every image is counted', () => onMock(async (service, client) => {
  const { animals, later, bad } = await importImages(client, images);
  assert.ok(Object.keys(animals).length > 0);
  assert.deepStrictEqual([later, bad, service.jobs.length], [[], [], 2]);
  assert.strictEqual(service.jobState(service.jobs[0]), 'succeeded');
}));

test('an hour behind a portal only delays', () => onMock(async (service, client) => {
  service.addFault('any:html:status=511:edge=1:end=3600000');
  const begin = service.nowMs;
  const { later, bad } = await importImages(client, images);
  assert.deepStrictEqual([later, bad, service.jobs.length], [[], [], 2]);
  assert.ok(service.nowMs - begin >= 3600_000);
}, { offlinePatienceMs: Infinity }));

test('a lost answer bills nothing twice', () => onMock(async (service, client) => {
  service.addFault('create:reset-after:n=1').fail('upload', 1, Failure.BROKEN).delay('submit', 1, 60_000);
  const { later, bad } = await importImages(client, images);
  assert.deepStrictEqual([later, bad, service.jobs.length], [[], [], 2]);
}));

test('what the service refuses is for a person', () => onMock(async (service, client) => {
  service.answer('create', 1, 400, '{"error":{"code":"bad_image","message":"not an image"}}', { 'X-Request-Id': 'r-1' });
  const { later, bad } = await importImages(client, images);
  assert.deepStrictEqual([later.length, bad.length], [0, 1]);
  const [refused] = service.requests('create');
  assert.ok(refused.httpStatus === 400 && refused.idempotencyKey && refused.body.includes('filename'));
}));

test('a refusal has words', () => onMock(async (service) => {
  assert.throws(() => service.addFault('nonsense'), { code: 'ANIMALDETECT_E_INVALID_ARGUMENT' });
  assert.throws(() => service.addFault('create:503\0'), TypeError);
}));
