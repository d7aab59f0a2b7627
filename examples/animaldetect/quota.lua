-- SPDX-License-Identifier: MIT
-- Permits for the requests of all workers that share one quota of L requests in any window W.
--
-- A permit is charged from its grant until it is settled: as outstanding (of its worker), then in the log, at the time
-- when it was settled.  A grant is made only while outstanding + log of the last W is at most L.
--   Proof.  A request arrives after its grant and before it is settled.  So an arrival in (t-W, t] is at t outstanding, or
-- in the log at a time that is not before its arrival.  Both together are at most L at each grant, and between grants
-- the sum does not grow.
-- A worker that is silent for LIFE + LAG is buried: what it had outstanding goes into the log at that time.  Its permits
-- had ended LIFE after it asked for them, and nothing arrives more than LAG after it was sent.
--
-- Clock.  The server's TIME, kept between what a caller can vouch for: the time in a reply to it, plus what its own clock
-- counted since that reply (low) or since its request (high).  A caller without a reply moves it not at all.
-- A clock that was slow has given stamps that are too early: the caller who notices widens the window by that, for as
-- long as such stamps count.  A smaller error that is noticed meanwhile has a time of its own, or one large error would
-- widen the window forever.  GUARD is for less than STEP, and for clocks that differ by 500 ppm.
--
-- Loss.  Another server, or a caller that remembers a later time than is stored: the end of the record is missing.  Not
-- in it can be only arrivals for permits that are outstanding in it, or that were granted after it, and the bucket bounds
-- these.  So many are charged anew, LIFE + LAG from now.  Where nothing is known, that is L: nothing is granted for
-- W + LIFE + LAG, also when a name is used for the first time.
--
-- The order of the writes: the log before what is outstanding, the state last, so that any beginning of it charges more.
--
-- KEYS state, log (count by time), workers ("seq outstanding turn"), their deadlines, the hungry (by turn).
-- ARGV worker, number of the call, L, permits wanted, outstanding, settled ("age:count ..."), time in a reply of the last half
-- minute that was quick (0: none), ms since that reply, ms since its request, 429s met, ms to hold for them, '1' if this worker may
-- live on a share, time in the last reply.
-- Returns how many are granted, the time, when to ask again, how long to hold, how long nothing is granted after a loss.
local W, LIFE, LAG, GUARD, STEP = 60000, 5000, 10000, 150, 100
local STATE, LOG, WORKERS, DEADLINES, HUNGRY = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local me, sequence, limit, wanted, outstanding = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local told, since_reply, since_request = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

local names = {'now', 'offset', 'logged', 'out', 'limit', 'stated', 'tokens', 'pace', 'cut', 'hold', 'slow', 'noticed', 'less_slow', 'noticed_later', 'shares', 'lost', 'id', 'turn'}
local s = {}
for i, value in ipairs(redis.call('HMGET', STATE, unpack(names))) do
  s[names[i]] = tonumber(value) or 0
end
local server = redis.call('HGET', STATE, 'server')
local this = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')

local function worker(text)
  local q, o, t = string.match(text or '0 0 0', '^(%d+) (%d+) (%d+)$')
  return tonumber(q), tonumber(o), tonumber(t)
end

local function charge(time, count)
  if count > 0 then
    s.id = s.id + 1
    redis.call('ZADD', LOG, time, s.id .. ':' .. count)
    s.logged = s.logged + count
  end
end

local function left(time)
  return math.max(0, math.ceil(time - s.now))
end

-- Calls that come late, after a newer one.
local last, mine, turn = worker(redis.call('HGET', WORKERS, me) or nil)
if sequence <= last then
  return {0, s.now, 500, left(s.hold), left(s.lost)}
end

-- What is stored, and whether it is whole.
if server and server ~= this then
  s.logged, s.out = 0, 0
  for _, member in ipairs(redis.call('ZRANGE', LOG, 0, -1)) do
    s.logged = s.logged + tonumber(string.match(member, ':(%d+)$'))
    s.id = math.max(s.id, tonumber(string.match(member, '^(%d+)')))
  end
  for _, text in ipairs(redis.call('HVALS', WORKERS)) do
    local _, o = worker(text)
    s.out = s.out + o
  end
end
local is_whole = s.now > 0 and server and (s.logged > 0) == (redis.call('EXISTS', LOG) == 1)
  and redis.call('HLEN', WORKERS) == redis.call('ZCARD', DEADLINES)
if not is_whole then
  redis.call('DEL', STATE, LOG, WORKERS, DEADLINES, HUNGRY)
  for _, name in ipairs(names) do
    s[name] = 0
  end
  s.pace, last, mine, turn = 1, 0, 0, 0
end

-- The clock.
local before = s.now
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local now = before
if told > 0 then
  local low, high = told + math.floor(since_reply * 0.9995), told + math.ceil(since_request * 1.0005) + 1
  now = clock + s.offset
  if now > high then
    now = now - high > STEP and low or high
  elseif now < low then
    local slow = high - math.max(now, before) -- at most
    if is_whole and slow > STEP and slow >= s.slow then
      s.slow, s.noticed, s.less_slow = slow, math.max(low, before), 0
    elseif is_whole and slow > STEP then
      s.less_slow, s.noticed_later = math.max(s.less_slow, slow), math.max(low, before)
    end
    now = low
  end
  now = math.max(now, before)
