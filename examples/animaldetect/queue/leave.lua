-- SPDX-License-Identifier: MIT
-- Removes a worker that ends, and those that have been silent for long, but never one with entries: these would be lost.
-- KEYS w0, w1; ARGV worker, ms of silence.  Returns how many were removed.
local removed = 0
for _, stream in ipairs(KEYS) do
  local workers = redis.pcall('XINFO', 'CONSUMERS', stream, 'g')
  if not workers.err then
    for _, worker in ipairs(workers) do
      local name, pending, idle = worker[2], worker[4], worker[6]
      if pending == 0 and (name == ARGV[1] or idle > tonumber(ARGV[2])) then
        redis.call('XGROUP', 'DELCONSUMER', stream, 'g', name)
        removed = removed + 1
      end
    end
  end
end
return removed
