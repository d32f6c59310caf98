-- Contingents: places of a pool kept for one channel until an hour, then for everybody by themselves.

-- Let a pool be looked at when the soonest hour of its contingents has come.
local function await_hour(meta, pool, kept)
  local soonest
  for _, one in ipairs(read_contingents(kept)) do soonest = math.min(soonest or one.until_ms, one.until_ms) end
  if soonest then
    redis.call('ZADD', beside(meta, 'contingents'), whole(soonest), pool)
  else
    redis.call('ZREM', beside(meta, 'contingents'), pool)
  end
end

-- Give a pool its contingents, or what is left of them, as one numbered command.
local function put_contingents(meta, pool, facts, kept, kind, id, at_text, told_text)
  local facts_key = beside(meta, 'pool:' .. pool)
  facts.kept = kept
  facts.contingents = contingents_json(facts)
  local seq = next_seq(meta)
  local row = row_of(pool, facts, seq)
  local changes = {'kept', kept, 'contingents', facts.contingents}
  keep_command(meta, beside(meta, 'stream'), seq, 'applied', '"id":"' .. id .. '","type":"' .. kind .. '","pool":"'
    .. pool .. '","contingents":' .. facts.contingents .. ',"observed_at":"' .. at_text .. '","received_at":"'
    .. told_text .. '"}', row, '\n' .. facts_line('pool:' .. pool, changes))
  redis.call('HSET', facts_key, unpack(changes))
  await_hour(meta, pool, kept)
  put_row(beside(meta, 'rows'), beside(meta, 'stamps'), pool, seq, row)
  return row
end

-- The contingents of a pool whose hour has come leave its row; those of the soonest hour only, so that each command
-- tells of one true hour, however long nobody looked.
local function end_contingents(meta, pool, at_text)
  local facts = read_some_facts(beside(meta, 'pool:' .. pool), HOLD_FACTS)
  local contingents = read_contingents(facts.kept)
  local left, soonest = {}, contingents[1]
  for _, kept in ipairs(contingents) do
    if kept.until_ms < soonest.until_ms then soonest = kept end
  end
  for _, kept in ipairs(contingents) do
    if kept.until_ms > soonest.until_ms then
      left[#left + 1] = kept.channel .. '=' .. whole(kept.places) .. '=' .. whole(kept.until_ms) .. '='
        .. kept.until_text
    end
  end
  put_contingents(meta, pool, facts, table.concat(left, ' '), 'contingents_ended',
    derived_id('contingents ended ' .. pool .. ' ' .. facts.kept), soonest.until_text, at_text)
end

-- contingents_set_v1: what is kept of a pool, for whom and until when, from now on.
--   keys  1 meta
--   args  1 id  2 pool  3 contingents as `channel=places=until_ms=until ...`  4 at
--   reply {outcome, row}: 'done'; 'same' (no number is given); 'refused' with the problem's slug instead of the row
local function contingents_set_v1(keys, args)
  local meta, id, pool, kept, at_text = keys[1], args[1], args[2], args[3], args[4]
  local facts = read_some_facts(beside(meta, 'pool:' .. pool), HOLD_FACTS)
  if not is_living(facts) then
    local epoch, is_partial = unpack(redis.call('HMGET', meta, 'epoch', 'is_partial'))
    if not epoch or is_partial then return {'refused', epoch and 'partial-board' or 'unopened'} end
    return {'refused', facts.gone and 'pool-gone' or 'unknown-pool'}
  end
  if (facts.kept or '') == kept then return {'same', redis.call('HGET', beside(meta, 'rows'), pool)} end
  return {'done', put_contingents(meta, pool, facts, kept, 'contingents_set', id, at_text, at_text)}
end

redis.register_function('contingents_set_v1', contingents_set_v1)