elseif not is_whole then
  now = clock
end
s.now, s.offset = now, now - clock
if now - s.noticed > W + LIFE + LAG then
  s.slow, s.noticed, s.less_slow = s.less_slow, s.noticed_later, 0
end
local window = W + GUARD + s.slow

-- Losses.
local is_lost = not is_whole or server ~= this or tonumber(ARGV[13]) > before or (s.shares > 0 and now - before >= W)
if is_lost then
  local most = math.max(limit, s.limit)
  local count = most
  if is_whole and told > 0 and now - before < W then
    count = math.min(most, s.out + math.ceil(math.max(1, most / 20) + 1.02 * most / W * (now - before)))
  end
  charge(now + LIFE + LAG, count)
  if count == most then
    s.lost = now + LIFE + LAG + window
  end
end

-- What has left the window, and workers that are silent.
local old = redis.call('ZRANGEBYSCORE', LOG, '-inf', now - window)
for _, member in ipairs(old) do
  s.logged = s.logged - tonumber(string.match(member, ':(%d+)$'))
end
if #old > 0 then
  redis.call('ZREMRANGEBYSCORE', LOG, '-inf', now - window)
end
local silent = redis.call('ZRANGEBYSCORE', DEADLINES, '-inf', now, 'WITHSCORES', 'LIMIT', 0, 100)
for i = 1, #silent, 2 do
  local name = silent[i]
  if name ~= me then
    local _, o = worker(redis.call('HGET', WORKERS, name) or nil)
    charge(tonumber(silent[i + 1]), o)
    s.out = s.out - o
    redis.call('ZREM', HUNGRY, name)
    redis.call('HDEL', WORKERS, name)
    redis.call('ZREM', DEADLINES, name)
  end
end

-- The report of this worker.
for age, count in string.gmatch(ARGV[6], '(%d+):(%d+)') do
  if tonumber(age) < window then
    charge(now - tonumber(age), tonumber(count))
  end
end
s.out = s.out - mine + outstanding
if ARGV[12] == '1' then
  s.shares = 1
end

-- The quota: the smallest that was stated lately, less after a 429.
if s.limit == 0 or limit <= s.limit or now - s.stated > W + LIFE + LAG then
  s.limit, s.stated = limit, now
end
s.pace = math.min(1, s.pace + 0.05 * (now - before) / 60000)
if tonumber(ARGV[10]) > 0 then
  s.hold = math.max(s.hold, now + tonumber(ARGV[11]))
  if s.cut == 0 or now - s.cut > LIFE then
    s.pace, s.cut = math.max(0.05, s.pace * 0.7), now
  end
end
local allowed = math.max(1, math.floor(s.limit * s.pace))
local rate = 1.02 * allowed / W
s.tokens = math.min(math.max(1, s.limit / 20), s.tokens + rate * (now - before))

-- The grant: to each as many as it uses in half a second, and what the hungry before it need stays for them.
local workers = redis.call('HLEN', WORKERS) + (last == 0 and 1 or 0)
local share = math.max(1, math.ceil(500 * allowed / W / workers))
local start = math.max(turn, s.turn)
redis.call('ZREM', HUNGRY, me)
local reserved = redis.call('ZCOUNT', HUNGRY, '-inf', '(' .. start) * share
local equals = redis.call('ZCOUNT', HUNGRY, start, start)
local room = allowed - s.logged - s.out
local count = math.min(wanted, share, math.floor(s.tokens) - reserved, room - reserved)
if now < s.hold then
  count = math.min(count, outstanding == 0 and 1 or 0) -- for a request that asks whether the hold goes on
end
count = told > 0 and math.max(0, count) or 0
if count > 0 then
  s.tokens, s.out, s.turn = s.tokens - count, s.out + count, start
end
redis.call('HSET', WORKERS, me, string.format('%d %d %d', sequence, outstanding + count, start + count))
redis.call('ZADD', DEADLINES, now + LIFE + LAG, me)
local ask = 500
if told == 0 then
  ask = 0
elseif now < s.hold then
  ask = math.min(LIFE, s.hold - now)
elseif count < wanted then
  redis.call('ZADD', HUNGRY, start + count, me)
  room = room - count
  -- Of those whose turn is the same, whoever asks first is granted: each asks after a quarter of what they all take, so
  -- that they make a few calls for each permit, however many they are.
  local need = reserved + math.max(1, math.floor(equals * share / 4))
  ask = (need - s.tokens) / rate
  if room < need then
    local free = redis.call('ZRANGE', LOG, need - room - 1, need - room - 1, 'WITHSCORES')[2]
    ask = math.max(ask, free and tonumber(free) + window - now or 500)
  end
  ask = math.max(50, math.min(LIFE, ask))
end
local fields = {'server', this}
for _, name in ipairs(names) do
  fields[#fields + 1], fields[#fields + 2] = name, s[name]
end
redis.call('HSET', STATE, unpack(fields))
return {count, s.now, math.ceil(ask), left(s.hold), left(s.lost)}
