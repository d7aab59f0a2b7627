// SPDX-License-Identifier: MIT
// The client: configuration, connections, quota and engine. One per API key; everything happens on the event loop of
// the thread that made it. The process stays alive while calls are in flight, and only then.
'use strict';

const native = require('./native.js');
const constants = require('./constants.js');
const { classes, errorOf } = require('./errors.js');
const { imagesIn, each } = require('./folder.js');
const { Job, disposable } = require('./job.js');
const { parseResult } = require('./result.js');
const { onAbort } = require('./signal.js');

const { LogLevel, Operation, Status, Step } = constants;

/** Milliseconds for C; Infinity is a time without end. */
const endless = (value) => (value === Infinity ? -1 : value);

// Setting in JavaScript -> method of the addon and its arguments.
const SETTINGS = {
  apiKey: (value) => ['set_api_key', value],
  baseUrl: (value) => ['set_base_url', value],
  caFile: (value) => ['set_ca_file', value],
  caPem: (value) => ['set_ca_pem', Buffer.from(value)],
  proxy: (value) => ['set_proxy', value],
  userAgent: (value) => ['set_user_agent', value],
  checksumField: (value) => ['set_checksum_field', value],
  connectTimeoutMs: (value) => ['set_connect_timeout_ms', value],
  stallTimeoutMs: (value) => ['set_stall_timeout_ms', value],
  requestTimeoutMs: (value) => ['set_request_timeout_ms', value],
  offlinePatienceMs: (value) => ['set_offline_patience_ms', endless(value)],
  maxRetryAfterMs: (value) => ['set_max_retry_after_ms', value],
  processingTimeoutMs: (value) => ['set_processing_timeout_ms', endless(value)],
  maxRequests: (value) => ['set_max_requests', value],
  maxJobs: (value) => ['set_max_jobs', value],
  rateLimit: ({ requestsPerMinute, burst = 0 }) => ['set_rate_limit', requestsPerMinute, burst],
  maxTries: (value) => ['set_max_tries', value],
  pollMode: (value) => ['set_poll_mode', value],
  pollBoundsMs: ([least, most]) => ['set_poll_bounds_ms', least, most],
  allowInsecureHttp: (value) => ['set_allow_insecure_http', Number(value)],
  maxImageBytes: (value) => ['set_max_image_bytes', value],
  maxAnswerBytes: (value) => ['set_max_answer_bytes', value],
};

const [NEW, RESTORE, ATTACH] = [0, 1, 2];

// What these statuses mean stands in the status alone; the client's words would be an older failure's.
const WITHOUT_WORDS = new Set([Status.E_NO_MEMORY, Status.E_FORKED, Status.E_SYSTEM, Status.E_REENTRANT]);

const statisticNames = native.statistic_names();

class Client {
  #native;
  #ready = () => this.#take(); // the addon holds it weakly while nothing is in flight
  #log = null;
  #closed = false;
  #numbers = 0;
  #pending = new Map(); // number of a job with a call in flight -> the job, and how the call is settled
  #jobs = new Map(); // number of a job -> a weak reference to it, for the log
  #collected = new FinalizationRegistry((number) => this.#jobs.delete(number));

