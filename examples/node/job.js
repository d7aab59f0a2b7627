// SPDX-License-Identifier: MIT
// The job: one image on its way. Made by a client; every step is a promise.
'use strict';

const { fileURLToPath } = require('node:url');
const native = require('./native.js');
const { errorOf } = require('./errors.js');
const { onAbort } = require('./signal.js');
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
  priority: (value) => ['set_priority', value],
  note: (value) => ['set_note', value],
  callTimeoutMs: (value) => ['set_call_timeout_ms', value],
  threshold: (value) => ['set_threshold', value],
  country: (value) => ['set_country', value],
  classify: (value) => ['set_classify', Number(value)],
  metadata: (value) => ['set_metadata', Number(value)],
  smoothHerd: (value) => ['set_smooth_herd', Number(value)],
  topCandidate: (value) => ['set_top_candidate', value],
  location: (value) => ['set_location', value.latitude, value.longitude],
};

/** What the addon calls: nothing may be thrown through the library, so it waits in `raised` for the call to end. */
function toReader(reader, raised) {
  const guarded = (act) => {
    try {
      return act();
    } catch (error) {
      raised.error = error;
      return Status.E_HOST;
    }
  };
  return {
    read: (size) => guarded(() => {
      const bytes = reader.read(size) ?? new Uint8Array(0);
      if (bytes instanceof Uint8Array) return bytes;
      throw new TypeError('read must return a Uint8Array');
    }),
    rewind: () => guarded(() => {
      reader.rewind();
      return 0;
    }),
  };
}

/** Bytes that may shrink, or that another thread may change, are copied; all others are lent. */
function toBytes(image) {
  return image.buffer instanceof ArrayBuffer && !image.buffer.resizable ? image : Buffer.from(image);
}

class Job {
  #client;
  #native;
  #raised = {}; // what a reader threw
  #canceled = false; // before a call
  #starting; // how a call in flight is told to the client: see Client#begin

  /** @hidden */
  constructor(client, handle, starting) {
    this.#client = client;
    this.#native = handle;
    this.#starting = starting;
  }

  /** A path, a file: URL, the encoded image, or a reader: { size, read(size), rewind() }. Bytes are not copied: they
   *  and readers are kept until the library releases them: when the job is closed, or other input has replaced them. */
  setImage(image) {
    if (image instanceof Uint8Array) this.#check(this.#native.set_bytes(toBytes(image)));
    else if (typeof image?.read === 'function') this.#setReader(image);
    else this.#check(this.#native.set_file(image instanceof URL ? fileURLToPath(image) : image));
  }

  /** What goes with the image, and the options of the service; `options` are those that it adds later. `callTimeoutMs`,
   *  `priority` (smaller goes first) and `note` (a text of your own, saved with the job, never sent) at any time. */
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
  async fetch(how) { await this.#call('fetch_async', how); return this.result(); }

  /** Ends the call in flight: its promise rejects with a CanceledError. Without one the next call is ended so. */
  cancel() {
    if (this.#starting.isBegun()) this.#check(this.#native.cancel());
    else this.#canceled = true;
  }

  /** Begins a new run of the image: back to Stage.NEW with the next rerun number. What the service said is forgotten;
   *  the next call creates another job, which is billed. Save before it if that must survive a power cut. */
  rerun() { this.#check(this.#native.rerun()); }

  /** A small JSON text without the API key, for Client.restore; also while a call is in flight. */
  save() { return this.#value(this.#native.save()); }

  /** What was seen, once it was fetched. */
  result() { return this.#value(this.#native.result()); }

  /** The result as the service sent it, whatever its shape; null when it was not fetched. */
  get resultJson() { return this.#value(this.#native.result_json()); }

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
    if (this.#canceled) {
      this.#canceled = false;
      throw errorOf(Status.E_CANCELED);
    }
    const end = this.#starting.begin(() => this.#check(this.#native[step]()));
    delete this.#raised.error;
    const forget = signal && onAbort(signal, () => this.#native.cancel());
    try {
      const status = await end;
      if (status === Status.E_CANCELED) signal?.throwIfAborted();
      if (status !== Status.OK) {
        const facts = this.#native.read();
        const { error } = this.#raised;
        throw errorOf(status, typeof facts === 'number' ? {} : facts, '',
          status <= Status.E_HOST ? { cause: error } : undefined);
      }
    } finally {
      forget?.();
    }
  }

  #setReader(image) {
    const canRewind = typeof image.rewind === 'function';
    this.#check(this.#native.set_reader(image.size, toReader(image, this.#raised), canRewind));
  }

  #check(status) {
    if (status !== Status.OK) throw this.#client.refusal(status);
  }

  #value(value) {
    if (typeof value === 'number') throw errorOf(value);
    return value;
  }
}

/** For `using` and `await using`, where this Node.js has them. */
function disposable(kind) {
  if (Symbol.dispose) kind.prototype[Symbol.dispose] = kind.prototype.close;
  if (Symbol.asyncDispose) kind.prototype[Symbol.asyncDispose] = async function dispose() { this.close(); };
}

disposable(Job);

module.exports = { Job, disposable };
