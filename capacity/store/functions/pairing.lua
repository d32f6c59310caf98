-- Screens that wait to be let in: the flow of RFC 8628. Nothing of it outlives a quarter of an hour, so nothing of it
-- is in the ledger. What a screen gets is made elsewhere: here stands whether and for whom it was admitted.
--
-- Beside the access's meta key, which itself is never written:
--   pairings                  zset: user codes that were asked for, by the moment at which they end
--   pairing:<device>          hash: code, client, label, asked_ms, ends_ms, state (pending, approved, denied),
--                             next_ms (no poll before), interval_ms, credential, placeholder
--   pairing-code:<user code>  string: the device
--   pairings-of:<address>     string: how often a caller has asked of late
-- A device is known by the hash of its code.

local POLLED_EARLY_MS = 500
local SLOWER_BY_MS = 5000
local SLOWEST_MS = 60000

-- The hash of a device that still waits, or may still fetch; nil when its time is over.
local function pairing_of(meta, device, now_ms)
  local key = beside(meta, 'pairing:' .. device)
  local ends_ms = redis.call('HGET', key, 'ends_ms')
  if ends_ms and tonumber(ends_ms) > tonumber(now_ms) then return key end
end

-- The hash of the device that shows a user code and was not yet decided on; nil when there is none.
local function pending_of(meta, user_code, now_ms)
  local device = redis.call('GET', beside(meta, 'pairing-code:' .. user_code))
  local key = device and pairing_of(meta, device, now_ms)
  if key and redis.call('HGET', key, 'state') == 'pending' then return key end
end

-- pairing_open_v1: a screen asks to be let in.
--   keys  1 meta
--   args  1 user code  2 device  3 client  4 label  5 now, ms  6 ms until it ends  7 interval, ms
--         8 the caller's address  9 how often it may ask  10 seconds in which  11 how many may wait in all
--   reply {outcome, seconds}: 'opened'; 'code-taken'; 'too-many' and after how many seconds to come again
local function pairing_open_v1(keys, args)
  refuse_unless_whole(args[5], args[6], args[7], args[9], args[10], args[11])
  local meta, user_code, device, now_ms = keys[1], args[1], args[2], tonumber(args[5])
  local ends_ms, kept_seconds = whole(now_ms + tonumber(args[6])), math.ceil(tonumber(args[6]) / 1000)
  local pairings, asked = beside(meta, 'pairings'), beside(meta, 'pairings-of:' .. args[8])
  local code_key, key = beside(meta, 'pairing-code:' .. user_code), beside(meta, 'pairing:' .. device)
  if redis.call('EXISTS', code_key, key) > 0 then return {'code-taken', '0'} end
  if tonumber(redis.call('GET', asked) or '0') >= tonumber(args[9]) then
    return {'too-many', whole(math.max(1, redis.call('TTL', asked)))}
  end
  redis.call('ZREMRANGEBYSCORE', pairings, '-inf', whole(now_ms))
  if redis.call('ZCARD', pairings) >= tonumber(args[11]) then return {'too-many', '60'} end
  if redis.call('INCR', asked) == 1 then redis.call('EXPIRE', asked, args[10]) end
  redis.call('ZADD', pairings, ends_ms, user_code)
  redis.call('EXPIRE', pairings, kept_seconds)
  redis.call('SET', code_key, device, 'EX', kept_seconds)
  redis.call('HSET', key, 'code', user_code, 'client', args[3], 'label', args[4], 'asked_ms', args[5],
    'ends_ms', ends_ms, 'state', 'pending', 'next_ms', '0', 'interval_ms', args[7])
  redis.call('EXPIRE', key, kept_seconds)
  return {'opened', '0'}
end

-- pairing_look_v1: who shows a user code and waits. Reads only.
--   keys  1 meta      args  1 user code  2 now, ms
--   reply {client, label, asked_ms, ends_ms}; empty when nobody does
local function pairing_look_v1(keys, args)
  local key = pending_of(keys[1], args[1], args[2])
  return key and redis.call('HMGET', key, 'client', 'label', 'asked_ms', 'ends_ms') or {}
end

-- pairing_decide_v1: somebody lets a screen in, or does not. The first word stands.
--   keys  1 meta
--   args  1 user code  2 now, ms  3 'approved' or 'denied'  4 credential  5 its placeholder, '' both when denied
--   reply 'done'; 'unknown' when nobody shows the code and waits
local function pairing_decide_v1(keys, args)
  local key = pending_of(keys[1], args[1], args[2])
  if not key then return 'unknown' end
  redis.call('HSET', key, 'state', args[3], 'credential', args[4], 'placeholder', args[5])
  redis.call('ZREM', beside(keys[1], 'pairings'), args[1])
  return 'done'
end

-- pairing_poll_v1: a screen asks what was decided. One that asks too often has to ask ever less often.
--   keys  1 meta      args  1 device  2 client  3 now, ms
--   reply {state, credential, placeholder}: 'unknown', 'slow', 'pending', 'denied', 'approved'
local function pairing_poll_v1(keys, args)
  local key, now_ms = pairing_of(keys[1], args[1], args[3]), tonumber(args[3])
  if not key then return {'unknown', '', ''} end
  local client, state, next_ms, interval_ms, credential, placeholder =
    unpack(redis.call('HMGET', key, 'client', 'state', 'next_ms', 'interval_ms', 'credential', 'placeholder'))
  if client ~= args[2] then return {'unknown', '', ''} end
  if state ~= 'pending' then return {state, credential, placeholder} end
  local is_early = now_ms < tonumber(next_ms) - POLLED_EARLY_MS
  if is_early then interval_ms = whole(math.min(SLOWEST_MS, tonumber(interval_ms) + SLOWER_BY_MS)) end
  redis.call('HSET', key, 'next_ms', whole(now_ms + tonumber(interval_ms)), 'interval_ms', interval_ms)
  return {is_early and 'slow' or 'pending', '', ''}
end

-- pairing_end_v1: a screen has what it asked for.
--   keys  1 meta      args  1 device
local function pairing_end_v1(keys, args)
  local key = beside(keys[1], 'pairing:' .. args[1])
  local user_code = redis.call('HGET', key, 'code')
  redis.call('DEL', key)
  if user_code then redis.call('DEL', beside(keys[1], 'pairing-code:' .. user_code)) end
  return 'done'
end

redis.register_function('pairing_open_v1', pairing_open_v1)
redis.register_function{function_name = 'pairing_look_v1', callback = pairing_look_v1, flags = {'no-writes'}}
redis.register_function('pairing_decide_v1', pairing_decide_v1)
redis.register_function('pairing_poll_v1', pairing_poll_v1)
redis.register_function('pairing_end_v1', pairing_end_v1)
