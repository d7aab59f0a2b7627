#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// Everything that the addon does, against the emulator or the service; it judges its own results.
//
//     AD_API_KEY=... AD_API_BASE_URL=... ./demo.js [FOLDER]
//
// FOLDER holds images (default: examples/images), and may hold answers.json with what is to be seen in them. Prints a
// line per part and one with the number of jobs that the service should have counted.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { AccountError, AnimalDetectError, CanceledError, Client, Hold, LogLevel, Operation, Pause, PollMode,
  QueueFullError, Scope, Stage, State, Status, Step, features, libraryVersion, parseResult } = require('./index.js');

const MANY = 200;
const SETTINGS = { pollMode: PollMode.LATENCY, pollBoundsMs: [20, 200] };
const folder = process.argv[2] ?? path.join(__dirname, '..', 'images');
const images = fs.readdirSync(folder).filter((name) => /\.(jpg|png)$/.test(name)).sort()
  .map((name) => path.join(folder, name));
const answersFile = path.join(folder, 'answers.json');
const answers = fs.existsSync(answersFile) ? JSON.parse(fs.readFileSync(answersFile)).images : {};
const jobs = new Set();

/** What was seen is what the answers say, when there are answers. */
function expect(image, result) {
  const wanted = answers[path.basename(image)]?.animal_detect_like.annotations;
  if (!wanted) return;
  const seen = result.detections.map(({ label, score, box }) =>
    [label, score, [box.xMin, box.yMin, box.width, box.height]]);
  assert.deepEqual(seen, wanted.map(({ label, score, bbox }) => [label, score, bbox]));
}

async function withClient(use, settings = {}) {
  const client = Client.fromEnv({ ...SETTINGS, ...settings });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

async function withJob(job, use) {
  try {
    return await use(job);
  } finally {
    if (job.id) jobs.add(job.id);
    job.close();
  }
}

async function failureOf(act) {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'it succeeded' });
}

