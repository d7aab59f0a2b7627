// SPDX-License-Identifier: MIT
// What a call that did not succeed throws or rejects with: one class, with one kind of it for each scope, and a few for
// single statuses. `message` is one line that lets a person act, without secrets.
'use strict';

const native = require('./native.js');
const { Scope, Stage, Status, Step } = require('./constants.js');

/** Of this very class: a status that this version does not know. */
class AnimalDetectError extends Error {
  /** @param {number} status  a value of Status
   *  @param {object} [facts]  what Job's `read` of the addon answers
   *  @param {string} [message]  the words, when they are not those of the status or of the facts
   *  @param {object} [options]  `cause`: what the host's own reader threw */
  constructor(status, facts = {}, message = '', options = undefined) {
    super(message || facts.message || native.status_text(status), options);
    this.name = new.target.name;
    /** As the C headers name it, such as ANIMALDETECT_E_CONFLICT. */
    this.code = native.status_name(status);
    this.status = status;
    /** Whose matter it is, a value of Scope: keep the image, set it aside, ask again later, or call a person. */
    this.scope = native.status_scope(status);
    this.step = facts.failedStep ?? Step.NONE;
    this.stage = facts.stage ?? Stage.NEW;
    this.httpStatus = facts.httpStatus ?? 0;
    this.serviceCode = facts.serviceCode ?? null;
    this.serviceMessage = facts.serviceMessage ?? null;
    this.requestId = facts.requestId ?? null;
    this.jobId = facts.id ?? null;
    this.retryAfterMs = facts.retryAfterMs >= 0 ? facts.retryAfterMs : null;
    this.attempts = facts.attempts ?? 0;
    /** May the same call succeed later, unchanged? */
    this.retriable = native.status_is_retriable(status) === 1;
  }
}

/** The program, its machine or its own limits. Keep the image. */
class CallerError extends AnimalDetectError {}
/** This image as it is cannot be processed. Set it aside; the others are fine. */
class ImageError extends AnimalDetectError {}
/** This job at the service. Another run may help: see Job.rerun. */
class JobError extends AnimalDetectError {}
/** The key, its permission or the payment. Keep all images, call a person. */
class AccountError extends AnimalDetectError {}
/** The way to the service: route, portal, proxy, TLS, clock. Keep all images, ask again later. */
class NetworkError extends AnimalDetectError {}
/** The service or its storage. Keep all images, ask again later. */
class ServiceError extends AnimalDetectError {}

/** The call was canceled, or its client stopped or closed. */
class CanceledError extends CallerError {}
/** The call timeout expired, or the next allowed retry would be after it. */
class CallTimeoutError extends CallerError {}
/** The client has `maxJobs` calls in flight; nothing was started. Wait until one has ended. */
class QueueFullError extends CallerError {}
/** The image's reader threw: that is the `cause`. */
class ReaderError extends CallerError {}

const BY_SCOPE = new Map([
  [Scope.CALLER, CallerError], [Scope.IMAGE, ImageError], [Scope.JOB, JobError], [Scope.ACCOUNT, AccountError],
  [Scope.NETWORK, NetworkError], [Scope.SERVICE, ServiceError],
]);
const BY_STATUS = new Map([
  [Status.E_CANCELED, CanceledError], [Status.E_CALL_TIMEOUT, CallTimeoutError], [Status.E_QUEUE_FULL, QueueFullError],
  [Status.E_HOST, ReaderError],
]);

/** The error of the kind that the status belongs to; the arguments are those of AnimalDetectError. */
function errorOf(status, ...rest) {
  const kind = BY_STATUS.get(status) ?? BY_SCOPE.get(native.status_scope(status)) ?? AnimalDetectError;
  return new kind(status, ...rest);
}

module.exports = {
  errorOf,
  classes: { AnimalDetectError, CallerError, ImageError, JobError, AccountError, NetworkError, ServiceError,
    CanceledError, CallTimeoutError, QueueFullError, ReaderError },
};