  constructor(settings = {}, fromEnv = false) {
    const { log, logLevel, transport, ...rest } = settings;
    this.#native = new native.Client(this.#ready);
    if (this.#native.status !== Status.OK) throw errorOf(this.#native.status);
    try {
      if (transport) this.#check(this.#native.set_transport(transport)); // of a Mock
      if (log) this.setLog(log, logLevel);
      if (fromEnv) this.#check(this.#native.configure_from_env());
      this.configure(rest);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Key and base URL from AD_API_KEY or ANIMAL_DETECT_API_KEY, and AD_API_BASE_URL. */
  static fromEnv(settings) { return new Client(settings, true); }

  /** Makes a job; nothing is sent. */
  job(image, settings = {}) {
    const job = this.#adopt(NEW, settings.operation ?? Operation.DETECT);
    try {
      if (image !== undefined && image !== null) job.setImage(image);
      job.configure(settings);
    } catch (error) {
      job.close();
      throw error;
    }
    return job;
  }

  /** One image, from its bytes to what is in it. `signal` is an AbortSignal. */
  async detect(image, { signal, ...settings } = {}) {
    const job = this.job(image, settings);
    try {
      return await job.run({ signal });
    } finally {
      job.close();
    }
  }

  /** Many images, such as those of `imagesIn(folder)`: an async iterator of { image, result, error } in the order in which
   *  they end. At most `concurrency` are on their way at once, and none before it is asked for, so that a folder of any
   *  size needs little memory. A failure is an `error` and ends nothing; leaving the loop, or `signal`, cancels the rest. */
  async *detectAll(images, { concurrency = 64, signal, ...settings } = {}) {
    const leave = new AbortController();
    const stop = () => leave.abort(signal.reason);
    if (!(concurrency >= 1)) throw new RangeError('concurrency is at least 1');
    if (signal?.aborted) stop();
    const forget = signal && onAbort(signal, stop);
    try {
      const all = each(images, concurrency, leave.signal, async (image) => {
        try {
          return { image, result: await this.detect(image, { ...settings, signal: leave.signal }), error: null };
        } catch (error) {
          return { image, result: null, error };
        }
      });
      for await (const one of all) if (one.result || !signal?.aborted) yield one; // what is there already is handed out
      signal?.throwIfAborted();
    } finally {
      forget?.();
      leave.abort();
    }
  }

  /** Makes a job from what Job.save gave, in any process, under the same key: nothing is uploaded or billed twice. */
  restore(saved) { return this.#adopt(RESTORE, saved); }

  /** Makes a job of which only the service's id is known. */
  attach(jobId) { return this.#adopt(ATTACH, jobId); }

  /** Most settings may be changed while jobs run: what they set counts for what is sent next. Base URL, trusted
   *  origins, user agent, checksum field and plain http are fixed with the first job. */
  configure({ trustedOrigins = [], headers = {}, ...settings }) {
    for (const [name, value] of Object.entries(settings)) {
      if (value === undefined) continue;
      if (!Object.hasOwn(SETTINGS, name)) throw new TypeError(`no such setting: ${name}`);
      const [method, ...values] = SETTINGS[name](value);
      this.#check(this.#native[method](...values));
    }
    for (const origin of trustedOrigins) this.#check(this.#native.add_trusted_origin(origin));
    for (const [name, value] of Object.entries(headers)) this.addHeader(name, value);
  }

  /** A header for every request to the service, but not to its storage. '' takes it away. No secret. */
  addHeader(name, value) { this.#check(this.#native.add_header(name, value)); }

  /** Ends the client for good, but keeps it: calls in flight, and each later one, reject with a CanceledError. */
  stop() { this.#check(this.#native.stop()); }

  /** What is not begun for now, a value of Pause. Requests on the wire are finished; the timeouts of calls go on. */
  setPaused(what) { this.#check(this.#native.set_paused(what)); }

  /** The machine has another network: connections are not used again, and what waits is tried at once. */
  networkChanged() { this.#check(this.#native.network_changed()); }

  /** Ends Hold.ACCOUNT: the account can pay again, or the key has its rights back. A network that is not there is
   *  probed at once; a wait that the service asked for goes on. */
  resume() { this.#check(this.#native.resume()); }

  /** What keeps requests back now, a value of Hold; of several holds the one that holds the most. */
  get holdReason() { return this.#native.hold_reason(); }

  /** When the hold ends, or the client next asks by itself whether it does: milliseconds like those of Date.now(), null
   *  without a hold, Infinity when only the host can end it, by setApiKey or resume. */
  get heldUntilMs() {
    const until = this.#native.held_until_ms();
    if (until === 0) return null;
    return until < 0 ? Infinity : until;
  }

  /** Whether API requests need permits: several clients then share the quota of one key, with something of the host's own
   *  that counts for all of them. See permits.h and doc/guide.md of the library. */
  setPermits(needed) { this.#check(this.#native.set_permits(Number(needed))); }
  /** What the client may send in a minute while nothing is granted for so long; 0 to wait. */
  setPermitShare(requestsPerMinute, afterMs) { this.#check(this.#native.set_permit_share(requestsPerMinute, afterMs)); }
  /** How much later than it was sent a request may still arrive at the service. */
  setPermitLagMs(lagMs) { this.#check(this.#native.set_permit_lag_ms(lagMs)); }
  /** How many permits the client could use now or within a second, beyond those that it has. */
  permitsWanted() { return this.#number(this.#native.permits_wanted()); }
  /** Those that are unused when their life ends are gone. */
  grantPermits(count, lifeMs) { this.#check(this.#native.grant_permits(count, lifeMs)); }
  /** Takes back unused ones, at most so many, and answers how many there were. */
  returnPermits(count) { return this.#number(this.#native.return_permits(count)); }
  /** { settledMs, outstanding } of the same moment: how long ago each was settled since the last report, at most so many. */
  reportPermits(most = 10000) { return this.#number(this.#native.report_permits(most)); }
  /** { count, waitMs }: responses 429 since the last call, and how much longer requests are held for that. */
  takeRateLimits() { return this.#number(this.#native.take_rate_limits()); }
  /** Holds all API requests, as after a response 429 that another client has met. */
  holdRequests(waitMs) { this.#check(this.#native.hold_requests(waitMs)); }

  /** May be called while jobs run: the next request carries the new key. */
  setApiKey(key) { this.#check(this.#native.set_api_key(key)); }

  /** `log(record)` is called after the turn of the event loop that had something to say. A record is an object: level,
   *  text, job, jobId, step, httpStatus, requestId, durationMs. null for no log. */
  setLog(log, level = LogLevel.WARNING) {
    this.#check(this.#native.set_log(log ? level : LogLevel.NONE));
    this.#log = log;
    for (const [number, { job }] of this.#pending) this.#track(number, job);
  }

  /** Every counter and gauge by its name, also those of a newer library; `gauges` has the names of the gauges. */
  statistics() {
    return Object.fromEntries(statisticNames.map((name, which) => [name, this.#native.statistic(which)]));
  }

  /** Milliseconds that requests of a step took, or whole jobs; null while nothing was measured. */
  latencyMs(quantile, step = Step.NONE) { return this.#native.latency_ms(step, quantile); }

  /** Jobs with a call in flight. */
  get inFlight() { return this.#pending.size; }

  /** Aborts what is in flight; its promises reject. Jobs stay readable until they are closed. */
  close() {
    if (this.#closed) return;
    this.#check(this.#native.close()); // not from inside a reader
    this.#closed = true;
    for (const { settle } of this.#pending.values()) settle(Status.E_CANCELED);
    this.#pending.clear();
    this.#flushLog();
  }

  /** @hidden The error for a call that was refused; its words are the client's. */
  refusal(status) {
    if (this.#closed) return errorOf(Status.E_CLIENT_FREED, {}, 'the client is closed');
    return errorOf(status, {}, WITHOUT_WORDS.has(status) ? '' : this.#native.message());
  }

  #adopt(kind, text) {
    // The number is what the library hands back when a call on the job has ended.
    const number = (this.#numbers = (this.#numbers + 1) & 0x7fffffff);
    const handle = new native.Job(this.#native, kind, text, number);
    this.#check(handle.status);
    const job = new Job(this, handle, {
      begin: (start) => this.#begin(number, start, job),
      isBegun: () => this.#pending.has(number),
      abandon: () => this.#settle(number, Status.E_CANCELED),
    });
    this.#track(number, job);
    return job;
  }

  /** Only a log needs to find jobs, and a finalizer for each costs. */
  #track(number, job) {
    if (!this.#log || this.#jobs.has(number)) return;
    this.#jobs.set(number, new WeakRef(job));
    this.#collected.register(job, number);
  }

  /** Returns a promise for the status that the call completes with. */
  #begin(number, start, job) {
    this.#track(number, job);
    start();
    const end = new Promise((settle) => this.#pending.set(number, { job, settle }));
    this.#native.watch(true);
    return end;
  }

  #settle(number, status) {
    const call = this.#pending.get(number);
    if (!call) return;
    this.#pending.delete(number);
    call.settle(status);
    if (this.#pending.size === 0 && !this.#closed) this.#native.watch(false);
  }

  /** The descriptor is readable: one turn, then what has ended. */
  #take() {
    const ended = this.#native.take();
    if (typeof ended === 'number') {
      for (const number of [...this.#pending.keys()]) this.#settle(number, ended);
    } else {
      for (let i = 0; i < ended.length; i += 2) this.#settle(ended[i], ended[i + 1]);
    }
    this.#flushLog();
  }

  #flushLog() {
    const records = this.#log ? this.#native.take_log() : [];
    for (const record of records) this.#log?.({ ...record, job: this.#jobs.get(record.job)?.deref() ?? null });
  }

  #check(status) {
    if (status !== Status.OK) throw this.refusal(status);
  }

  /** A number of its own, or the status that took its place. */
  #number(value) {
    if (value < 0) throw this.refusal(value);
    return value;
  }
}

disposable(Client);

/** What this build of the library, and the libraries that it runs on, are and can do, by name. */
const features = () => native.features();

/** The names of the statistics that go up and down; all others are counters. */
const gauges = () => new Set(native.gauges());

module.exports = {
  Client, Job, parseResult, imagesIn, features, gauges, libraryVersion: native.version, ...classes, ...constants,
};
