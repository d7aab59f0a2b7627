-- SPDX-License-Identifier: MIT
-- Records for the collector that holds the lock.  What an earlier one had in hand comes first: its commit may be missing.
-- KEYS res, lock, w0, w1; ARGV holder, ledger, count, ms, '1' for what an earlier one had.
-- Returns 1, the records, entries that wait for workers or are with them; 0 when the lock is another's.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return {0, {}, 0}
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
local got
for try = 1, 2 do
  if ARGV[5] == '1' then
    got = redis.pcall('XAUTOCLAIM', KEYS[1], 'g', ARGV[2], 0, '0-0', 'COUNT', ARGV[3])
  else
    got = redis.pcall('XREADGROUP', 'GROUP', 'g', ARGV[2], 'COUNT', ARGV[3], 'STREAMS', KEYS[1], '>')
  end
  if type(got) ~= 'table' or not got.err then
    break
  end
  if try == 2 or not string.find(got.err, 'NOGROUP', 1, true) then
    return got
  end
  redis.call('XGROUP', 'CREATE', KEYS[1], 'g', '0', 'MKSTREAM')
end
local records = got and (ARGV[5] == '1' and got[2] or got[1][2]) or {}
return {1, records, redis.call('XLEN', KEYS[3]) + redis.call('XLEN', KEYS[4])}
