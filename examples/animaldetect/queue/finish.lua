-- SPDX-License-Identifier: MIT
-- An entry is done: its record goes to the collector, once, whoever has the entry in hand.
-- XACK comes last: of a script that a torn AOF cut, every beginning heals, as the entry is still pending.
-- KEYS stream, res; ARGV id, fields of the record.  Returns 0 when the entry was done before.
local pending = redis.pcall('XPENDING', KEYS[1], 'g', ARGV[1], ARGV[1], 1)
if pending.err or not pending[1] then
  return 0
end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 2))
redis.call('XDEL', KEYS[1], ARGV[1])
redis.call('XACK', KEYS[1], 'g', ARGV[1])
return 1
