-- SPDX-License-Identifier: MIT
-- Appends one batch of a run of `enqueue`, whole or not at all, and moves the run's position past it.
-- Entries come before the position: a part that survives a torn AOF is appended again, which costs requests and no bill.
-- KEYS stream, enq; ARGV run, position before, position after, bound, id of the options, their text, then
-- path, name, size, mtime of each entry.  Returns a word, the stored position, the length of the stream.
local stream, enq = KEYS[1], KEYS[2]
local field = 'run:' .. ARGV[1]
local at = redis.call('HGET', enq, field) or '0'
local length = redis.call('XLEN', stream)
local count = (#ARGV - 6) / 4
if at ~= ARGV[2] then
  return {'at', at, length}
end
if count > 0 and length + count > tonumber(ARGV[4]) then
  return {'full', at, length}
end
redis.call('HSETNX', enq, 'asked:' .. ARGV[5], ARGV[6])
for i = 7, #ARGV, 4 do
  redis.call('XADD', stream, '*', 'p', ARGV[i], 'n', ARGV[i + 1], 's', ARGV[i + 2], 'm', ARGV[i + 3],
    'o', ARGV[5], 'f', '0')
end
redis.call('HSET', enq, field, ARGV[3])
return {'ok', ARGV[3], length + count}
