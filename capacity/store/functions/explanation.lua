-- explanation_v1: everything that a pool's row is computed from, at one instant. Laws 1, 2 and 5. Reads only.
--   keys  1 meta
--   args  1 pool
--   reply {row, facts, movements, holds}: facts name, text, ...; movements member, moment, ... since the latest count,
--         oldest first; holds that keep places of the pool as id, channel, places, expires_at, ..., soonest end first
--         or {why there is none}: 'unopened', 'partial-board', 'unknown-pool', 'pool-gone'
local function explanation_v1(keys, args)
  local meta, pool = keys[1], args[1]
  local facts = read_facts(beside(meta, 'pool:' .. pool))
  if not is_living(facts) then
    local epoch, is_partial = unpack(redis.call('HMGET', meta, 'epoch', 'is_partial'))
    if not epoch or is_partial then return {epoch and 'partial-board' or 'unopened'} end
    return {facts.gone and 'pool-gone' or 'unknown-pool'}
  end

  local promises = {}
  for _, id in ipairs(redis.call('SMEMBERS', beside(meta, 'promises:' .. pool))) do
    promises[#promises + 1] = read_hold(meta, id)
  end
  table.sort(promises, function(one, other)
    local ends, others_end = tonumber(one.expires_ms), tonumber(other.expires_ms)
    return ends < others_end or (ends == others_end and one.id < other.id)
  end)
  local holds = {}
  for _, hold in ipairs(promises) do
    for _, line in ipairs(read_lines(hold.lines)) do
      if line.pool == pool then
        for _, text in ipairs({hold.id, hold.channel, whole(line.places), hold.expires_at}) do
          holds[#holds + 1] = text
        end
      end
    end
  end
  return {redis.call('HGET', beside(meta, 'rows'), pool), redis.call('HGETALL', beside(meta, 'pool:' .. pool)),
    redis.call('ZRANGE', beside(meta, 'movements:' .. pool), 0, -1, 'WITHSCORES'), holds}
end

redis.register_function{function_name = 'explanation_v1', callback = explanation_v1, flags = {'no-writes'}}
