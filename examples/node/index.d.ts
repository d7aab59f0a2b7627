// SPDX-License-Identifier: MIT
// The types of index.js. Numbers that are enumerated in C are plain numbers: a newer library may add values.
export type Image = string | URL | Uint8Array;

export interface ClientSettings {
  apiKey?: string;
  baseUrl?: string;
  trustedOrigins?: string[];
  caFile?: string;
  caPem?: string | Uint8Array;
  proxy?: string;
  userAgent?: string;
  checksumField?: string;
  connectTimeoutMs?: number;
  stallTimeoutMs?: number;
  requestTimeoutMs?: number;
  maxActive?: number;
  rateLimit?: { requestsPerMinute: number; burst?: number };
  retryLimit?: number;
  pollMode?: number;
  pollBoundsMs?: [number, number];
  allowInsecureHttp?: boolean;
  maxImageBytes?: number;
  maxAnswerBytes?: number;
  log?: (level: number, message: string) => void;
  logLevel?: number;
}

export interface JobSettings {
  sourceUrl?: string;
  filename?: string;
  contentType?: string;
  sha256?: string;
  clientReferenceId?: string;
  idempotencyKey?: string;
  rerun?: number;
  deadlineMs?: number;
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
  /** A value of Operation; detect unless said. */
  operation?: string;
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
  fetchResult(how?: How): Promise<Result>;
  cancel(): void;
  save(): string;
  result(): Result;
  readonly info: JobInfo;
  readonly id: string | null;
  close(): void;
}

export class Client {
  constructor(settings?: ClientSettings);
  static fromEnv(settings?: ClientSettings): Client;
  job(image?: Image | null, settings?: NewJobSettings): Job;
  detect(image?: Image | null, settings?: NewJobSettings & How): Promise<Result>;
  restore(saved: string): Job;
  attach(jobId: string): Job;
  setApiKey(key: string): void;
  setLog(log: ((level: number, message: string) => void) | null, level?: number): void;
  statistics(): Record<string, number>;
  latencyMs(quantile: number, step?: number): number | null;
  readonly inFlight: number;
  close(): void;
}

export class AnimalDetectError extends Error {
  /** As the C headers name it, such as ANIMALDETECT_E_CONFLICT. */
  code: string;
  status: number;
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

export function parseResult(json: string | Uint8Array): Result;

export const libraryVersion: string;
export const Status: Readonly<Record<string, number>>;
export const State: Readonly<Record<string, number>>;
export const Stage: Readonly<Record<string, number>>;
export const Step: Readonly<Record<string, number>>;
export const PollMode: Readonly<Record<string, number>>;
export const LogLevel: Readonly<Record<string, number>>;
export const Rank: Readonly<Record<string, number>>;
export const Statistic: Readonly<Record<string, number>>;
export const Operation: Readonly<Record<string, string>>;
