// SPDX-License-Identifier: MIT
// What must compile under `tsc --strict`, and what must not. node_test.py compiles it; it is never run.
import animaldetect, { AnimalDetectError, Client, imagesIn, LogLevel, Operation, Pause, PollMode, Scope, Status } from 'animaldetect';
import { Failure, Mock } from 'animaldetect/mock';

const service = new Mock().addFault('submit:reset-after:n=1').fail('upload', 1, Failure.BROKEN);
const client: Client = service.client({ pollMode: PollMode.LATENCY, logLevel: LogLevel.INFO, log: ({ text, job }) => void [text, job?.id] });
const same: boolean = animaldetect.Client === Client && animaldetect.Status.OK === 0;

async function act(): Promise<number> {
  const { detections } = await client.detect('img_001.jpg', { country: 'USA', operation: Operation.DETECT });
  for await (const { image, result, error } of client.detectAll(imagesIn('card'), { threshold: 0.3, concurrency: 8 })) {
    const path: string = image;
    if (error) console.log(path, error.message);
    else console.log(path, result.detections.length);
  }
  client.setPaused(Pause.NONE);
  await client[Symbol.asyncDispose]();
  client[Symbol.dispose]();
  const score: number | null | undefined = detections[0]?.score;
  return score ?? 0;
}

act().catch((error: unknown) => {
  if (error instanceof AnimalDetectError && error.scope === Scope.NETWORK && error.status !== Status.OK) console.log(error.retryAfterMs, same);
});

// @ts-expect-error a misspelled constant
client.configure({ pollMode: PollMode.LATENY });
// @ts-expect-error a misspelled option
client.detect('img_001.jpg', { treshold: 0.3 });
// @ts-expect-error a number of another enumeration
client.configure({ pollMode: 7 });
// @ts-expect-error a misspelled setting
Client.fromEnv({ maxActive: 3 });
// @ts-expect-error a job is made by a client
new animaldetect.Job();
// @ts-expect-error what a result leaves out is null
client.restore('').result().imageWidth.toFixed();
