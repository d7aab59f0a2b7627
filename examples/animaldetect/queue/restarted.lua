-- SPDX-License-Identifier: MIT
-- Whether this is another process of Redis than the queue was in before: its AOF is rewritten then, since a restart may
-- have left half a script in it.
-- KEYS enq; ARGV run id of the server.
local before = redis.call('HGET', KEYS[1], 'server')
if before == ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'server', ARGV[1])
return before and 1 or 0
