-- SPDX-License-Identifier: MIT
-- Whether this is another process of Redis than the queue was in before: its AOF is rewritten then, since a restart may
-- have left half a script in it.  It is noted after that was asked for, so that a call that is lost is made again.
-- KEYS enq; ARGV run id of the server, '1' to note it.
local before = redis.call('HGET', KEYS[1], 'server')
if not before or ARGV[2] == '1' then
  redis.call('HSET', KEYS[1], 'server', ARGV[1])
  return 0
end
return before == ARGV[1] and 0 or 1
