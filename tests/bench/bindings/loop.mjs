// SPDX-License-Identifier: MIT
//
// Node.js for the bench of the bindings: promises, one asynchronous function for each job in flight. See loop.c.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { Client, PollMode } = createRequire(import.meta.url)(process.env.BENCH_PACKAGE);
const [jobs, window] = process.argv.slice(2).map(Number);
const figures = { jobs: 0, found: 0, early_kib: 0 };
let started = 0;

function rssKib() {
  return Number(readFileSync('/proc/self/statm', 'ascii').split(' ')[1]) * 4;
}

async function work(client) {
  while (started < jobs) {
    const image = Buffer.alloc(2048, 7);
    image.write(`\xff\xd8\xff\xe0 node ${started++}`, 'latin1');
    const { detections } = await client.detect(image);
    for (const { label, score } of detections) if (label !== null && score !== null) figures.found++;
    if (++figures.jobs === 5000) figures.early_kib = rssKib();
  }
}

const client = Client.fromEnv({ maxRequests: 64, pollMode: PollMode.LATENCY, pollBoundsMs: [10, 100] });
await Promise.all(Array.from({ length: window }, () => work(client)));
client.close();
console.log(JSON.stringify({ ...figures, rss_kib: rssKib() }));
