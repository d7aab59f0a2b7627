// SPDX-License-Identifier: MIT
// The types of mock.js, where each method is explained.
import { Client, ClientSettings, Transport } from './index.js';

/** "any", or one route. */
export type Route = 'any' | 'create' | 'upload' | 'submit' | 'poll' | 'fetch' | 'other';

/** A request that was made. */
export interface MockRequest {
  route: Route;
  method: string;
  url: string;
  /** Of a create. */
  idempotencyKey: string | null;
  /** null for an image: images are not kept. */
  body: string | null;
  bodySize: number;
  /** 0 while it is pending, and when it got no response. */
  httpStatus: number;
  /** Of virtual time. */
  startMs: number;
  /** -1 while it is pending. */
  endMs: number;
}

export const Failure: {
  readonly CONNECT: 1;
  readonly BROKEN: 2;
  readonly TIMEOUT: 3;
  readonly TLS: 4;
  readonly REFUSED: 5;
};
export type Failure = (typeof Failure)[keyof typeof Failure];

/** The service in memory, with a virtual clock. */
export class Mock {
  client(settings?: ClientSettings): Client;
  readonly transport: Transport;
  setSeed(seed: number): this;
  setProcessing(how: string): this;
  setLatencyMs(latencyMs: number): this;
  setRateLimit(perMinute: number): this;
  loadAnswers(path: string): this;
  addFault(fault: string): this;
  clearFaults(): this;
  answer(route: Route, nth: number, httpStatus: number, body?: string | null, headers?: Record<string, string>): this;
  fail(route: Route, nth: number, failure: Failure): this;
  delay(route: Route, nth: number, delayMs: number): this;
  setJobState(id: string, state: string): this;
  expireUploads(): this;
  readonly nowMs: number;
  advanceMs(ms: number): this;
  requests(route?: Route): MockRequest[];
  readonly jobs: string[];
  jobState(id: string): string | null;
  readonly violations: string[];
}

declare const mock: { readonly Mock: typeof Mock; readonly Failure: typeof Failure };
export default mock;
