-- SPDX-License-Identifier: MIT
-- New entries for a worker, unless results wait for a collector.  A group that is missing is made at 0: nothing is skipped.
-- KEYS w0, w1, res, enq; ARGV worker, count, bound of res, '1' to read w1 before w0.
-- Returns the results that wait, the entries of w0, those of w1, ids and texts of their options, and what is left in both.
local function take(stream, count)
  if count < 1 then
    return {}
  end
  local got
  for try = 1, 2 do
    got = redis.pcall('XREADGROUP', 'GROUP', 'g', ARGV[1], 'COUNT', count, 'STREAMS', stream, '>')
    if type(got) ~= 'table' or not got.err then
      break
    end
    if try == 2 or not string.find(got.err, 'NOGROUP', 1, true) then
      return got
    end
    redis.call('XGROUP', 'CREATE', stream, 'g', '0', 'MKSTREAM')
  end
  return got and got[1][2] or {}
end

local waiting = redis.call('XLEN', KEYS[3])
local count = tonumber(ARGV[2])
local taken = {{}, {}}
if waiting < tonumber(ARGV[3]) then
  local first = ARGV[4] == '1' and 2 or 1
  for _, which in ipairs({first, 3 - first}) do
    local got = take(KEYS[which], count)
    if got.err then
      return got
    end
    taken[which] = got
    count = count - #got
  end
end
local asked, seen = {}, {}
for _, entries in ipairs(taken) do
  for _, entry in ipairs(entries) do
    local id = entry[2][10]
    if id and not seen[id] then
      seen[id] = true
      asked[#asked + 1], asked[#asked + 2] = id, redis.call('HGET', KEYS[4], 'asked:' .. id) or ''
    end
  end
end
return {waiting, taken[1], taken[2], asked, redis.call('XLEN', KEYS[1]) + redis.call('XLEN', KEYS[2])}
