// SPDX-License-Identifier: MIT
// What JavaScript does to the handles of examples/node. Each key below is a promise; node_test.py gives the services.
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { getEventListeners } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');

const folder = path.join(__dirname, '..', '..', '..', 'examples');
const animaldetect = require(path.join(folder, 'node'));
const { AnimalDetectError, CanceledError, Client, Hold, Job, LogLevel, Pause, PollMode, QueueFullError, ReaderError, imagesIn,
  ResultKind, Scope, Stage, State, Status, Statistic, Step, features, gauges, parseResult } = animaldetect;
const native = require(path.join(folder, 'node', 'native.js'));

const DEER = path.join(folder, 'images', 'deer.png');
const SLOW = { pollBoundsMs: [30000, 60000] };
/** The same picture in other bytes. */
const deer = (number) => Buffer.concat([fs.readFileSync(DEER), Buffer.from(String(number))]);
const QUICK = { pollBoundsMs: [20, 200] };

async function failureOf(act) {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'it succeeded' });
}

/** A reader over bytes, as over any other place. */
function readerOf(bytes) {
  let at = 0;
  return {
    size: bytes.length,
    rewinds: 0,
    read(size) { return bytes.subarray(at, at += size); },
    rewind() { at = 0; this.rewinds++; },
  };
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
    for (const act of [() => job.run(), () => job.rerun()])
      assert.equal((await failureOf(act)).status, Status.E_STATE);
    client.close();
    client.close();
    for (const act of [() => client.job(DEER), () => client.stop(), () => client.configure({ maxTries: 2 }),
      () => client.resume()])
      assert.equal((await failureOf(act)).status, Status.E_CLIENT_FREED);
    assert.equal(client.statistics().retries, null);
    assert.deepEqual([client.holdReason, client.heldUntilMs], [Hold.NONE, null]);
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
    assert.equal((await failureOf(() => job.rerun())).status, Status.E_BUSY);
    client.close();
    await first;
  },

  async what_is_no_value_for_c_is_a_type_error() {
    const client = Client.fromEnv();
    const job = client.job();
    for (const act of [() => client.job('a.jpg\0.png'), () => job.configure({ country: 7 }),
      () => job.configure({ rerun: 1.5 }), () => job.configure({ rerun: 2 ** 32 + 1 }),
      () => new Client({ maxImageBytes: -1 }), () => job.configure({ threshold: 'high' }),
      () => client.configure({ maxRetryAfterMs: Infinity }), () => client.configure({ offlinePatienceMs: 'long' }),
      () => job.configure({ nosuch: 1 }), () => new Client({ nosuch: 1 }), () => job.configure({ priority: 2 ** 31 }),
      () => job.configure({ note: 7 }), () => client.setPaused('all'), () => client.addHeader('name', 7),
      () => job.setImage({ size: 'large', read() {} }),
      () => native.Job.prototype.set_file.call({}, 'a.jpg'), () => native.Client.prototype.take.call(new Map()),
      () => new native.Job({}, 0, 'detect', 1), () => new native.Client(false)])
      assert((await failureOf(act)) instanceof TypeError, act.toString());
    client.close();
  },

  every_setting_reaches_the_library() {
    const client = new Client({
      apiKey: 'key', baseUrl: 'https://127.0.0.1/v1', trustedOrigins: ['https://jobs.example.com'], proxy: '',
      userAgent: 'test/1', checksumField: 'sha256', connectTimeoutMs: 1000, stallTimeoutMs: 1000,
      requestTimeoutMs: 1000, offlinePatienceMs: Infinity, maxRetryAfterMs: 1000, processingTimeoutMs: Infinity,
      maxRequests: 8, maxJobs: 100, headers: { traceparent: '00-1' },
      rateLimit: { requestsPerMinute: 300, burst: 10 }, maxTries: 3,
      pollMode: PollMode.THROUGHPUT, pollBoundsMs: [100, 1000], allowInsecureHttp: true, maxImageBytes: 1000000,
      maxAnswerBytes: 1000000, log: () => {}, logLevel: LogLevel.DEBUG, caFile: '/dev/null',
      caPem: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n' });
    const job = client.job(undefined, {
      sourceUrl: 'https://example.com/a.jpg', filename: 'a.jpg', contentType: 'image/jpeg', sha256: 'a'.repeat(64),
      clientReferenceId: 'id', idempotencyKey: 'key', rerun: 1, priority: -2, note: 'row 7',
      callTimeoutMs: 1000, threshold: 0.5, country: 'USA',
      classify: true, metadata: false, smoothHerd: true, topCandidate: 3, location: { latitude: 1, longitude: 2 },
      options: { later: { deep: [1] } } });
    for (const word of ['a.jpg', 'USA', '"later"', 'key', 'row 7']) assert(job.save().includes(word), job.save());
    const { info } = client.restore(job.save());
    assert.deepEqual([info.filename, info.path, info.sourceUrl, info.clientReferenceId, info.rerunNumber, info.priority,
      info.note],
      ['a.jpg', null, 'https://example.com/a.jpg', 'id', 1, -2, 'row 7']);
    job.configure({ note: '' });
    assert.deepEqual([job.info.note, job.resultJson, client.job(DEER).info.path], [null, null, DEER]);
    client.close();
  },

  every_failure_has_the_class_of_its_scope() {
    const { errorOf } = require(path.join(folder, 'node', 'errors.js'));
    for (const [name, status] of Object.entries(Status)) {
      const failure = errorOf(status);
      const [scope] = Object.entries(Scope).find(([, value]) => value === failure.scope);
      assert.equal(failure.code, `ANIMALDETECT_${name}`);
      if (scope === 'NONE') continue;
      const kind = animaldetect[`${scope[0]}${scope.slice(1).toLowerCase()}Error`];
      assert(failure instanceof kind && failure instanceof AnimalDetectError, name);
      assert.equal(failure.name, failure.constructor.name);
    }
    const unknown = errorOf(-999);
    assert.deepEqual([unknown.constructor, unknown.scope, unknown.code],
      [AnimalDetectError, Scope.OTHER, 'ANIMALDETECT_E_UNKNOWN']);
  },

  features_and_gauges_are_listed_by_name() {
    assert.match(features().libcurl, /^\d/);
    assert(['yes', 'no'].includes(features().http2));
    assert(gauges().has('calls_in_flight') && !gauges().has('retries'));
  },

  async a_client_without_a_key_says_which_variable_it_misses() {
    const { AD_API_KEY } = process.env;
    delete process.env.AD_API_KEY;
    const failure = await failureOf(() => Client.fromEnv());
    process.env.AD_API_KEY = AD_API_KEY;
    assert.equal(failure.status, Status.E_NO_API_KEY);
    assert.match(failure.message, /AD_API_KEY/);
  },

  async a_stopped_client_completes_every_call_and_starts_none() {
    const client = Client.fromEnv(SLOW);
    const jobs = [1, 2].map((number) => client.job(DEER, { clientReferenceId: `stopped ${number}` }));
    const ends = jobs.map((job) => failureOf(() => job.run()));
    await Promise.all(jobs.map(submitted));
    client.stop();
    for (const end of await Promise.all(ends)) assert(end instanceof CanceledError, end);
    assert((await failureOf(() => jobs[0].run())) instanceof CanceledError);
    assert(jobs[0].id && jobs[0].save());
    assert.equal(client.inFlight, 0);
    client.close();
  },

  async a_paused_client_begins_nothing_and_a_full_one_refuses() {
    const client = Client.fromEnv({ ...QUICK, maxJobs: 1 });
    client.setPaused(Pause.ALL);
    const [first, second] = [1, 2].map((number) => client.job(DEER, { clientReferenceId: `paused ${number}` }));
    const end = first.run();
    const refused = await failureOf(() => second.run());
    assert(refused instanceof QueueFullError && refused.retriable, refused);
    assert.match(refused.message, /in flight/);
    await sleep(100);
    assert.equal(client.statistics().requests_create, 0);
    client.configure({ offlinePatienceMs: 0, processingTimeoutMs: 3600000, maxRetryAfterMs: 86400000 });
    for (const settings of [{ offlinePatienceMs: -2 }, { processingTimeoutMs: 0 }, { maxRetryAfterMs: -1 }])
      assert.equal((await failureOf(() => client.configure(settings))).status, Status.E_INVALID_ARGUMENT);
    client.configure({ maxJobs: 0, maxRequests: 2, rateLimit: { requestsPerMinute: 600 } });
    client.networkChanged();
    first.configure({ note: 'while it runs', priority: 1 });
    assert.equal((await failureOf(() => first.configure({ country: 'USA' }))).status, Status.E_STATE);
    client.setPaused(Pause.NONE);
    await Promise.all([end, second.run()]);
    assert.equal(first.info.note, 'while it runs');
    assert.equal((await failureOf(() => client.setPaused(99))).status, Status.E_INVALID_ARGUMENT);
    client.close();
  },

  async the_smaller_priority_goes_first() {
    const created = [];
    const log = ({ step, job }) => { if (step === Step.CREATE) created.push(job.info.note); };
    const client = Client.fromEnv({ ...QUICK, maxRequests: 1, log, logLevel: LogLevel.DEBUG });
    client.setPaused(Pause.ALL);
    const ends = [['last', 5], ['first', -5], ['middle', 0]].map(([note, priority]) =>
      client.job(DEER, { clientReferenceId: note, note, priority }).run());
    await sleep(200);
    client.setPaused(Pause.NONE);
    await Promise.all(ends);
    assert.deepEqual(created, ['first', 'middle', 'last']);
    client.close();
  },

  async a_header_is_sent_to_the_service() {
    const seen = [];
    const server = http.createServer((request, response) => {
      seen.push(request.headers.traceparent);
      request.resume().on('end', () => response.writeHead(401).end());
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const baseUrl = `http://127.0.0.1:${server.address().port}/v1`;
    const client = Client.fromEnv({ baseUrl, headers: { traceparent: '00-1' } });
    await failureOf(() => client.detect(DEER));
    client.addHeader('traceparent', '');
    client.resume(); // or the next job would wait for another key
    const failure = await failureOf(() => client.detect(DEER));
    assert.deepEqual([seen, failure.scope], [['00-1', undefined], Scope.ACCOUNT]);
    assert.equal((await failureOf(() => client.addHeader('Authorization', 'mine'))).status, Status.E_INVALID_ARGUMENT);
    client.close();
    server.close();
  },

  async a_cancel_before_a_call_ends_that_call() {
    const client = Client.fromEnv(QUICK);
    const job = client.job(DEER, { clientReferenceId: 'canceled early' });
    job.cancel();
    await assert.rejects(job.run(), CanceledError);
    assert.deepEqual([job.info.stage, job.info.attempts], [Stage.NEW, 0]);
    const result = await job.run();
    assert.deepEqual([result.kind, job.resultJson, await job.poll()],
      [ResultKind.DETECTIONS, result.json, State.SUCCEEDED]);
    client.close();
  },

  async many_images_come_as_they_end_and_few_are_on_their_way() {
    const client = Client.fromEnv({ ...QUICK, maxJobs: 3 });
    const seen = [];
    async function* images() {
      for (let i = 0; i < 12; i++) {
        assert.ok(client.inFlight < 3, 'no more than was asked for');
        yield i === 5 ? 'no such file.jpg' : deer(i);
      }
    }
    for await (const { image, result, error } of client.detectAll(images(), { concurrency: 3, clientReferenceId: 'many' })) {
      assert.equal(result === null, error !== null);
      seen.push(typeof image === 'string' ? error.constructor.name : result.kind);
    }
    assert.deepEqual([seen.length, seen.filter((one) => one === ResultKind.DETECTIONS).length], [12, 11]);
    client.close();
  },

  async many_calls_share_one_listener_of_their_signal() {
    const client = Client.fromEnv(QUICK);
    const { signal } = new AbortController();
    const warnings = [];
    const onWarning = (warning) => warnings.push(warning);
    process.on('warning', onWarning);
    const images = Array.from({ length: 30 }, (_, number) => deer(`listener ${number}`));
    const all = images.map((image) => client.detect(image, { signal }));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    for (const { image: _, ...done } of await Promise.all(all)) assert.ok(done.json);
    for await (const { error } of client.detectAll(images, { signal, concurrency: 30 })) assert.equal(error, null);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    await sleep(1); // a warning is emitted on the next tick
    process.off('warning', onWarning);
    assert.deepEqual(warnings, []);
    client.close();
  },

  async an_aborted_signal_ends_each_of_its_calls() {
    const client = Client.fromEnv(SLOW);
    const abort = new AbortController();
    const all = Array.from({ length: 30 }, (_, number) => client.detect(deer(`aborted ${number}`), { signal: abort.signal }));
    const other = client.job(deer('not aborted'));
    other.run({ signal: new AbortController().signal }).catch(() => {});
    abort.abort(new Error('enough'));
    for (const one of all) assert.equal((await failureOf(() => one)).message, 'enough');
    assert.equal(client.inFlight, 1);
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
    client.close();
  },

  async leaving_the_loop_over_many_images_cancels_the_rest() {
    const client = Client.fromEnv(QUICK);
    for await (const { result } of client.detectAll(Array.from({ length: 20 }, (_, i) => deer(i)), { concurrency: 5, clientReferenceId: 'left' })) {
      assert.ok(result);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(client.inFlight, 0);
    const gone = new AbortController();
    await assert.rejects(async () => {
      for await (const { error } of client.detectAll([deer(1), deer(2)], { concurrency: 1, signal: gone.signal, clientReferenceId: 'gone' })) {
        assert.equal(error, null);
        gone.abort();
      }
    }, { name: 'AbortError' });
    client.close();
  },

  async the_images_of_a_folder_are_found() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'animaldetect-'));
    for (const name of ['a.JPG', 'b.txt', '.hidden.jpg', 'below/c.webp', 'below/deep/d.heic', '.gone/e.png']) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), '');
    }
    const found = [];
    for await (const place of imagesIn(folder)) found.push(path.relative(folder, place));
    assert.deepEqual(found.sort(), ['a.JPG', 'below/c.webp', 'below/deep/d.heic']);
    fs.rmSync(folder, { recursive: true });
    await assert.rejects(async () => { for await (const _ of imagesIn(folder)); }, { code: 'ENOENT' });
  },

  async a_client_is_closed_by_what_disposes_of_it() {
    if (!Symbol.asyncDispose) return;
    const client = Client.fromEnv(QUICK);
    const job = client.job(DEER);
    await job[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    assert.throws(() => client.job(DEER), { code: 'ANIMALDETECT_E_CLIENT_FREED' });
  },

  async requests_wait_for_permits() {
    const client = Client.fromEnv(QUICK);
    client.setPermits(true);
    client.setPermitLagMs(5000);
    const running = client.detect(DEER, { clientReferenceId: 'permits' });
    while (client.permitsWanted() !== 1) await sleep(5);
    assert.equal(client.statistics().requests_create, 0);
    client.grantPermits(50, 60_000);
    await running;
    const { settledMs, outstanding } = client.reportPermits();
    assert.ok(settledMs.length >= 4 && settledMs.length + outstanding === 50, `${settledMs} ${outstanding}`);
    assert.equal(client.returnPermits(100), outstanding);
    assert.deepEqual(client.takeRateLimits(), { count: 0, waitMs: 0 });
    client.holdRequests(30_000);
    assert.equal(client.holdReason, Hold.RATE_LIMIT);
    assert.throws(() => client.grantPermits(1, 0), { code: 'ANIMALDETECT_E_INVALID_ARGUMENT' });
    client.close();
  },

  async a_reader_gives_its_image() {
    const client = Client.fromEnv(QUICK);
    const reader = readerOf(fs.readFileSync(DEER));
    const settings = { filename: 'deer.png', clientReferenceId: 'reader' };
    assert.equal((await client.detect(reader, settings)).detections[0].label, 'red deer');
    assert.equal(reader.rewinds > 0, true);
    const once = { ...readerOf(fs.readFileSync(DEER)), rewind: undefined };
    const result = await client.detect(once, { ...settings, contentType: 'image/png', clientReferenceId: 'read once' });
    assert.equal(result.detections[0].label, 'red deer');
    client.close();
  },

  async what_a_reader_throws_is_the_cause_of_the_error() {
    const client = Client.fromEnv(QUICK);
    const bytes = fs.readFileSync(DEER);
    const pulled = new Error('the card was pulled');
    const broken = { size: bytes.length, read() { throw pulled; }, rewind() {} };
    const failure = await failureOf(() => client.detect(broken));
    assert(failure instanceof ReaderError, failure);
    assert.deepEqual([failure.cause, failure.status, failure.code], [pulled, Status.E_HOST, 'ANIMALDETECT_E_HOST']);
    const late = { ...readerOf(bytes), rewind() { throw pulled; } };
    const job = client.job(late, { clientReferenceId: 'late' });
    assert.equal((await failureOf(() => job.run())).cause, pulled);
    const later = await failureOf(() => client.detect({ ...broken, async read() { return bytes; } }));
    assert(later.cause instanceof TypeError, later);
    for (const read of [() => null, () => Buffer.alloc(bytes.length + 1)]) {
      const short = await failureOf(() => client.detect({ ...broken, read }));
      assert.deepEqual([short.status, short.scope, short.cause], [Status.E_READER, Scope.IMAGE, undefined]);
    }
    client.close();
  },

  async a_reader_that_calls_its_client_is_refused() {
    const client = Client.fromEnv(QUICK);
    const caught = [];
    const reader = readerOf(fs.readFileSync(DEER));
    const job = client.job({ ...reader, read(size) {
      for (const act of [() => client.close(), () => client.job(DEER), () => client.stop(), () => job.cancel(),
        () => client.setLog(null)]) {
        try { act(); } catch (error) { caught.push(error.status); }
      }
      assert.equal(job.info.priority, 0);
      return reader.read(size);
    }, rewind: reader.rewind }, { clientReferenceId: 'reentrant' });
    await job.run();
    assert(caught.length >= 5);
    assert.deepEqual(new Set(caught), new Set([Status.E_REENTRANT]));
    client.close();
  },

  async a_job_closed_by_its_own_reader_rejects() {
    const client = Client.fromEnv(QUICK);
    const job = client.job({ size: 100, read() { job.close(); return Buffer.alloc(100); }, rewind() {} });
    assert((await failureOf(() => job.run())) instanceof CanceledError);
    client.close();
  },

  async what_is_lent_is_kept_until_the_library_releases_it() {
    const client = Client.fromEnv();
    const gone = new Set();
    const registry = new FinalizationRegistry((name) => gone.add(name));
    const lend = (name, image) => {
      registry.register(image, name);
      return client.job(image);
    };
    const bytes = fs.readFileSync(DEER);
    const jobs = [lend('bytes', new Uint8Array(bytes)), lend('reader', readerOf(bytes))];
    for (let i = 0; i < 10; i++) {
      await sleep(5);
      globalThis.gc();
    }
    assert.equal(gone.size, 0);
    for (const job of jobs) job.close();
    for (let i = 0; i < 200 && gone.size < 2; i++) {
      globalThis.gc();
      await sleep(5);
    }
    assert.equal(gone.size, 2);
    client.close();
  },

  async bytes_that_may_change_meanwhile_are_copied() {
    const client = Client.fromEnv(QUICK);
    const bytes = fs.readFileSync(DEER);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    const job = client.job(shared, { filename: 'deer.png', clientReferenceId: 'shared' });
    shared.fill(0);
    assert.equal((await job.run()).detections[0].label, 'red deer');
    client.close();
  },

  async a_log_record_is_whole() {
    const records = [];
    const client = Client.fromEnv({ ...QUICK, log: (record) => records.push(record), logLevel: LogLevel.DEBUG });
    const job = client.job(DEER, { clientReferenceId: 'records', note: 'row 7' });
    await job.run();
    const created = records.find(({ step }) => step === Step.CREATE);
    assert(created.httpStatus >= 200 && created.requestId && created.durationMs >= 0, created);
    const last = records.at(-1);
    assert.deepEqual([last.level, last.job, last.jobId, last.step], [LogLevel.INFO, job, job.id, Step.NONE]);
    assert.match(last.text, /call succeeded/);
    await failureOf(() => client.detect(Buffer.from('no image')));
    const failed = records.at(-1);
    assert.deepEqual([failed.level, failed.jobId, failed.httpStatus], [LogLevel.ERROR, null, 0]);
    assert(!JSON.stringify(records.map(({ job: _, ...rest }) => rest)).includes(process.env.AD_API_KEY));
    client.setLog(null);
    const heard = records.length;
    await job.poll();
    assert.equal(records.length, heard);
    client.close();
  },

  async a_log_that_is_set_during_a_call_names_its_job() {
    const records = [];
    const client = Client.fromEnv(QUICK);
    const job = client.job(DEER, { clientReferenceId: 'late log' });
    const end = job.run();
    client.setLog((record) => records.push(record), LogLevel.DEBUG);
    await end;
    assert.equal(records.at(-1).job, job);
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
      const lent = [client.job(new Uint8Array(100)), client.job({ size: 100, read() {} })];
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

  async under_load_the_descriptor_is_looked_at_from_time_to_time_until_there_is_nothing() {
    const { Client: NativeClient } = native;
    let made;
    native.Client = class extends NativeClient { constructor(...values) { super(...values); made = this; } };
    const client = Client.fromEnv({ maxRequests: 64, pollMode: PollMode.LATENCY, pollBoundsMs: [10, 100] });
    native.Client = NativeClient;
    let begun = 0;
    const work = async () => {
      while (begun < 3000 && made.looks() < 10) await client.detect(DEER, { clientReferenceId: `load ${begun++}` });
    };
    await Promise.all(Array.from({ length: 64 }, work));
    assert(made.looks() >= 10, `${made.looks()} looks, ${begun} jobs`);
    client.setPaused(Pause.ALL);
    const held = client.detect(DEER, { clientReferenceId: 'held' });
    await sleep(100);
    const before = made.looks();
    await sleep(100);
    assert.equal(made.looks(), before);
    client.setPaused(Pause.NONE);
    await held;
    client.close();
  },

  async a_worker_under_load_may_be_terminated_or_close_its_client() {
    const program = `const { parentPort, workerData } = require('node:worker_threads');
      const { Client, PollMode } = require(${JSON.stringify(path.join(folder, 'node'))});
      const client = Client.fromEnv({ maxRequests: 64, pollMode: PollMode.LATENCY, pollBoundsMs: [10, 100] });
      let begun = 0;
      const work = async () => {
        while (true) {
          await client.detect(${JSON.stringify(DEER)}, { clientReferenceId: workerData + begun++ });
          if (begun === 500) {
            if (workerData.startsWith('close')) client.close();
            parentPort.postMessage('enough');
          }
        }
      };
      for (let i = 0; i < 64; i++) work().catch(() => {});`;
    for (const name of ['terminate 1 ', 'close 1 ', 'terminate 2 ', 'close 2 ']) {
      const worker = new Worker(program, { eval: true, workerData: name });
      const left = new Promise((resolve) => worker.once('exit', resolve));
      await new Promise((resolve, reject) => { worker.once('message', resolve); worker.once('error', reject); });
      if (name.startsWith('terminate')) await worker.terminate();
      assert.equal(await left, name.startsWith('terminate') ? 1 : 0);
    }
  },

  async a_job_that_the_service_failed_tells_why() {
    const client = Client.fromEnv({ ...QUICK, baseUrl: process.env.FAILING_URL });
    const failure = await failureOf(() => client.detect(DEER));
    assert.equal(failure.code, 'ANIMALDETECT_E_JOB_FAILED');
    assert(failure.jobId && failure.serviceMessage, failure);
    client.close();
  },

  async a_retry_after_of_the_service_is_shown() {
    const client = Client.fromEnv({ ...QUICK, baseUrl: process.env.LIMITED_URL });
    const failure = await failureOf(() => client.detect(DEER, { callTimeoutMs: 5000 }));
    assert.deepEqual([failure.code, failure.retryAfterMs, failure.httpStatus, failure.attempts],
      ['ANIMALDETECT_E_CALL_TIMEOUT', 3600000, 429, 1]);
    client.close();
  },

  async a_rerun_is_another_job_of_the_same_image() {
    const client = Client.fromEnv({ ...QUICK, baseUrl: process.env.FAILING_URL });
    const job = client.job(DEER, { clientReferenceId: 'rerun' });
    assert.equal((await failureOf(() => job.rerun())).status, Status.E_STATE); // no call was made yet
    await failureOf(() => job.run());
    const first = job.info;
    assert.deepEqual([first.stage, first.state, first.rerunNumber], [Stage.FINISHED, State.FAILED, 0]);
    job.rerun();
    const { stage, state, id, rerunNumber } = job.info;
    assert.deepEqual([stage, state, id, rerunNumber], [Stage.NEW, State.NONE, null, 1]);
    const failure = await failureOf(() => job.run());
    assert.equal(failure.status, Status.E_JOB_FAILED);
    assert(failure.jobId && failure.jobId !== first.id && job.info.idempotencyKey !== first.idempotencyKey);
    const restored = client.restore(job.save());
    restored.rerun();
    assert.deepEqual([restored.info.rerunNumber, restored.info.path], [2, DEER]);
    client.close();
  },

  async a_retry_after_of_the_service_is_a_hold() {
    const client = Client.fromEnv({ ...QUICK, baseUrl: process.env.LIMITED_URL, maxRetryAfterMs: 1800000 });
    assert.deepEqual([client.holdReason, client.heldUntilMs], [Hold.NONE, null]);
    await failureOf(() => client.detect(DEER, { callTimeoutMs: 5000 }));
    const left = () => client.heldUntilMs - Date.now();
    assert.equal(client.holdReason, Hold.RATE_LIMIT);
    assert(left() > 1700000 && left() <= 1801000, left());
    client.configure({ maxRetryAfterMs: 60000 });
    client.resume(); // that is no matter of the account
    assert.equal(client.holdReason, Hold.RATE_LIMIT);
    assert(left() <= 61000, left());
    client.close();
  },

  async a_refused_key_holds_creates_until_another_is_set() {
    const client = Client.fromEnv({ ...QUICK, apiKey: 'sk_test_wrong' });
    await failureOf(() => client.detect(DEER));
    assert.deepEqual([client.holdReason, client.heldUntilMs], [Hold.ACCOUNT, Infinity]);
    const waiting = client.detect(DEER, { clientReferenceId: 'waits' });
    await sleep(50);
    assert.equal(client.statistics().requests_create, 1);
    client.setApiKey(process.env.AD_API_KEY);
    assert((await waiting).detections);
    assert.deepEqual([client.holdReason, client.heldUntilMs], [Hold.NONE, null]);
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
    assert.throws(() => parseResult('['), { code: 'ANIMALDETECT_E_PROTOCOL' });
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
