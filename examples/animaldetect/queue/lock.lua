-- SPDX-License-Identifier: MIT
-- One collector, and one ledger as long as the queue has anything in it.
-- The lock of a collector that died with this ledger is replaced at the start of the next one: the ledger is locked too, so
-- only one process has it.  One that has lost its lock takes it back only when it is free.
-- KEYS lock, enq, w0, w1, res; ARGV ledger, token of the process, ms, '1' to take the queue over from another ledger, '1' at
-- the start.
-- Returns 'ok'; 'held' and the holder; 'other' and the ledger that the queue belongs to.
local mine = ARGV[1] .. ' ' .. ARGV[2]
local holder = redis.call('GET', KEYS[1])
local is_ours = holder and ARGV[5] == '1' and string.sub(holder, 1, #ARGV[1] + 1) == ARGV[1] .. ' '
if holder and holder ~= mine and not is_ours then
  return {'held', holder}
end
local owner = redis.call('HGET', KEYS[2], 'ledger')
local left = redis.call('XLEN', KEYS[3]) + redis.call('XLEN', KEYS[4]) + redis.call('XLEN', KEYS[5])
if owner and owner ~= ARGV[1] and left > 0 and ARGV[4] ~= '1' then
  return {'other', owner}
end
redis.call('HSET', KEYS[2], 'ledger', ARGV[1])
redis.call('SET', KEYS[1], mine, 'PX', ARGV[3])
return {'ok', mine}
