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
  /** Marks the type: only a mock makes one. */
  readonly __animaldetectTransport?: never;
}

/** A path, a file: URL, the bytes of the encoded image, or a reader. */
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
  /** The whole record as one line for a person. No secret is in it. */
  text: string;
  /** null when it is about the whole client, or the job was dropped. */
  job: Job | null;
  /** The service's id of the job. */
  jobId: string | null;
  /** A value of Step. */
  step: number;
  /** 0 when there was no response. */
  httpStatus: number;
  /** The service's id of the request, for its support. */
  requestId: string | null;
  /** null when it is about nothing that takes time. */
  durationMs: number | null;
}

/** What may be changed while jobs run. */
export interface RunningSettings {
  /** Sent only to trusted origins, never logged. The next request carries it. */
  apiKey?: string;
  /** A file with the certificates of the authorities to trust (PEM), instead of the system's. */
  caFile?: string;
  /** The same as text; it takes precedence over a file. */
  caPem?: string | Uint8Array;
  /** [scheme://][user[:password]@]host[:port]; '' for no proxy at all. */
  proxy?: string;
  /** For each request to the service. '' takes a header away. */
  headers?: Record<string, string>;
  /** How long establishing a connection may take, TLS included. */
  connectTimeoutMs?: number;
  /** How long a request may go without a byte moving. */
  stallTimeoutMs?: number;
  /** How long one API request may take in total. An upload gets more, by its size. */
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
  /** The quota of the key, and how many requests may go at once. */
  rateLimit?: { requestsPerMinute: number; burst?: number };
  /** How often one request is tried in all. */
  maxTries?: number;
  /** What polls are spent on: quick results, or few requests. */
  pollMode?: PollMode;
  /** The shortest and the longest time between two polls of a job. */
  pollBoundsMs?: [number, number];
  /** The size above which an image is refused before anything is sent. */
  maxImageBytes?: number;
  /** The size above which a response is refused. */
  maxAnswerBytes?: number;
}

/** The rest is fixed with the first job. */
export interface ClientSettings extends RunningSettings {
  /** The URL of the service. Its origin becomes trusted with the key. */
  baseUrl?: string;
  /** Further origins to which the API key may be sent when the service names a URL there. */
  trustedOrigins?: string[];
  /** Added to the User-Agent header, after the library's own name and version. */
  userAgent?: string;
  /** The name of the create request's optional checksum field; none is sent by default. */
  checksumField?: string;
  /** Permits plain http to hosts other than loopback. Anyone on the network path can then read the key. */
  allowInsecureHttp?: boolean;
  /** Called after the iteration of the event loop that had something to report. It may call anything. */
  log?: (record: LogRecord) => void;
  /** WARNING unless it is set. */
  logLevel?: LogLevel;
  /** Of a mock, in place of the network. */
  transport?: Transport;
}

/** What goes with an image. The service has a default for each of its options. */
export interface JobSettings {
  /** A public image that the service fetches itself: nothing is uploaded. */
  sourceUrl?: string;
  /** The name that the service sees. It is part of the payload, and so of the idempotency key. */
  filename?: string;
  /** Read from the first bytes of the image unless it is set. */
  contentType?: string;
  /** The SHA-256 of the image in hex, where it is known already. */
  sha256?: string;
  /** An id of your own system; part of the payload. */
  clientReferenceId?: string;
  /** Takes the place of the key that is derived from the payload. */
  idempotencyKey?: string;
  /** Which run of the image this is: an intentional second run is another job, which is billed. */
  rerun?: number;
  /** How long a call may take in all, waiting and retries included. */
  callTimeoutMs?: number;
  /** Smaller goes first; 0 unless said. */
  priority?: number;
  /** A text of your own: never sent, saved with the job. '' for none. */
  note?: string;
  /** The score below which detections are left out, 0.01 to 0.99. */
  threshold?: number;
  /** The country whose species are expected: a two- or three-letter code or an English name. */
  country?: string;
  /** Names species, or only animal, human and vehicle. */
  classify?: boolean;
  /** Returns the metadata found in the image. */
  metadata?: boolean;
  /** Gives similar animals of one image a common label. */
  smoothHerd?: boolean;
  /** How many further guesses each detection gets. */
  topCandidate?: number;
  /** Where the image was taken, in degrees; has effect only together with a country. */
  location?: { latitude: number; longitude: number };
  /** Options that the service adds later. */
  options?: Record<string, unknown>;
}

