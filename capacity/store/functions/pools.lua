-- The registry's side of the live state: opening a territory, and the coming, changing and going of pools.
-- Postgres decides first; `version` is its ever-growing number of the site's edit, so that an edit that arrives
-- after a later one changes nothing.

-- open_territory_v1: give a territory its epoch and its first number; one that has them keeps them. Law 8.
-- A live store that was lost goes on after the ledger's last number, so that no number is ever given twice.
-- Until `board_is_whole_v1` says that its pools are there, a report on one that is not is put off, not refused.
--   keys  1 meta
--   args  1 a fresh epoch  2 the number to go on after: the ledger's last, '0' for a territory that is new
--         3 the moment in ms, by which is known whether the store can have heard all of a night; '0' says nothing
--   reply the territory's epoch
local function open_territory_v1(keys, args)
  local meta = keys[1]
  if redis.call('HSETNX', meta, 'epoch', args[1]) == 1 then
    redis.call('HSET', meta, 'seq', args[2], 'opened_after', args[2], 'opened_ms', args[3] or '0',
      'is_partial', '1')
  end
  return redis.call('HGET', meta, 'epoch')
end

-- board_is_whole_v1: every pool of the registry has been brought to the board.
--   keys  1 meta
--   reply 1 the first time, else 0
local function board_is_whole_v1(keys)
  return redis.call('HDEL', keys[1], 'is_partial')
end

-- The facts of a pool that nobody has reported on yet. Any report that may still arrive is newer than these.
local function new_facts(site, capacity, fresh_for, version)
  return {'site', site, 'version', version, 'registered_capacity', capacity, 'fresh_for', fresh_for,
    'status', 'open', 'status_at', '0', 'status_id', '', 'status_reason', '', 'status_until', '',
    'capacity', capacity, 'capacity_at', '0', 'capacity_id', '', 'extra', '0', 'extra_at', '0', 'extra_id', '',
    'out_of_service', '0', 'out_of_service_at', '0', 'out_of_service_id', '', 'reason', '',
    'count', '0', 'count_at', '0', 'count_id', '', 'moved', '0', 'held', '0',
    'observed_ms', '', 'observed_at', '', 'contingents', '[]'}
end

-- register_pool_v1: put a pool on the board, or bring a living one up to its registry entry. At another site it is
-- another pool: it is opened anew, since nobody has reported on it there.
-- The registered capacity moves the live one only when it changed itself: an edit never disturbs the live numbers.
-- The holds of a pool that opens anew end first.
--   keys  1 meta  2 rows  3 stamps  4 stream  5 facts of the pool  6 movements of the pool
--   args  1 id  2 pool  3 site  4 version  5 capacity  6 fresh_for  7 at_ms
--         8 the ledger's JSON of the command without its opening brace and without its type
--   reply {outcome, seq}: 'opened' or 'changed' with the number; 'same' or 'overtaken' with ''
local function register_pool_v1(keys, args)
  local meta, rows, stamps, stream, facts_key, movements = keys[1], keys[2], keys[3], keys[4], keys[5], keys[6]
  local id, pool, site, version, capacity, fresh_for, at_ms, body =
    args[1], args[2], args[3], args[4], args[5], args[6], args[7], args[8]
  refuse_unless_whole(version, capacity, fresh_for, at_ms)

  local facts = read_facts(facts_key)
  if facts.version and tonumber(facts.version) > tonumber(version) then return {'overtaken', ''} end
  local outcome, changes
  if not is_living(facts) or facts.site ~= site then
    outcome, changes = 'opened', new_facts(site, capacity, fresh_for, version)
  else
    changes = {'version', version}
    if facts.registered_capacity ~= capacity then
      for _, text in ipairs({'registered_capacity', capacity, 'capacity', capacity,
        'capacity_at', at_ms, 'capacity_id', id}) do
        changes[#changes + 1] = text
      end
    end
    if facts.fresh_for ~= fresh_for then
      changes[#changes + 1] = 'fresh_for'
      changes[#changes + 1] = fresh_for
    end
    outcome = #changes > 2 and 'changed' or 'same'
  end
  if outcome == 'same' then
    redis.call('HSET', facts_key, unpack(changes))
    return {outcome, ''}
  end

  if outcome == 'opened' then
    if is_living(facts) then release_all(meta, pool, string.match(body, '"observed_at":"([^"]+)"')) end
    facts = {}
  end
  for i = 1, #changes, 2 do
    facts[changes[i]] = changes[i + 1]
  end
  local seq = next_seq(meta)
  local row = row_of(pool, facts, seq)
  keep_command(meta, stream, seq, 'applied', '"type":"pool_' .. outcome .. '",' .. body, row,
    '\n' .. (outcome == 'opened' and new_facts_line or facts_line)('pool:' .. pool, changes))
  if outcome == 'opened' then redis.call('DEL', facts_key, movements) end
  redis.call('HSET', facts_key, unpack(changes))
  put_row(rows, stamps, pool, seq, row)
  return {outcome, seq}
end

-- remove_pool_v1: take a pool off the board; its holds end, readers learn of it as `gone`, the ledger keeps its past.
--   keys  1 meta  2 rows  3 stamps  4 stream  5 facts of the pool  6 movements of the pool
--   args  1 pool  2 version  3 the ledger's JSON of the command without its opening brace and without its type
--   reply {outcome, seq}: 'gone' with the number; 'same' or 'overtaken' with ''
local function remove_pool_v1(keys, args)
  local meta, rows, stamps, stream, facts_key, movements = keys[1], keys[2], keys[3], keys[4], keys[5], keys[6]
  local pool, version, body = args[1], args[2], args[3]
  refuse_unless_whole(version)

  local facts = read_facts(facts_key)
  if facts.version and tonumber(facts.version) > tonumber(version) then return {'overtaken', ''} end
  if not is_living(facts) then return {'same', ''} end

  release_all(meta, pool, string.match(body, '"observed_at":"([^"]+)"'))
  local seq = next_seq(meta)
  local row, left = tombstone_of(pool, seq), {'site', facts.site, 'version', version, 'gone', '1'}
  keep_command(meta, stream, seq, 'applied', '"type":"pool_gone",' .. body, row,
    '\n' .. new_facts_line('pool:' .. pool, left))
  redis.call('DEL', facts_key, movements)
  redis.call('HSET', facts_key, unpack(left))
  put_row(rows, stamps, pool, seq, row)
  return {'gone', seq}
end

redis.register_function('open_territory_v1', open_territory_v1)
redis.register_function('board_is_whole_v1', board_is_whole_v1)
redis.register_function('register_pool_v1', register_pool_v1)
redis.register_function('remove_pool_v1', remove_pool_v1)
