-- SPDX-License-Identifier: MIT
-- Records for the collector that holds the lock.  What was delivered before and is still pending comes first: its commit may
-- be missing, of an earlier collector or because an answer was lost.
-- KEYS res, lock, w0, w1, enq; ARGV holder, ledger, count, ms.
-- Returns 1, the records, ids and texts of their options, entries that wait for workers or are with them; 0 when the lock
-- is another's.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return {0, {}, {}, 0}
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
local got = redis.pcall('XAUTOCLAIM', KEYS[1], 'g', ARGV[2], 0, '0-0', 'COUNT', ARGV[3])
if got.err then
  if not string.find(got.err, 'NOGROUP', 1, true) then
    return got
  end
  redis.call('XGROUP', 'CREATE', KEYS[1], 'g', '0', 'MKSTREAM')
end
local records = not got.err and got[2] or {}
if #records == 0 then
  got = redis.call('XREADGROUP', 'GROUP', 'g', ARGV[2], 'COUNT', ARGV[3], 'STREAMS', KEYS[1], '>')
  records = got and got[1][2] or {}
end
local asked, seen = {}, {}
for _, record in ipairs(records) do
  for i = 1, #record[2], 2 do
    local id = record[2][i + 1]
    if record[2][i] == 'o' and not seen[id] then
      seen[id] = true
      asked[#asked + 1], asked[#asked + 2] = id, redis.call('HGET', KEYS[5], 'asked:' .. id) or ''
    end
  end
end
return {1, records, asked, redis.call('XLEN', KEYS[3]) + redis.call('XLEN', KEYS[4])}