/** The settings of a new job. */
export interface NewJobSettings extends JobSettings {
  /** A value of Operation, or one that the service adds later; detect unless said. */
  operation?: Operation | (string & {});
}

/** The names of an animal at each rank; null where the service gave none. */
export interface Taxonomy {
  /** The id of the taxon. */
  id: string | null;
  /** Such as mammalia. */
  class: string | null;
  /** Such as carnivora. */
  order: string | null;
  /** Such as canidae. */
  family: string | null;
  /** Such as vulpes. */
  genus: string | null;
  /** The epithet, such as vulpes. */
  species: string | null;
}

/** A further guess for a detection. */
export interface Candidate {
  /** What it is, such as a species. */
  label: string | null;
  /** How sure the service is, 0 to 1. */
  score: number | null;
  /** Its names at each rank. */
  taxonomy: Taxonomy;
}

/** One box of an image, and what is in it. */
export interface Detection extends Candidate {
  /** The service's id within the result. */
  id: number | null;
  /** Fractions of the image, origin at the top left. */
  box: { xMin: number; yMin: number; width: number; height: number } | null;
  /** animal, human or vehicle. */
  category: string | null;
  /** The further guesses, where `topCandidate` asked for some. */
  candidates: Candidate[];
}

/** What the service left out is null, never zero. `json` is what it sent. */
export interface Result {
  /** A value of ResultKind. Of another kind than DETECTIONS only `json` says more. */
  kind: number;
  /** The service's id. */
  id: string | null;
  /** When the result goes away, as the service wrote it. */
  expiresAt: string | null;
  /** The boxes, in the service's order. */
  detections: Detection[];
  /** In pixels. */
  imageWidth: number | null;
  /** In pixels. */
  imageHeight: number | null;
  /** In bytes. */
  fileSize: number | null;
  /** The metadata of the image, when it was asked for. */
  metadata: Record<string, unknown> | null;
  /** How long the service took. */
  processingTimeMs: number | null;
  /** The version of the model. */
  modelVersion: string | null;
  /** The model that looked at the image. */
  modelId: string | null;
  /** The country that the service assumed. */
  country: string | null;
  /** The score below which detections were left out. */
  threshold: number | null;
  /** The service's JSON, byte for byte, with the fields that this version does not know. */
  json: string;
}

/** Everything that can be read of a job, as it was when it was read. */
export interface JobInfo {
  /** The service's id. */
  id: string | null;
  /** What the job was made for. */
  operation: string | null;
  /** The name that the service sees. */
  filename: string | null;
  /** The path that was given. */
  path: string | null;
  /** The URL that was given. */
  sourceUrl: string | null;
  /** The id of your own system. */
  clientReferenceId: string | null;
  /** The text of your own. */
  note: string | null;
  /** Smaller goes first. */
  priority: number;
  /** Which run of the image this is; 0 for the first. */
  rerunNumber: number;
  /** How the last call completed, a value of Status; AGAIN while one is in flight. */
  status: number;
  /** Where the service says that the job is, a value of State. */
  state: number;
  /** The service's own word for it. */
  stateText: string;
  /** How far the job has come, a value of Stage. */
  stage: number;
  /** Of the last response; 0 without one. */
  httpStatus: number;
  /** The service's own code of the last failure. */
  serviceCode: string | null;
  /** The service's own message of the last failure. */
  serviceMessage: string | null;
  /** Of the last request, for the support of the service. */
  requestId: string | null;
  /** Requests of the last call, retries included. */
  attempts: number;
  /** Status requests that got a response. */
  polls: number;
  /** Bytes of the image that were sent, also while it is uploaded. */
  uploadSent: number;
  /** The size of the image; 0 while it is not known. */
  uploadTotal: number;
  /** By the values of Step. */
  stepMs: number[];
  /** When the job's result goes away, as the service wrote it. */
  expiresAt: string | null;
  /** When the upload URL expires, as the service wrote it. */
  uploadExpiresAt: string | null;
  /** The key under which the job is, or will be, created. */
  idempotencyKey: string | null;
  /** Of the image in hex, once it is known. */
  sha256: string | null;
}

