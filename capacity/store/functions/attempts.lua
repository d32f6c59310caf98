-- Tries of what can be guessed: the first ones are free, then each makes the next wait twice as long.
-- The key stands under a hash tag of its own, {access}, and is named by a digest: no e-mail, no address.
--   tries:<digest>  hash: count, open_ms (from when the next try is let)

-- attempt_v1: count a try, unless it has to wait; one that has to is not counted.
--   keys  1 tries
--   args  1 now in ms  2 how many are free  3 the first wait in ms  4 the longest  5 seconds after which all is forgotten
--   reply how many ms it has to wait, as text; '0': go ahead
local function attempt_v1(keys, args)
  refuse_unless_whole(args[1], args[2], args[3], args[4], args[5])
  local now, free, first, longest = tonumber(args[1]), tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
  local count, open_ms = unpack(redis.call('HMGET', keys[1], 'count', 'open_ms'))
  count, open_ms = tonumber(count or 0), tonumber(open_ms or 0)
  if open_ms > now then return whole(open_ms - now) end
  count = count + 1
  local wait = 0
  if count >= free then wait = math.min(longest, first * 2 ^ math.min(count - free, 32)) end
  redis.call('HSET', keys[1], 'count', whole(count), 'open_ms', whole(now + wait))
  redis.call('EXPIRE', keys[1], args[5])
  return '0'
end

-- forgive_v1: the last try was right.
--   keys  1 tries      args  1 'all' to forget those before it too, 'one' for it alone
--   reply 'done'
local function forgive_v1(keys, args)
  local count = tonumber(redis.call('HGET', keys[1], 'count') or 0)
  if args[1] == 'all' or count <= 1 then
    redis.call('DEL', keys[1])
  else
    redis.call('HSET', keys[1], 'count', whole(count - 1), 'open_ms', '0')
  end
  return 'done'
end

redis.register_function('attempt_v1', attempt_v1)
redis.register_function('forgive_v1', forgive_v1)
