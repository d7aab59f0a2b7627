-- SPDX-License-Identifier: MIT
-- Entries of workers that gave no sign of life.  All workers share one pass over what is pending, so that their number
-- does not multiply its cost; a pass begins `gap` after the one before.  What was delivered too often is a dead letter.
-- KEYS stream, res, dead, enq; ARGV worker, idle ms, count, most deliveries, gap ms, name of the stream, reason number.
-- Returns 1 while the pass goes on, the claimed entries, ids and texts of their options, how many were buried.
local stream, res, dead, enq = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local cursor_field, next_field = 'cursor:' .. ARGV[6], 'pass:' .. ARGV[6]
local cursor = redis.call('HGET', enq, cursor_field) or '0-0'
local due = tonumber(redis.call('HGET', enq, next_field) or '0')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gap = tonumber(ARGV[5])
-- a time far ahead is of a clock that was set back
if cursor == '0-0' and now < due and due <= now + gap then
  return {0, {}, {}, 0}
end
local got = redis.pcall('XAUTOCLAIM', stream, 'g', ARGV[1], ARGV[2], cursor, 'COUNT', ARGV[3])
if got.err then
  return {0, {}, {}, 0}
end
redis.call('HSET', enq, cursor_field, got[1], next_field, string.format('%d', now + gap))

local function bury(id, fields, deliveries)
  local of = {}
  for i = 1, #fields, 2 do
    of[fields[i]] = fields[i + 1]
  end
  local reason = string.format('killed its worker: delivered %d times', deliveries)
  redis.call('XADD', res, '*', 'p', of.p, 's', of.s, 'm', of.m, 'o', of.o, 'k', 'i', 'n', of.n, 'd', '', 'r', '', 't', '',
    'j', '', 'g', ARGV[7], 'c', '', 'b', reason)
  redis.call('XADD', dead, '*', 'p', of.p, 'n', of.n, 's', of.s, 'm', of.m, 'o', of.o, 'f', of.f, 'c', '', 'e', reason)
  redis.call('XDEL', stream, id)
  redis.call('XACK', stream, 'g', id)
end

local claimed, asked, seen, buried = {}, {}, {}, 0
for _, entry in ipairs(got[2]) do
  local pending = redis.call('XPENDING', stream, 'g', entry[1], entry[1], 1)
  local deliveries = pending[1] and pending[1][4] or 0
  if deliveries > tonumber(ARGV[4]) then
    bury(entry[1], entry[2], deliveries)
    buried = buried + 1
  else
    claimed[#claimed + 1] = entry
    local o = entry[2][10]
    if o and not seen[o] then
      seen[o] = true
      asked[#asked + 1], asked[#asked + 2] = o, redis.call('HGET', enq, 'asked:' .. o) or ''
    end
  end
end
return {got[1] ~= '0-0' and 1 or 0, claimed, asked, buried}
