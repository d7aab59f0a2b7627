// SPDX-License-Identifier: MIT
// The types of index.js. What is read of the library's numbers is a plain number, since a newer library may add values; what is
// set is a value of its enumeration.
import { LogLevel, Operation, Pause, PollMode, Rank, Step } from './constants.js';
import * as constants from './constants.js';

export * from './constants.js';

declare global {
  // Of `using`, for compilers that do not know it yet.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
}

/** What Mock of 'animaldetect/mock' gives. */
export interface Transport {
  readonly __animaldetectTransport?: never;
}

export type Image = string | URL | Uint8Array | Reader;

/** An image that the host reads itself, on this thread, while a call runs. What it throws is the error's `cause`. */
export interface Reader {
  /** Bytes that `read` returns in total. */
  size: number;
  /** The next bytes, at most `size` of them; none or null at the end. */
  read(size: number): Uint8Array | null;
  /** Back to the first byte. Without it the image is read once, and an upload that broke cannot be tried again. */
  rewind?(): void;
}

/** One thing that happened. */
export interface LogRecord {
  /** A value of LogLevel. */
  level: number;
  text: string;
  /** null when it is about the whole client, or the job was dropped. */
  job: Job | null;
  jobId: string | null;
  /** A value of Step. */
  step: number;
  /** 0 when there was no response. */
  httpStatus: number;
  requestId: string | null;
  /** null when it is about nothing that takes time. */
  durationMs: number | null;
}

/** What may be changed while jobs run. */
export interface RunningSettings {
  apiKey?: string;
  caFile?: string;
  caPem?: string | Uint8Array;
  proxy?: string;
  /** For each request to the service. '' takes a header away. */
  headers?: Record<string, string>;
  connectTimeoutMs?: number;
  stallTimeoutMs?: number;
  requestTimeoutMs?: number;
  /** How long calls wait for a network: Infinity for no end, 0 not to wait. */
  offlinePatienceMs?: number;
  /** How long a wait that the service asked for is kept without asking again. */
  maxRetryAfterMs?: number;
  /** How long the service may take for a job, from its submit; Infinity for no limit. */
  processingTimeoutMs?: number;
  /** Requests on the wire at once. */
  maxRequests?: number;
  /** Calls in flight, beyond which a call rejects with a QueueFullError; 0 for no limit. */
  maxJobs?: number;
  rateLimit?: { requestsPerMinute: number; burst?: number };
  maxTries?: number;
  pollMode?: PollMode;
  pollBoundsMs?: [number, number];
  maxImageBytes?: number;
  maxAnswerBytes?: number;
}

/** The rest is fixed with the first job. */
export interface ClientSettings extends RunningSettings {
  baseUrl?: string;
  trustedOrigins?: string[];
  userAgent?: string;
  checksumField?: string;
  allowInsecureHttp?: boolean;
  log?: (record: LogRecord) => void;
  logLevel?: LogLevel;
  /** Of a mock, in place of the network. */
  transport?: Transport;
}

export interface JobSettings {
  sourceUrl?: string;
  filename?: string;
  contentType?: string;
  sha256?: string;
  clientReferenceId?: string;
  idempotencyKey?: string;
  rerun?: number;
  callTimeoutMs?: number;
  /** Smaller goes first; 0 unless said. */
  priority?: number;
  /** A text of your own: never sent, saved with the job. '' for none. */
  note?: string;
  threshold?: number;
  country?: string;
  classify?: boolean;
  metadata?: boolean;
  smoothHerd?: boolean;
  topCandidate?: number;
  location?: { latitude: number; longitude: number };
  /** Options that the service adds later. */
  options?: Record<string, unknown>;
}

export interface NewJobSettings extends JobSettings {
  /** A value of Operation, or one that the service adds later; detect unless said. */
  operation?: Operation | (string & {});
}

export interface Taxonomy {
  id: string | null;
  class: string | null;
  order: string | null;
  family: string | null;
  genus: string | null;
  species: string | null;
}

export interface Candidate {
  label: string | null;
  score: number | null;
  taxonomy: Taxonomy;
}

export interface Detection extends Candidate {
  id: number | null;
  /** Fractions of the image, origin at the top left. */
  box: { xMin: number; yMin: number; width: number; height: number } | null;
  category: string | null;
  candidates: Candidate[];
}

/** What the service left out is null, never zero. `json` is what it sent. */
export interface Result {
  /** A value of ResultKind. Of another kind than DETECTIONS only `json` says more. */
  kind: number;
  id: string | null;
  expiresAt: string | null;
  detections: Detection[];
  imageWidth: number | null;
  imageHeight: number | null;
  fileSize: number | null;
  metadata: Record<string, unknown> | null;
  processingTimeMs: number | null;
  modelVersion: string | null;
  modelId: string | null;
  country: string | null;
  threshold: number | null;
  json: string;
}

export interface JobInfo {
  id: string | null;
  operation: string | null;
  filename: string | null;
  path: string | null;
  sourceUrl: string | null;
  clientReferenceId: string | null;
  note: string | null;
  priority: number;
  rerunNumber: number;
  status: number;
  state: number;
  stateText: string;
  stage: number;
  httpStatus: number;
  serviceCode: string | null;
  serviceMessage: string | null;
  requestId: string | null;
  attempts: number;
  polls: number;
  uploadSent: number;
  uploadTotal: number;
  /** By the values of Step. */
  stepMs: number[];
  expiresAt: string | null;
  uploadExpiresAt: string | null;
  idempotencyKey: string | null;
  sha256: string | null;
}

