// SPDX-License-Identifier: MIT
// What JavaScript does to the handles of examples/node. Each key below is a promise; node_test.py gives the services.
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');

const folder = path.join(__dirname, '..', '..', '..', 'examples');
const { Client, Job, LogLevel, PollMode, Stage, Status, Statistic, parseResult } = require(path.join(folder, 'node'));
const native = require(path.join(folder, 'node', 'native.js'));

const DEER = path.join(folder, 'images', 'deer.png');
const SLOW = { pollBoundsMs: [30000, 60000] };
const QUICK = { pollBoundsMs: [20, 200] };

async function failureOf(act) {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'it succeeded' });
}

async function submitted(job) {
  while (job.info.stage < Stage.SUBMITTED) await sleep(1);
}

const promises = {
  async a_closed_handle_refuses_and_may_be_closed_again() {
    const client = Client.fromEnv();
    const job = client.job(DEER);
    job.close();
    job.close();
    assert.equal((await failureOf(() => job.run())).status, Status.E_STATE);
    client.close();
    client.close();
    assert.equal((await failureOf(() => client.job(DEER))).status, Status.E_STATE);
    assert.equal(client.statistics().retries, null);
  },

  async a_client_closed_under_promises_rejects_them() {
    const client = Client.fromEnv(SLOW);
    const jobs = [1, 2].map((number) => client.job(DEER, { clientReferenceId: `closed ${number}` }));
    const ends = jobs.map((job) => failureOf(() => job.run()));
    await Promise.all(jobs.map(submitted));
    client.close();
    for (const end of await Promise.all(ends)) assert.equal(end.status, Status.E_CANCELED);
    assert(jobs.every((job) => job.id));
  },

  async a_job_closed_under_its_promise_rejects_it() {
    const client = Client.fromEnv(SLOW);
    const job = client.job(DEER);
    const end = failureOf(() => job.run());
    await submitted(job);
    job.close();
    assert.equal((await end).status, Status.E_CANCELED);
    assert.equal(client.inFlight, 0);
    client.close();
  },

  async a_second_call_on_a_job_is_refused() {
    const client = Client.fromEnv(SLOW);
    const job = client.job(DEER);
    const first = failureOf(() => job.run());
    const second = await failureOf(() => job.run());
    assert.deepEqual([second.status, second.message], [Status.E_BUSY, 'a call is in flight on this job']);
    client.close();
    await first;
  },

  async what_is_no_value_for_c_is_a_type_error() {
    const client = Client.fromEnv();
    const job = client.job();
    for (const act of [() => client.job('a.jpg\0.png'), () => job.configure({ country: 7 }),
      () => job.configure({ rerun: 1.5 }), () => job.configure({ rerun: 2 ** 32 + 1 }),
      () => new Client({ maxImageBytes: -1 }), () => job.configure({ threshold: 'high' }),
      () => job.configure({ nosuch: 1 }), () => new Client({ nosuch: 1 }),
      () => native.Job.prototype.set_file.call({}, 'a.jpg'), () => native.Client.prototype.take.call(new Map()),
      () => new native.Job({}, 0, 'detect', 1), () => new native.Client(false)])
      assert((await failureOf(act)) instanceof TypeError, act.toString());
    client.close();
  },

  every_setting_reaches_the_library() {
    const client = new Client({
      apiKey: 'key', baseUrl: 'https://127.0.0.1/v1', trustedOrigins: ['https://jobs.example.com'], proxy: '',
      userAgent: 'test/1', checksumField: 'sha256', connectTimeoutMs: 1000, stallTimeoutMs: 1000,
      requestTimeoutMs: 1000, maxActive: 8, rateLimit: { requestsPerMinute: 300, burst: 10 }, retryLimit: 3,
      pollMode: PollMode.THROUGHPUT, pollBoundsMs: [100, 1000], allowInsecureHttp: true, maxImageBytes: 1000000,
      maxAnswerBytes: 1000000, log: () => {}, logLevel: LogLevel.DEBUG, caFile: '/dev/null',
      caPem: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n' });
    const job = client.job(undefined, {
      sourceUrl: 'https://example.com/a.jpg', filename: 'a.jpg', contentType: 'image/jpeg', sha256: 'a'.repeat(64),
      clientReferenceId: 'id', idempotencyKey: 'key', rerun: 1, deadlineMs: 1000, threshold: 0.5, country: 'USA',
      classify: true, metadata: false, smoothHerd: true, topCandidate: 3, location: { latitude: 1, longitude: 2 },
      options: { later: { deep: [1] } } });
    for (const word of ['a.jpg', 'USA', '"later"', 'key']) assert(job.save().includes(word), job.save());
    client.close();
  },

  async an_aborted_signal_starts_nothing() {
    const client = Client.fromEnv(QUICK);
    assert.equal((await failureOf(() => client.detect(DEER, { signal: AbortSignal.abort() }))).name, 'AbortError');
    assert.equal(client.statistics().requests_create, 0);
    client.close();
  },

  async a_log_function_that_throws_is_heard_and_breaks_nothing() {
    const log = () => { throw new Error('from the log'); };
    const client = Client.fromEnv({ ...QUICK, log, logLevel: LogLevel.INFO });
    const heard = new Promise((resolve) => { process.once('uncaughtException', resolve); });
    const result = await client.detect(DEER, { clientReferenceId: 'log' });
    assert.equal((await heard).message, 'from the log');
    assert.equal(result.detections[0].label, 'red deer');
    client.close();
  },

  async a_client_that_is_thrown_away_is_collected() {
    let collected = false;
    const registry = new FinalizationRegistry(() => { collected = true; });
    await (async () => {
      const client = Client.fromEnv(QUICK);
      registry.register(client, 0);
      await client.detect(DEER, { clientReferenceId: 'thrown away' });
    })();
    for (let i = 0; i < 200 && !collected; i++) {
      globalThis.gc();
      await sleep(5);
    }
    assert(collected);
  },

  async garbage_between_calls_does_not_deafen_a_client() {
    const client = Client.fromEnv(QUICK);
    for (let i = 0; i < 10; i++) {
      await sleep(5);
      globalThis.gc();
    }
    const deaf = sleep(30000, null, { ref: false });
    assert(await Promise.race([client.detect(DEER, { clientReferenceId: 'garbage' }), deaf]));
    client.close();
  },

  a_client_that_is_left_open_lets_the_process_end() {
    const program = `const { Client } = require(${JSON.stringify(path.join(folder, 'node'))});
      Client.fromEnv(${JSON.stringify(QUICK)}).detect(${JSON.stringify(DEER)}, { clientReferenceId: 'left open' })
        .then((result) => console.log(result.detections[0].label));`;
    const done = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 60000 });
    assert.deepEqual([done.status, done.stdout, done.stderr], [0, 'red deer\n', '']);
  },

  async a_worker_that_is_terminated_in_the_middle_harms_nothing() {
    const program = `const { parentPort } = require('node:worker_threads');
      const { Client, Stage } = require(${JSON.stringify(path.join(folder, 'node'))});
      const client = Client.fromEnv(${JSON.stringify(SLOW)});
      const job = client.job(${JSON.stringify(DEER)}, { clientReferenceId: 'worker' });
      job.run();
      const timer = setInterval(() => {
        if (job.info.stage >= Stage.SUBMITTED) { clearInterval(timer); parentPort.postMessage('submitted'); }
      }, 1);`;
    const worker = new Worker(program, { eval: true });
    await new Promise((resolve, reject) => { worker.once('message', resolve); worker.once('error', reject); });
    await worker.terminate();
    const client = Client.fromEnv(QUICK);
    await client.detect(DEER, { clientReferenceId: 'worker' });
    client.close();
  },

  async a_job_that_the_service_failed_tells_why() {
    const client = Client.fromEnv({ ...QUICK, baseUrl: process.env.FAILING_URL });
    const failure = await failureOf(() => client.detect(DEER));
    assert.equal(failure.code, 'ANIMALDETECT_E_JOB_FAILED');
    assert(failure.jobId && failure.serviceMessage, failure);
    client.close();
  },

  async a_wait_asked_for_by_the_service_is_shown() {
    const client = Client.fromEnv({ ...QUICK, baseUrl: process.env.LIMITED_URL });
    const failure = await failureOf(() => client.detect(DEER, { deadlineMs: 5000 }));
    assert.deepEqual([failure.code, failure.retryAfterMs, failure.httpStatus, failure.attempts],
      ['ANIMALDETECT_E_DEADLINE', 3600000, 429, 1]);
    client.close();
  },

  async every_statistic_can_be_read() {
    const client = Client.fromEnv(QUICK);
    assert.equal(client.latencyMs(0.5), null);
    await client.detect(DEER, { clientReferenceId: 'statistics' });
    const counts = client.statistics();
    assert.deepEqual(Object.keys(counts).length, Object.keys(Statistic).length);
    assert.deepEqual([counts.requests_create, counts.jobs_succeeded, counts.calls_in_flight], [1, 1, 0]);
    assert(client.latencyMs(0.5) > 0);
    client.close();
  },

  a_result_reads_as_the_service_wrote_it() {
    const raw = '{"id":"r","annotations":[{"id":0,"bbox":[0.1,0.2,0.3,0.4],"score":0.5,"label":"canine family",' +
      '"taxonomy":{"id":"t","class":"mammalia","genus":""},"top_candidates":[{"label":"red fox","score":0.18,' +
      '"taxonomy":{"species":"vulpes"}}],"new":1},{}],"metadata":{"image_width":7,"gps":[1]},' +
      '"info":{"threshold_applied":0.2,"model_id":"m"}}';
    const result = parseResult(raw);
    const [first, second] = result.detections;
    assert.equal(result.json, raw);
    assert.deepEqual([result.metadata, result.imageWidth, result.imageHeight, result.threshold, result.modelId],
      [{ image_width: 7, gps: [1] }, 7, null, 0.2, 'm']);
    assert.deepEqual(first.box, { xMin: 0.1, yMin: 0.2, width: 0.3, height: 0.4 });
    assert.deepEqual([first.taxonomy.class, first.taxonomy.genus, first.taxonomy.family], ['mammalia', '', null]);
    assert.deepEqual([first.candidates[0].label, first.candidates[0].taxonomy.species], ['red fox', 'vulpes']);
    assert.deepEqual([second.id, second.label, second.score, second.box], [null, null, null, null]);
    assert.deepEqual(second.candidates, []);
    assert.throws(() => parseResult('[]'), { code: 'ANIMALDETECT_E_PROTOCOL' });
  },
};

async function main() {
  assert(fs.existsSync(DEER) && Job);
  for (const [name, act] of Object.entries(promises)) {
    try {
      await act();
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`not ok ${name}\n${error.stack.replace(/^/gm, '    ')}`);
      process.exitCode = 1;
    }
  }
}

main();
