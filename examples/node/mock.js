// SPDX-License-Identifier: MIT
// The service in memory, for tests of programs that use this package: a service, a network and a clock, without a socket and
// without real time. The clock advances whenever a call has nothing to do but wait, so that an hour's outage passes at once.
'use strict';

// The client's addon first: it loads the library that the mock's needs. An addon with the archives has both.
const { Client, Status } = require('./index.js');
const { errorOf } = require('./errors.js');
const client = require('./native.js');
const native = client.Mock ? client : require('./find.js').load('animaldetect_mock', 'ANIMALDETECT_MOCK_ADDON');

/** How a request fails below HTTP. CONNECT, TLS and REFUSED: it was certainly not sent; the others may have had their effect. */
const Failure = Object.freeze({ CONNECT: 1, BROKEN: 2, TIMEOUT: 3, TLS: 4, REFUSED: 5 });

class Mock {
  #native = new native.Mock();

  /** A client with the mock's key and everything else as in `settings`. */
  client(settings = {}) { return new Client({ apiKey: 'sk_test_mock', ...settings, transport: this.transport }); }

  /** For a program that makes its own client: new Client({ transport: mock.transport, apiKey: 'sk_test_mock' }). */
  get transport() { return this.#native.transport(); }

  // ---- the service, before its first request ----

  /** Seeds all random numbers, those of the clients included. */
  setSeed(seed) { return this.#check(this.#native.set_seed(seed)); }
  /** How long an image is processed: 'fixed:MS', 'lognormal:MEDIAN_MS:SIGMA', 'bimodal:MS1:MS2:P' or 'fifo:SERVICE_MS'. */
  setProcessing(how) { return this.#check(this.#native.set_processing(how)); }
  /** The round-trip time of a request. */
  setLatencyMs(latencyMs) { return this.#check(this.#native.set_latency_ms(latencyMs)); }
  /** The quota of the key: API requests in any minute; 0 for none. */
  setRateLimit(perMinute) { return this.#check(this.#native.set_rate_limit(perMinute)); }
  /** Reads the result for each image from a JSON file. */
  loadAnswers(path) { return this.#check(this.#native.load_answers(path)); }

  // ---- what goes wrong: at any time ----

  /** A fault of the service's own, such as 'submit:reset-after:n=1'; doc/mock.md of the library lists them. */
  addFault(fault) { return this.#check(this.#native.add_fault(fault)); }
  /** Removes all faults and scripts. */
  clearFaults() { return this.#check(this.#native.clear_faults()); }
  /** A response in place of the service's to the nth request of a route, counted from 1; 0 for each. */
  answer(route, nth, httpStatus, body = null, headers = {}) {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join('\n');
    return this.#check(this.#native.answer(route, nth, httpStatus, lines || null, body));
  }
  /** A failure of the network, a value of Failure, for the nth request of a route; 0 for each. */
  fail(route, nth, failure) { return this.#check(this.#native.fail(route, nth, failure)); }
  /** Delays the response to the nth request of a route; 0 for each. */
  delay(route, nth, delayMs) { return this.#check(this.#native.delay(route, nth, delayMs)); }
  /** Puts a job of the service into a state, such as 'failed' or 'expired'. */
  setJobState(id, state) { return this.#check(this.#native.set_job_state(id, state)); }
  /** Makes every upload URL that was issued so far expire now. */
  expireUploads() { return this.#check(this.#native.expire_uploads()); }

  // ---- time: virtual ----

  /** Milliseconds since the mock's beginning of time. */
  get nowMs() { return this.#native.now_ms(); }
  /** Lets time pass. */
  advanceMs(ms) { return this.#check(this.#native.advance_ms(ms)); }

  // ---- what to assert ----

  /** The requests of a route, or of all, in the order in which they were started. */
  requests(route = 'any') { return this.#native.requests(route); }
  /** The ids of the service's jobs: what would be billed. */
  get jobs() { return this.#native.jobs(); }
  /** The service's word for the state of a job; null for an unknown one. */
  jobState(id) { return this.#native.job_state(id); }
  /** What a client did that the service's contract forbids; the library keeps this empty. */
  get violations() { return this.#native.violations(); }

  #check(status) {
    if (status !== Status.OK) throw errorOf(status, {}, this.#native.message());
    return this;
  }
}

module.exports = { Mock, Failure };
