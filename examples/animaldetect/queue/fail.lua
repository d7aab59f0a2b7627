-- SPDX-License-Identifier: MIT
-- An entry is not done.  With a record it becomes a dead letter and the record goes to the collector; without one it goes to
-- the end of its stream, with `more` failures: 0 when a worker only gives it back.  XACK comes last, as in finish.lua.
-- KEYS stream, res, dead; ARGV id, more, status, reason, fields of the record.  Returns 0 when the entry was done before.
local stream, id = KEYS[1], ARGV[1]
local pending = redis.pcall('XPENDING', stream, 'g', id, id, 1)
if pending.err or not pending[1] then
  return 0
end
local entry = redis.call('XRANGE', stream, id, id)[1]
if entry then
  local fields = entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == 'f' then
      fields[i + 1] = string.format('%d', tonumber(fields[i + 1]) + tonumber(ARGV[2]))
    end
  end
  if #ARGV > 4 then
    redis.call('XADD', KEYS[2], '*', unpack(ARGV, 5))
    fields[#fields + 1], fields[#fields + 2] = 'c', ARGV[3]
    fields[#fields + 1], fields[#fields + 2] = 'e', ARGV[4]
    redis.call('XADD', KEYS[3], '*', unpack(fields))
  else
    redis.call('XADD', stream, '*', unpack(fields))
  end
end
redis.call('XDEL', stream, id)
redis.call('XACK', stream, 'g', id)
return 1
