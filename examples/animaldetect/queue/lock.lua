-- SPDX-License-Identifier: MIT
-- One collector, and one ledger as long as the queue has anything in it.
-- KEYS lock, enq, w0, w1, res; ARGV ledger, token of the process, ms, '1' to take the queue over from another ledger.
-- Returns 'ok'; 'held' and the holder; 'other' and the ledger that the queue belongs to.
local mine = ARGV[1] .. ' ' .. ARGV[2]
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= mine then
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
