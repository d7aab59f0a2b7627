-- SPDX-License-Identifier: MIT
-- Records are in the ledger, committed: they leave the queue.  XACK comes last, as in finish.lua.
-- KEYS res, lock; ARGV holder, ms, ids.  Returns 0 when the lock is another's.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('XDEL', KEYS[1], unpack(ARGV, 3))
redis.call('XACK', KEYS[1], 'g', unpack(ARGV, 3))
return 1
