-- The rebuild of a territory that the live store has lost: from the facts that the ledger keeps, without deciding
-- anything anew. While it goes on the territory has no epoch and no number: nobody reads it, and nothing can be taken.
-- Only whoever began it last may go on: each step brings the token that was given at the beginning.

local function is_overtaken(meta, token)
  return redis.call('HGET', meta, 'rebuild') ~= token
end

-- A flat list of texts as JSON, written by a command of at most so many words at once: Lua's stack is bounded.
local function write_flat(command, key, flat)
  for first = 1, #flat, WRITTEN_AT_ONCE do
    redis.call(command, key, unpack(flat, first, math.min(first + WRITTEN_AT_ONCE - 1, #flat)))
  end
end

local function flat_of(facts)
  local flat = {}
  for name, value in pairs(facts) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  return flat
end

-- rebuild_begin_v1: close the territory until `rebuild_end_v1`. The caller drops what is left of it.
--   keys  1 meta      args  1 token
local function rebuild_begin_v1(keys, args)
  redis.call('DEL', keys[1])
  redis.call('HSET', keys[1], 'rebuild', args[1])
  return 1
end

-- restore_pools_v1: pools as they were, their rows under their old stamps.
--   keys  1 meta
--   args  1 token, then of each pool: pool, stamp, facts as a JSON object, movements as JSON: [moment, member, ...]
--   reply 1, or 0 when the rebuild is another's by now
local function restore_pools_v1(keys, args)
  local meta = keys[1]
  if is_overtaken(meta, args[1]) then return 0 end
  local rows, stamps = {}, {}
  for i = 2, #args, 4 do
    local pool, seq, facts, movements = args[i], args[i + 1], cjson.decode(args[i + 2]), cjson.decode(args[i + 3])
    write_flat('HSET', beside(meta, 'pool:' .. pool), flat_of(facts))
    write_flat('ZADD', beside(meta, 'movements:' .. pool), movements)
    if facts.gone == nil then await_hour(meta, pool, facts.kept) end
    rows[#rows + 1], stamps[#stamps + 1] = pool, seq
    rows[#rows + 1], stamps[#stamps + 1] = facts.gone and tombstone_of(pool, seq) or row_of(pool, facts, seq), pool
  end
  write_flat('HSET', beside(meta, 'rows'), rows)
  write_flat('ZADD', beside(meta, 'stamps'), stamps)
  return 1
end

-- restore_holds_v1: holds as they were; an active one keeps its code and its places.
--   keys  1 meta
--   args  1 token, then of each hold: id, facts as a JSON object, seconds until it is forgotten, '0' for an active one
--   reply as above
local function restore_holds_v1(keys, args)
  local meta = keys[1]
  if is_overtaken(meta, args[1]) then return 0 end
  for i = 2, #args, 3 do
    local id, hold, seconds = args[i], cjson.decode(args[i + 1]), args[i + 2]
    local key = beside(meta, 'hold:' .. id)
    write_flat('HSET', key, flat_of(hold))
    if hold.state == 'active' then
      redis.call('HSET', beside(meta, 'codes'), hold.code, id)
      redis.call('ZADD', beside(meta, 'holds'), hold.expires_ms, id)
      for _, line in ipairs(read_lines(hold.lines)) do redis.call('SADD', beside(meta, 'promises:' .. line.pool), id) end
    else
      redis.call('EXPIRE', key, seconds)
    end
  end
  return 1
end

-- restore_answers_v1: what was first answered to the ids of commands, so that the same id again is a duplicate. Law 4.
--   keys  1 meta
--   args  1 token, then of each command: id, its number and digest with a space between, seconds until it is forgotten
--   reply as above
local function restore_answers_v1(keys, args)
  local meta = keys[1]
  if is_overtaken(meta, args[1]) then return 0 end
  local prefix = beside(meta, 'answer:')
  for i = 2, #args, 3 do redis.call('SET', prefix .. args[i], args[i + 1], 'EX', args[i + 2]) end
  return 1
end

-- restore_requests_v1: requests of households that may still have their outcome, or have it.
--   keys  1 meta
--   args  1 token, then of each request: id, facts as a JSON object, seconds until it is forgotten
--   reply as above
local function restore_requests_v1(keys, args)
  local meta = keys[1]
  if is_overtaken(meta, args[1]) then return 0 end
  for i = 2, #args, 3 do
    local key = beside(meta, 'request:' .. args[i])
    write_flat('HSET', key, flat_of(cjson.decode(args[i + 1])))
    redis.call('EXPIRE', key, args[i + 2])
  end
  return 1
end

-- rebuild_end_v1: open the territory in a new epoch, after the ledger's last number. Law 8. Until `board_is_whole_v1`
-- says that the registry was followed too, a report on a pool that is not there is put off, not refused.
--   keys  1 meta      args  1 token  2 epoch  3 number  4 the moment in ms
--   reply as above
local function rebuild_end_v1(keys, args)
  local meta = keys[1]
  if is_overtaken(meta, args[1]) then return 0 end
  redis.call('HDEL', meta, 'rebuild')
  redis.call('HSET', meta, 'epoch', args[2], 'seq', args[3], 'opened_after', args[3], 'opened_ms', args[4],
    'is_partial', '1')
  return 1
end

redis.register_function('rebuild_begin_v1', rebuild_begin_v1)
redis.register_function('restore_pools_v1', restore_pools_v1)
redis.register_function('restore_holds_v1', restore_holds_v1)
redis.register_function('restore_answers_v1', restore_answers_v1)
redis.register_function('restore_requests_v1', restore_requests_v1)
redis.register_function('rebuild_end_v1', rebuild_end_v1)
