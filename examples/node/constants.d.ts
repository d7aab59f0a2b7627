// SPDX-License-Identifier: MIT
// The types of constants.js, made from it by tests/interface/bindings/node_constants.js. A newer library may use numbers that
// are not here, so what is read from it is a plain number.

/** What a call returned: OK, or why it failed. */
export const Status: {
  readonly OK: 0;
  readonly AGAIN: 100;
  readonly E_INVALID_ARGUMENT: -2;
  readonly E_NO_MEMORY: -3;
  readonly E_STATE: -4;
  readonly E_BUSY: -5;
  readonly E_FORKED: -6;
  readonly E_UNSUPPORTED: -7;
  readonly E_CANCELED: -8;
  readonly E_CALL_TIMEOUT: -9;
  readonly E_NO_API_KEY: -10;
  readonly E_FILE: -11;
  readonly E_FILE_CHANGED: -12;
  readonly E_IMAGE_EMPTY: -13;
  readonly E_IMAGE_TOO_LARGE: -14;
  readonly E_IMAGE_TYPE: -15;
  readonly E_READER: -16;
  readonly E_NETWORK: -17;
  readonly E_TIMEOUT: -18;
  readonly E_TLS: -19;
  readonly E_UNTRUSTED_URL: -20;
  readonly E_INSECURE_URL: -21;
  readonly E_BAD_REQUEST: -22;
  readonly E_UNAUTHORIZED: -23;
  readonly E_PAYMENT_REQUIRED: -24;
  readonly E_FORBIDDEN: -25;
  readonly E_NOT_FOUND: -26;
  readonly E_CONFLICT: -27;
  readonly E_RATE_LIMITED: -28;
  readonly E_SERVICE: -29;
  readonly E_HTTP: -30;
  readonly E_PROTOCOL: -31;
  readonly E_ANSWER_TOO_LARGE: -32;
  readonly E_UPLOAD_EXPIRED: -33;
  readonly E_UPLOAD_REFUSED: -34;
  readonly E_JOB_FAILED: -35;
  readonly E_JOB_EXPIRED: -36;
  readonly E_SAVED_JOB: -37;
  readonly E_NO_INPUT: -38;
  readonly ABSENT: -39;
  readonly E_SYSTEM: -40;
  readonly E_REENTRANT: -41;
  readonly E_CLIENT_FREED: -42;
  readonly E_QUEUE_FULL: -43;
  readonly E_OVERDUE: -44;
  readonly E_STATE_UNKNOWN: -45;
  readonly E_NO_DESCRIPTORS: -46;
  readonly E_MEDIUM: -47;
  readonly E_FILE_UNFINISHED: -48;
  readonly E_HOST: -1000;
};
export type Status = (typeof Status)[keyof typeof Status];
/** Whose matter a failure is, and so what to do with the image. */
export const Scope: {
  readonly NONE: 0;
  readonly CALLER: 1;
  readonly IMAGE: 2;
  readonly JOB: 3;
  readonly ACCOUNT: 4;
  readonly NETWORK: 5;
  readonly SERVICE: 6;
  readonly OTHER: 7;
};
export type Scope = (typeof Scope)[keyof typeof Scope];
/** Where the service says that a job is. */
export const State: {
  readonly NONE: 0;
  readonly AWAITING_UPLOAD: 1;
  readonly QUEUED: 2;
  readonly RUNNING: 3;
  readonly SUCCEEDED: 4;
  readonly FAILED: 5;
  readonly EXPIRED: 6;
  readonly OTHER: 7;
};
export type State = (typeof State)[keyof typeof State];
/** How far a job has come. Later versions may add some between: compare with <. */
export const Stage: {
  readonly NEW: 0;
  readonly CREATED: 10;
  readonly UPLOADED: 20;
  readonly SUBMITTED: 30;
  readonly FINISHED: 40;
  readonly FETCHED: 50;
};
export type Stage = (typeof Stage)[keyof typeof Stage];
/** The steps of a job. */
export const Step: {
  readonly NONE: 0;
  readonly PREPARE: 1;
  readonly CREATE: 2;
  readonly UPLOAD: 3;
  readonly SUBMIT: 4;
  readonly POLL: 5;
  readonly FETCH: 6;
};
export type Step = (typeof Step)[keyof typeof Step];
/** What polls are spent on: quick results, or few requests. */
export const PollMode: {
  readonly LATENCY: 0;
  readonly BALANCED: 1;
  readonly THROUGHPUT: 2;
};
export type PollMode = (typeof PollMode)[keyof typeof PollMode];
/** What a client does not begin for now. */
export const Pause: {
  readonly NONE: 0;
  readonly CREATES: 1;
  readonly UPLOADS: 2;
  readonly ALL: 3;
};
export type Pause = (typeof Pause)[keyof typeof Pause];
/** What keeps requests back. A number that is not here is a hold too. */
export const Hold: {
  readonly NONE: 0;
  readonly NETWORK: 1;
  readonly RATE_LIMIT: 2;
  readonly SERVICE: 3;
  readonly ACCOUNT: 4;
};
export type Hold = (typeof Hold)[keyof typeof Hold];
/** What a result is. */
export const ResultKind: {
  readonly OTHER: 0;
  readonly DETECTIONS: 1;
};
export type ResultKind = (typeof ResultKind)[keyof typeof ResultKind];
/** How bad it is; a client logs this level and those below it. */
export const LogLevel: {
  readonly NONE: 0;
  readonly ERROR: 1;
  readonly WARNING: 2;
  readonly INFO: 3;
  readonly DEBUG: 4;
};
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];
/** The ranks of a taxonomy. */
export const Rank: {
  readonly ID: 0;
  readonly CLASS: 1;
  readonly ORDER: 2;
  readonly FAMILY: 3;
  readonly GENUS: 4;
  readonly SPECIES: 5;
};
export type Rank = (typeof Rank)[keyof typeof Rank];
/** The counters and gauges of a client. */
export const Statistic: {
  readonly REQUESTS_CREATE: 0;
  readonly REQUESTS_UPLOAD: 1;
  readonly REQUESTS_SUBMIT: 2;
  readonly REQUESTS_POLL: 3;
  readonly REQUESTS_FETCH: 4;
  readonly RETRIES: 5;
  readonly RATE_LIMITED: 6;
  readonly BYTES_SENT: 7;
  readonly BYTES_RECEIVED: 8;
  readonly CALLS_SUCCEEDED: 9;
  readonly CALLS_FAILED: 10;
  readonly CALLS_CANCELED: 11;
  readonly JOBS_SUCCEEDED: 12;
  readonly JOBS_FAILED: 13;
  readonly JOBS_EXPIRED: 14;
  readonly REPLAYS: 15;
  readonly CALLS_IN_FLIGHT: 16;
  readonly REQUESTS_ACTIVE: 17;
  readonly REQUESTS_WAITING: 18;
  readonly PACE_PER_MINUTE: 19;
  readonly HOLD_MS: 20;
  readonly ITERATIONS: 21;
  readonly BYTES_SENT_IN_VAIN: 22;
  readonly FRESH_URLS: 23;
  readonly UPLOADS_ACTIVE: 24;
  readonly UPLINK_RATE: 25;
  readonly CLOCK_OFFSET_MS: 26;
};
export type Statistic = (typeof Statistic)[keyof typeof Statistic];
/** What the service does with an image. */
export const Operation: {
  readonly DETECT: 'detect';
  readonly DETECT_URBAN: 'detect_urban';
  readonly FILTER: 'filter';
  readonly FILTER_URBAN: 'filter_urban';
};
export type Operation = (typeof Operation)[keyof typeof Operation];
