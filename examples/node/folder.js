// SPDX-License-Identifier: MIT
// Many images: those of a folder, and a bounded number of them on their way at once.
'use strict';

const { opendir } = require('node:fs/promises');
const path = require('node:path');

const IMAGE = /\.(jpe?g|png|webp|heic|heif)$/i;

/** The paths of the images in a folder and below it; hidden files and folders are left out. In no order. */
async function* imagesIn(folder) {
  for await (const entry of await opendir(folder)) {
    const place = path.join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) yield* imagesIn(place);
    else if (entry.isFile() && IMAGE.test(entry.name)) yield place;
  }
}

/** What `act` answers for each item, as it ends: at most `concurrency` at once, none before it is asked for, and none more
 *  once `signal` is aborted. */
async function* each(items, concurrency, signal, act) {
  const iterator = items[Symbol.asyncIterator]?.() ?? items[Symbol.iterator]();
  const running = new Set();
  let more = true;
  try {
    while (more || running.size > 0) {
      while (more && !signal.aborted && running.size < concurrency) {
        const { done, value } = await iterator.next();
        more = !done;
        if (done) break;
        const one = act(value).then((answer) => ({ one, answer }));
        running.add(one);
      }
      if (running.size === 0) break;
      const { one, answer } = await Promise.race(running);
      running.delete(one);
      yield answer;
    }
  } finally {
    await iterator.return?.();
  }
}

module.exports = { imagesIn, each };