/** One of detectAll: either a result or an error. */
export type Detected<T> = { image: T; result: Result; error: null } | { image: T; result: null; error: Error };

export interface How {
  signal?: AbortSignal;
}

export class Job {
  private constructor();
  setImage(image: Image): void;
  configure(settings: JobSettings): void;
  run(how?: How): Promise<Result>;
  create(how?: How): Promise<void>;
  upload(how?: How): Promise<void>;
  submit(how?: How): Promise<void>;
  /** Answers the state, a value of State. */
  poll(how?: How): Promise<number>;
  fetch(how?: How): Promise<Result>;
  /** Ends the call in flight; without one the next call is ended so. */
  cancel(): void;
  /** Begins a new run of the image, with the next rerun number: another job at the service, which is billed. */
  rerun(): void;
  save(): string;
  result(): Result;
  /** What the service sent, whatever its shape; null when it was not fetched. */
  readonly resultJson: string | null;
  readonly info: JobInfo;
  readonly id: string | null;
  close(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export class Client {
  constructor(settings?: ClientSettings);
  static fromEnv(settings?: ClientSettings): Client;
  job(image?: Image | null, settings?: NewJobSettings): Job;
  detect(image?: Image | null, settings?: NewJobSettings & How): Promise<Result>;
  /** Many images, such as those of imagesIn(folder), in the order in which they end: at most `concurrency` (64 unless said) at
   *  once, and none before it is asked for. A failure is an `error` and ends nothing; leaving the loop cancels the rest. */
  detectAll<T extends Image>(images: Iterable<T> | AsyncIterable<T>,
    settings?: NewJobSettings & How & { concurrency?: number }): AsyncGenerator<Detected<T>, void, undefined>;
  restore(saved: string): Job;
  attach(jobId: string): Job;
  configure(settings: RunningSettings): void;
  addHeader(name: string, value: string): void;
  setApiKey(key: string): void;
  /** WARNING unless a level is said. */
  setLog(log: ((record: LogRecord) => void) | null, level?: LogLevel): void;
  /** Every call rejects with a CanceledError, also each later one. */
  stop(): void;
  /** A value of Pause. */
  setPaused(what: Pause): void;
  networkChanged(): void;
  /** The account can pay again, or the key has its rights back. */
  resume(): void;
  setPermits(needed: boolean): void;
  setPermitShare(requestsPerMinute: number, afterMs: number): void;
  setPermitLagMs(lagMs: number): void;
  permitsWanted(): number;
  grantPermits(count: number, lifeMs: number): void;
  returnPermits(count: number): number;
  reportPermits(most?: number): { settledMs: number[]; outstanding: number };
  takeRateLimits(): { count: number; waitMs: number };
  holdRequests(waitMs: number): void;
  /** What keeps requests back now, a value of Hold. */
  readonly holdReason: number;
  /** Milliseconds like those of Date.now(); null without a hold, Infinity when only the host can end it. */
  readonly heldUntilMs: number | null;
  statistics(): Record<string, number | null>;
  latencyMs(quantile: number, step?: Step): number | null;
  readonly inFlight: number;
  close(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export class AnimalDetectError extends Error {
  /** As the C headers name it, such as ANIMALDETECT_E_CONFLICT. */
  code: string;
  status: number;
  /** Whose matter it is, a value of Scope. */
  scope: number;
  step: number;
  stage: number;
  httpStatus: number;
  serviceCode: string | null;
  serviceMessage: string | null;
  requestId: string | null;
  jobId: string | null;
  retryAfterMs: number | null;
  attempts: number;
  retriable: boolean;
}

/** The program, its machine or its own limits. */
export class CallerError extends AnimalDetectError {}
/** This image as it is. */
export class ImageError extends AnimalDetectError {}
/** This job at the service. */
export class JobError extends AnimalDetectError {}
/** Key, permission or payment. */
export class AccountError extends AnimalDetectError {}
/** The way to the service. */
export class NetworkError extends AnimalDetectError {}
/** The service or its storage. */
export class ServiceError extends AnimalDetectError {}
export class CanceledError extends CallerError {}
export class CallTimeoutError extends CallerError {}
export class QueueFullError extends CallerError {}
/** The image's reader threw: that is the `cause`. */
export class ReaderError extends CallerError {}

export function parseResult(json: string | Uint8Array): Result;

/** What this build of the library, and the libraries that it runs on, are and can do, by name. */
export function features(): Record<string, string>;
/** The names of the statistics that go up and down; all others are counters. */
export function gauges(): Set<string>;

export const libraryVersion: string;
/** The paths of the images in a folder and below it, in no order; hidden ones are left out. */
export function imagesIn(folder: string): AsyncGenerator<string, void, undefined>;

declare const animaldetect: typeof constants & {
  readonly Client: typeof Client;
  readonly Job: typeof Job;
  readonly AnimalDetectError: typeof AnimalDetectError;
  readonly CallerError: typeof CallerError;
  readonly ImageError: typeof ImageError;
  readonly JobError: typeof JobError;
  readonly AccountError: typeof AccountError;
  readonly NetworkError: typeof NetworkError;
  readonly ServiceError: typeof ServiceError;
  readonly CanceledError: typeof CanceledError;
  readonly CallTimeoutError: typeof CallTimeoutError;
  readonly QueueFullError: typeof QueueFullError;
  readonly ReaderError: typeof ReaderError;
  readonly parseResult: typeof parseResult;
  readonly imagesIn: typeof imagesIn;
  readonly features: typeof features;
  readonly gauges: typeof gauges;
  readonly libraryVersion: typeof libraryVersion;
};
export default animaldetect;