const parts = {
  async 'one image'() {
    const log = [];
    const result = await withClient((client) => withJob(client.job(images[0], { metadata: true }), async (job) => {
      const seen = await job.run();
      assert.equal(job.info.state, State.SUCCEEDED);
      assert.equal(job.info.stage, Stage.FETCHED);
      return seen;
    }), { log: (record) => log.push(record), logLevel: LogLevel.INFO });
    expect(images[0], result);
    assert.deepEqual(parseResult(result.json), result);
    assert(log.some((record) => record.text.includes('call succeeded') && record.job && record.jobId), log);
    return `${path.basename(images[0])}: ${result.detections[0].label} ${result.detections[0].score}`;
  },

  'many at once': () => withClient(async (client) => {
    const bytes = fs.readFileSync(images[0]);
    const one = (_, number) => {
      const settings = { clientReferenceId: `many ${number}`, filename: 'many.png' };
      return withJob(client.job(number % 2 ? bytes : images[0], settings),
        async (job) => expect(images[0], await job.run()));
    };
    await Promise.all(Array.from({ length: MANY }, one));
    assert.equal(client.inFlight, 0);
    return `${MANY} jobs; the middle one took ${client.latencyMs(0.5)} ms`;
  }, { maxRequests: 16 }),

  filter: () => withClient((client) => withJob(client.job(images[0], { operation: Operation.FILTER }), async (job) => {
    const { detections } = await job.run();
    for (const { category } of detections) assert(['animal', 'human', 'vehicle'].includes(category), category);
    return [...new Set(detections.map(({ category }) => category))].join(', ');
  })),

  async errors() {
    const stranger = new Client({ ...SETTINGS, apiKey: 'sk_test_wrong', baseUrl: process.env.AD_API_BASE_URL });
    const refused = await failureOf(() => stranger.detect(images[0]));
    assert.deepEqual([stranger.holdReason, stranger.heldUntilMs], [Hold.ACCOUNT, Infinity]);
    stranger.resume(); // or setApiKey: jobs may be created again
    assert.deepEqual([stranger.holdReason, stranger.heldUntilMs], [Hold.NONE, null]);
    stranger.close();
    assert(refused instanceof AccountError && refused instanceof AnimalDetectError);
    assert.deepEqual([refused.code, refused.scope, refused.httpStatus, refused.step, refused.stage, refused.retriable],
      ['ANIMALDETECT_E_UNAUTHORIZED', Scope.ACCOUNT, 401, Step.CREATE, Stage.NEW, false]);
    assert(refused.serviceMessage);
    await withClient(async (client) => {
      const missing = await failureOf(() => client.detect('no such file.jpg'));
      assert.equal(missing.status, Status.E_FILE);
      assert.match(missing.message, /no such file\.jpg/);
      const odd = await failureOf(() => client.detect(Buffer.from('neither JPEG nor PNG')));
      assert.equal(odd.status, Status.E_IMAGE_TYPE);
      assert.match((await failureOf(() => client.job(images[0], { threshold: 7 }))).message, /threshold/);
    });
    return refused.message;
  },

  // A client that is paused holds two jobs, has no room for a third, goes on, and is stopped.
  control: () => withClient(async (client) => {
    client.setPaused(Pause.CREATES);
    const [urgent, plain, third] = [{ priority: -1, note: 'row 7' }, {}, {}].map((settings, number) =>
      client.job(images[0], { clientReferenceId: `control ${number}`, ...settings }));
    const calls = [plain, urgent].map((job) => job.run());
    assert((await failureOf(() => third.run())) instanceof QueueFullError);
    client.setPaused(Pause.NONE);
    await Promise.all(calls);
    assert.equal(client.restore(urgent.save()).info.note, 'row 7');
    client.networkChanged();
    await third.run();
    client.stop();
    assert((await failureOf(() => plain.poll())) instanceof CanceledError);
    for (const job of [urgent, plain, third]) jobs.add(job.id);
    return `two of ${client.statistics().jobs_succeeded} jobs waited while creates were paused`;
  }, { maxJobs: 2 }),

  rerun: () => withClient((client) => withJob(client.job(images[0], { clientReferenceId: 'rerun' }), async (job) => {
    await job.run();
    jobs.add(job.id);
    job.rerun();
    assert.deepEqual([job.info.stage, job.id, job.info.rerunNumber], [Stage.NEW, null, 1]);
    expect(images[0], await job.run());
    return `another job for the same image, with number ${job.info.rerunNumber}`;
  })),

  cancel: () => withClient((client) => withJob(client.job(images[0], { clientReferenceId: 'stopped' }), async (job) => {
    const canceled = failureOf(() => job.run());
    while (job.info.stage < Stage.CREATED) await sleep(1);
    job.cancel();
    assert.equal((await canceled).code, 'ANIMALDETECT_E_CANCELED');
    const aborted = await failureOf(() => job.run({ signal: AbortSignal.timeout(5) }));
    assert.equal(aborted.name, 'TimeoutError');
    await job.run(); // the service goes on meanwhile; running it again finds the same job
    return `stopped by hand and by an AbortSignal, then run to its end`;
  })),

  'call timeout': () => withClient((client) => {
    const job = client.job(images[0], { clientReferenceId: 'late', callTimeoutMs: 5 });
    return withJob(job, async () => {
      const late = await failureOf(() => job.run());
      assert.equal(late.code, 'ANIMALDETECT_E_CALL_TIMEOUT');
      job.configure({ callTimeoutMs: 60000 });
      await job.run();
      return late.message;
    });
  }),

  async 'save and restore'() {
    const [kept, id] = await withClient(async (client) => [
      await withJob(client.job(images[0], { clientReferenceId: 'saved' }), async (job) => {
        await job.create();
        await job.upload();
        return job.save();
      }),
      await withJob(client.job(images[0], { clientReferenceId: 'attached' }), async (job) => {
        await job.create();
        await job.upload();
        await job.submit();
        return job.id;
      }),
    ]);
    assert(!kept.includes(process.env.AD_API_KEY));
    const before = jobs.size;
    await withClient(async (client) => {
      await withJob(client.restore(kept), async (job) => expect(images[0], await job.run()));
      await withJob(client.attach(id), async (job) => expect(images[0], await job.run()));
    });
    assert.equal(jobs.size, before);
    return `${kept.length} bytes of JSON, taken after the upload, finished by another client`;
  },
};

async function main() {
  console.log(`libanimaldetect ${libraryVersion}, Node.js ${process.version}, ${features().tls}`);
  for (const [name, part] of Object.entries(parts)) console.log(`${name}: ${await part()}`);
  console.log(`expected jobs: ${jobs.size}`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
