// SPDX-License-Identifier: MIT
// What a call that did not succeed throws or rejects with. `message` is one line that lets a
// person act, without secrets.
'use strict';

const native = require('./native.js');
const { Step, Stage } = require('./constants.js');

class AnimalDetectError extends Error {
  /** @param {number} status  a value of Status
   *  @param {object} [facts]  what Job's `read` of the addon answers
   *  @param {string} [message]  the words, when they are not those of the status or of the facts */
  constructor(status, facts = {}, message = '') {
    super(message || facts.message || native.status_text(status));
    this.name = 'AnimalDetectError';
    /** As the C headers name it, such as ANIMALDETECT_E_CONFLICT. */
    this.code = native.status_name(status);
    this.status = status;
    this.step = facts.failedStep ?? Step.NONE;
    this.stage = facts.stage ?? Stage.NEW;
    this.httpStatus = facts.httpStatus ?? 0;
    this.serviceCode = facts.serviceCode ?? null;
    this.serviceMessage = facts.serviceMessage ?? null;
    this.requestId = facts.requestId ?? null;
    this.jobId = facts.id ?? null;
    this.retryAfterMs = facts.retryAfterMs >= 0 ? facts.retryAfterMs : null;
    this.attempts = facts.attempts ?? 0;
    /** Has the same call a chance later, unchanged? */
    this.retriable = native.status_is_retriable(status) === 1;
  }
}

module.exports = { AnimalDetectError };
