// SPDX-License-Identifier: MIT
// The types of mock.js, where each method is explained.
import { Client, ClientSettings, Transport } from './index.js';

/** "any", or one route. */
export type Route = 'any' | 'create' | 'upload' | 'submit' | 'poll' | 'fetch' | 'other';

/** A request that was made. */
export interface MockRequest {
  /** Which kind of request it is. */
  route: Route;
  /** Such as 'POST'. */
  method: string;
  /** The whole URL. */
  url: string;
  /** Of a create. */
  idempotencyKey: string | null;
  /** null for an image: images are not kept. */
  body: string | null;
  /** In bytes, also of an image. */
  bodySize: number;
  /** 0 while it is pending, and when it got no response. */
  httpStatus: number;
  /** Of virtual time. */
  startMs: number;
  /** -1 while it is pending. */
  endMs: number;
}

/** How a request fails below HTTP. CONNECT, TLS and REFUSED: it was certainly not sent; the others may have had their
 *  effect. */
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
  /** A client with the mock's key, and everything else as in `settings`. */
  client(settings?: ClientSettings): Client;
  /** For a program that makes its own client: new Client({ transport: mock.transport, apiKey: 'sk_test_mock' }). */
  readonly transport: Transport;
  /** Seeds all random numbers, those of the clients included. */
  setSeed(seed: number): this;
  /** How long an image is processed: 'fixed:MS', 'lognormal:MEDIAN_MS:SIGMA', 'bimodal:MS1:MS2:P' or 'fifo:SERVICE_MS'. */
  setProcessing(how: string): this;
  /** The round-trip time of a request. */
  setLatencyMs(latencyMs: number): this;
  /** The quota of the key: API requests in any minute; 0 for none. */
  setRateLimit(perMinute: number): this;
  /** Reads the result for each image from a JSON file. */
  loadAnswers(path: string): this;
  /** A fault of the service's own, such as 'submit:reset-after:n=1'; doc/mock.md of the library lists them. */
  addFault(fault: string): this;
  /** Removes all faults and scripts. */
  clearFaults(): this;
  /** A response in place of the service's to the nth request of a route, counted from 1; 0 for each. */
  answer(route: Route, nth: number, httpStatus: number, body?: string | null, headers?: Record<string, string>): this;
  /** A failure of the network for the nth request of a route; 0 for each. */
  fail(route: Route, nth: number, failure: Failure): this;
  /** Delays the response to the nth request of a route; 0 for each. */
  delay(route: Route, nth: number, delayMs: number): this;
  /** Puts a job of the service into a state, such as 'failed' or 'expired'. */
  setJobState(id: string, state: string): this;
  /** Makes every upload URL that was issued so far expire now. */
  expireUploads(): this;
  /** Milliseconds of virtual time since the mock was made. */
  readonly nowMs: number;
  /** Lets time pass. */
  advanceMs(ms: number): this;
  /** The requests of a route, or of all, in the order in which they were started. */
  requests(route?: Route): MockRequest[];
  /** The ids of the service's jobs: what would be billed. */
  readonly jobs: string[];
  /** The service's word for the state of a job; null for an unknown one. */
  jobState(id: string): string | null;
  /** What a client did that the service's contract forbids; the library keeps this empty. */
  readonly violations: string[];
}

declare const mock: { readonly Mock: typeof Mock; readonly Failure: typeof Failure };
export default mock;
