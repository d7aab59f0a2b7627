-- SPDX-License-Identifier: MIT
-- A sign of life for entries that a worker has in hand.  Only what is still this worker's is claimed again: one that was
-- given to another worker meanwhile stays there.
-- KEYS stream; ARGV worker, ids.  Returns how many are still this worker's.
local kept = 0
for i = 2, #ARGV do
  local mine = redis.pcall('XPENDING', KEYS[1], 'g', ARGV[i], ARGV[i], 1, ARGV[1])
  if not mine.err and mine[1] then
    redis.call('XCLAIM', KEYS[1], 'g', ARGV[1], 0, ARGV[i], 'JUSTID')
    kept = kept + 1
  end
end
return kept
