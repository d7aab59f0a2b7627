// SPDX-License-Identifier: MIT
// The job: one image on its way. Made by a client; every step is a promise.
'use strict';

const { fileURLToPath } = require('node:url');
const native = require('./native.js');
const { AnimalDetectError } = require('./errors.js');
const { Status } = require('./constants.js');

// Setting in JavaScript -> method of the addon and its arguments.
const SETTINGS = {
  sourceUrl: (value) => ['set_source_url', value],
  filename: (value) => ['set_filename', value],
  contentType: (value) => ['set_content_type', value],
  sha256: (value) => ['set_sha256', value],
  clientReferenceId: (value) => ['set_client_reference_id', value],
  idempotencyKey: (value) => ['set_idempotency_key', value],
  rerun: (value) => ['set_rerun', value],
  deadlineMs: (value) => ['set_deadline_ms', value],
  threshold: (value) => ['set_threshold', value],
  country: (value) => ['set_country', value],
  classify: (value) => ['set_classify', Number(value)],
  metadata: (value) => ['set_metadata', Number(value)],
  smoothHerd: (value) => ['set_smooth_herd', Number(value)],
  topCandidate: (value) => ['set_top_candidate', value],
  location: (value) => ['set_location', value.latitude, value.longitude],
};

/** metadata is parsed when it is looked at; `json` is what the service sent. */
function toResult(plain) {
  const { metadataJson, ...result } = plain;
  result.metadata = metadataJson === null ? null : JSON.parse(metadataJson);
  return Object.freeze(result);
}

class Job {
  #client;
  #native;
  #starting; // how a call in flight is told to the client: see Client#begin

  /** @hidden */
  constructor(client, handle, starting) {
    this.#client = client;
    this.#native = handle;
    this.#starting = starting;
  }

  /** A path, a file: URL, or the encoded image. */
  setImage(image) {
    if (image instanceof Uint8Array) this.#check(this.#native.set_bytes(image));
    else this.#check(this.#native.set_file(image instanceof URL ? fileURLToPath(image) : image));
  }

  /** What goes with the image, and the options of the service; `options` are those that it adds later. */
  configure({ operation: _, options = {}, ...settings }) {
    for (const [name, value] of Object.entries(settings)) {
      if (value === undefined) continue;
      if (!Object.hasOwn(SETTINGS, name)) throw new TypeError(`no such setting: ${name}`);
      const [method, ...values] = SETTINGS[name](value);
      this.#check(this.#native[method](...values));
    }
    for (const [name, value] of Object.entries(options))
      this.#check(this.#native.set_option_json(name, JSON.stringify(value)));
  }

  /** All that is left, from wherever the job stands. Safe to repeat after a failure. */
  async run(how) { await this.#call('run_async', how); return this.result(); }
  async create(how) { await this.#call('create_async', how); }
  async upload(how) { await this.#call('upload_async', how); }
  async submit(how) { await this.#call('submit_async', how); }
  /** Asks for the state once. */
  async poll(how) { await this.#call('poll_async', how); return this.info.state; }
  async fetchResult(how) { await this.#call('fetch_result_async', how); return this.result(); }

  /** Ends the call in flight: its promise rejects with ANIMALDETECT_E_CANCELED. */
  cancel() { this.#check(this.#native.cancel()); }

  /** A small JSON text without the API key, for Client.restore; also while a call is in flight. */
  save() { return this.#value(this.#native.save()); }

  /** What was seen, once it was fetched. */
  result() { return toResult(this.#value(this.#native.result())); }

  /** Everything that can be read, as it is now. */
  get info() {
    const { message, failedStep, retryAfterMs, ...info } = this.#value(this.#native.read());
    return info;
  }

  get id() { return this.info.id; }

  /** Aborts a call in flight and frees the job. The service may still process the image. */
  close() {
    this.#starting.abandon();
    this.#native.close();
  }

  async #call(step, { signal } = {}) {
    signal?.throwIfAborted();
    const end = this.#starting.begin(() => this.#check(this.#native[step]()));
    const cancel = () => this.#native.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const status = await end;
      if (status === Status.E_CANCELED) signal?.throwIfAborted();
      if (status !== Status.OK) {
        const facts = this.#native.read();
        throw new AnimalDetectError(status, typeof facts === 'number' ? {} : facts);
      }
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #check(status) {
    if (status !== Status.OK) throw this.#client.refusal(status);
  }

  #value(value) {
    if (typeof value === 'number') throw new AnimalDetectError(value);
    return value;
  }
}

if (Symbol.dispose) Job.prototype[Symbol.dispose] = Job.prototype.close;

module.exports = { Job, toResult };