/** One of detectAll: either a result or an error. */
export type Detected<T> = { image: T; result: Result; error: null } | { image: T; result: null; error: Error };

/** How a call is made. */
export interface How {
  /** Cancels the call; it rejects with the reason of the signal. One signal may serve any number of calls. */
  signal?: AbortSignal;
}

/** One image. Made by a client; each step returns a promise. One call may be in flight at a time. */
export class Job {
  private constructor();
  /** Bytes are not copied: they and readers are kept until the job is closed or has another image. */
  setImage(image: Image): void;
  /** `callTimeoutMs`, `priority` and `note` at any time, the rest before the first call. */
  configure(settings: JobSettings): void;
  /** All that is left, from wherever the job stands. Safe to repeat after a failure. */
  run(how?: How): Promise<Result>;
  /** Asks the service for a job. */
  create(how?: How): Promise<void>;
  /** Sends the image to where the service said. */
  upload(how?: How): Promise<void>;
  /** Tells the service that the image is there. */
  submit(how?: How): Promise<void>;
  /** Answers the state, a value of State. */
  poll(how?: How): Promise<number>;
  /** Fetches the result of a job that succeeded. */
  fetch(how?: How): Promise<Result>;
  /** Ends the call in flight; without one the next call is ended so. */
  cancel(): void;
  /** Begins a new run of the image, with the next rerun number: another job at the service, which is billed. */
  rerun(): void;
  /** JSON without the API key, for Client.restore; also while a call is in flight. */
  save(): string;
  /** The result, once it was fetched. */
  result(): Result;
  /** What the service sent, whatever its shape; null when it was not fetched. */
  readonly resultJson: string | null;
  /** Everything that can be read, as it is now. */
  readonly info: JobInfo;
  /** The service's id; null before create. */
  readonly id: string | null;
  /** Aborts a call in flight and frees the job. The service may still process the image. */
  close(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Configuration, connections and quota. Make one per API key and process. It belongs to the thread that made it. */
export class Client {
  constructor(settings?: ClientSettings);
  /** Key and base URL from AD_API_KEY or ANIMAL_DETECT_API_KEY, and AD_API_BASE_URL; the settings come after them. */
  static fromEnv(settings?: ClientSettings): Client;
  /** Makes a job; nothing is sent. */
  job(image?: Image | null, settings?: NewJobSettings): Job;
  /** One image, from its bytes to what is in it. */
  detect(image?: Image | null, settings?: NewJobSettings & How): Promise<Result>;
  /** Many images, such as those of imagesIn(folder), in the order in which they end: at most `concurrency` (64 unless said) at
   *  once, and none before it is asked for. A failure is an `error` and ends nothing; leaving the loop cancels the rest. */
  detectAll<T extends Image>(images: Iterable<T> | AsyncIterable<T>,
    settings?: NewJobSettings & How & { concurrency?: number }): AsyncGenerator<Detected<T>, void, undefined>;
  /** Makes a job from what Job.save gave, in any process, under the same key: nothing is uploaded or billed twice. */
  restore(saved: string): Job;
  /** Makes a job of which only the service's id is known. */
  attach(jobId: string): Job;
  /** Counts for what is sent next. */
  configure(settings: RunningSettings): void;
  /** A header for each request to the service, but not to its storage. '' takes it away. */
  addHeader(name: string, value: string): void;
  /** The next request carries it. */
  setApiKey(key: string): void;
  /** WARNING unless a level is said. */
  setLog(log: ((record: LogRecord) => void) | null, level?: LogLevel): void;
  /** Every call rejects with a CanceledError, also each later one. */
  stop(): void;
  /** A value of Pause. */
  setPaused(what: Pause): void;
  /** The machine has another network: makes new connections, and tries at once what waits. */
  networkChanged(): void;
  /** The account can pay again, or the key has its rights back. */
  resume(): void;
  /** Whether API requests need permits: several clients then share the quota of one key. */
  setPermits(needed: boolean): void;
  /** What the client may send in a minute while nothing was granted for so long; 0 to wait. */
  setPermitShare(requestsPerMinute: number, afterMs: number): void;
  /** How much later than it was sent a request may still arrive at the service. */
  setPermitLagMs(lagMs: number): void;
  /** How many permits the client could use now or within a second, beyond those that it has. */
  permitsWanted(): number;
  /** Those that are unused when their life is over are gone. */
  grantPermits(count: number, lifeMs: number): void;
  /** Takes back unused permits, at most so many; returns how many there were. */
  returnPermits(count: number): number;
  /** How long ago each permit was settled since the last report, and how many are outstanding. */
  reportPermits(most?: number): { settledMs: number[]; outstanding: number };
  /** How many responses 429 there were since the last call, and how much longer requests are held for that. */
  takeRateLimits(): { count: number; waitMs: number };
  /** Holds all API requests, as after a response 429 that another client got. */
  holdRequests(waitMs: number): void;
  /** What keeps requests back now, a value of Hold. */
  readonly holdReason: number;
  /** Milliseconds like those of Date.now(); null without a hold, Infinity when only the host can end it. */
  readonly heldUntilMs: number | null;
  /** Each counter and gauge by its name; null once the client is closed. */
  statistics(): Record<string, number | null>;
  /** A quantile of how long requests of a step took, or whole jobs; null while nothing was measured. */
  latencyMs(quantile: number, step?: Step): number | null;
  /** Jobs with a call in flight. */
  readonly inFlight: number;
  /** Aborts what is in flight; its promises reject. Jobs stay readable until they are closed. */
  close(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Every failure. `message` is one line for a person, without secrets. */
export class AnimalDetectError extends Error {
  /** As the C headers name it, such as ANIMALDETECT_E_CONFLICT. */
  code: string;
  /** A value of Status, or of a newer library. */
  status: number;
  /** Whose matter it is, a value of Scope. */
  scope: number;
  /** In which step the call failed, a value of Step. */
  step: number;
  /** How far the job has come all the same, a value of Stage. */
  stage: number;
  /** Of the last response; 0 without one. */
  httpStatus: number;
  /** The service's own code. */
  serviceCode: string | null;
  /** The service's own message. */
  serviceMessage: string | null;
  /** Of the last request, for the support of the service. */
  requestId: string | null;
  /** The service's id of the job. */
  jobId: string | null;
  /** What the service asked to wait. */
  retryAfterMs: number | null;
  /** Requests that the call made, retries included. */
  attempts: number;
  /** Whether the same call may succeed later, unchanged. */
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
/** The call was canceled, or its client stopped or closed. */
export class CanceledError extends CallerError {}
/** `callTimeoutMs` passed, or the next allowed retry would be after it. */
export class CallTimeoutError extends CallerError {}
/** The client has `maxJobs` calls in flight; nothing was started. Start it again when one has completed. */
export class QueueFullError extends CallerError {}
/** The image's reader threw: that is the `cause`. */
export class ReaderError extends CallerError {}

/** Reads a result from JSON that was kept, such as `json` of a result. */
export function parseResult(json: string | Uint8Array): Result;

/** What this build of the library, and the libraries that it runs on, are and can do, by name. */
export function features(): Record<string, string>;
/** The names of the statistics that go up and down; all others are counters. */
export function gauges(): Set<string>;

/** The version of the library that is loaded. */
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
