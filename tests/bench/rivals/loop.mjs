/* SPDX-License-Identifier: MIT */
/*
 * What the service publishes for Node.js, run for many images at once: the same five requests through fetch, the same
 * headers and fields, a fixed wait before each look at the status.  Only that wait is shorter than the published one,
 * by as much as for every other program of the bench.
 *
 *     node loop.mjs URL KEY JOBS IN_FLIGHT BYTES WAIT_MS
 */
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

const [base, key, jobsText, inFlightText, bytesText, waitText] = process.argv.slice(2)
const jobs = Number(jobsText)
const bytes = new Uint8Array(Number(bytesText)).map((_, i) => i * 31)
const authorization = { Authorization: `Bearer ${key}` }
const pause = (ms) => new Promise((wake) => setTimeout(wake, ms))

async function detect(number) {
  const name = `img_${String(number).padStart(6, '0')}.jpg`
  const image = new File([bytes], name, { type: 'image/jpeg' })
  const created = await fetch(`${base}/jobs`, {
    method: 'POST',
    headers: { ...authorization, 'Content-Type': 'application/json', 'Idempotency-Key': `node-${name}` },
    body: JSON.stringify({
      operation: 'detect',
      filename: image.name,
      content_type: image.type,
      expected_size_bytes: image.size,
      client_reference_id: name,
      options: { threshold: 0.2, classify: true },
    }),
  })
  const job = await created.json()
  const { method, url, headers } = job.upload
  await fetch(url, { method, headers: { ...headers, 'Content-Type': image.type }, body: image })
  await fetch(job.submit_url, { method: 'POST', headers: authorization })
  let seen
  do {
    await pause(Number(waitText))
    seen = await (await fetch(job.status_url, { headers: authorization })).json()
  } while (seen.status === 'queued' || seen.status === 'running')
  if (seen.status !== 'succeeded') throw new Error(seen.error?.message ?? 'the job failed')
  const result = await (await fetch(job.result_url, { headers: authorization })).json()
  return Array.isArray(result.annotations)
}

let next = 0
let succeeded = 0

async function work() {
  while (next < jobs) if (await detect(next++)) succeeded++
}

const start = performance.now()
await Promise.all(Array.from({ length: Number(inFlightText) }, work))
const wall = (performance.now() - start) / 1000
const peak = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0)
console.log(JSON.stringify({ jobs, succeeded, wall_s: wall, peak_rss_kib: peak }))
process.exit(succeeded === jobs ? 0 : 1)
