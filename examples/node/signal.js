// SPDX-License-Identifier: MIT
// Who is called when an AbortSignal is aborted: one listener per signal, however many calls it ends. Node.js reports more
// than ten listeners on one signal as a leak.
'use strict';

const watched = new WeakMap(); // signal -> { acts, listener }

/** Calls `act` when the signal is aborted, unless the function that is returned was called before. */
function onAbort(signal, act) {
  if (!watched.has(signal)) {
    const acts = new Set();
    const listener = () => {
      watched.delete(signal);
      for (const one of acts) one();
    };
    watched.set(signal, { acts, listener });
    signal.addEventListener('abort', listener, { once: true });
  }
  const { acts, listener } = watched.get(signal);
  acts.add(act);
  return () => {
    acts.delete(act);
    if (acts.size > 0) return;
    signal.removeEventListener('abort', listener);
    if (watched.get(signal)?.acts === acts) watched.delete(signal);
  };
}

module.exports = { onAbort };
