-- What holds and contingents rest on: a hold's lines and its JSON, what a channel may still promise, how a hold ends.
-- `held` of a pool is written here and nowhere else, in the step that begins or ends a hold. Law 5.
-- Every function of these takes the territory's meta key; all other keys stand beside it under the same hash tag.

local CHANNELS = {'115', 'maraude', 'site'}
local ENDED_KEPT_SECONDS = 172800

-- A key of the same territory.
local function beside(meta, name)
  return string.sub(meta, 1, -5) .. name
end

-- Lines are kept as `pool=places pool=places`: ids are slugs.
local function read_lines(text)
  local lines = {}
  for pool, places in string.gmatch(text, '([^ =]+)=(%d+)') do
    lines[#lines + 1] = {pool = pool, places = tonumber(places)}
  end
  return lines
end

local function write_lines(lines)
  local texts = {}
  for i, line in ipairs(lines) do texts[i] = line.pool .. '=' .. whole(line.places) end
  return table.concat(texts, ' ')
end

-- The lines as JSON; those of an arrival also say how many came.
local function lines_json(lines, arrived)
  local texts = {}
  for i, line in ipairs(lines) do
    texts[i] = '{"pool":"' .. line.pool .. '","places":' .. whole(line.places)
      .. (arrived and ',"arrived":' .. whole(arrived[line.pool] or 0) or '') .. '}'
  end
  return '[' .. table.concat(texts, ',') .. ']'
end

local function text_or_null(text)
  return (text == nil or text == '') and 'null' or '"' .. text .. '"'
end

-- A moment in milliseconds since 1970 as the wire shows it. The calendar's years begin in March here, so that the
-- leap day stands last.
local function rfc3339(ms)
  local days = math.floor(ms / DAY_MS)
  local rest, shifted = ms - days * DAY_MS, days + 719468
  local era = math.floor(shifted / 146097)
  local of_era = shifted - era * 146097
  local year_of_era = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524)
    - math.floor(of_era / 146096)) / 365)
  local of_year = of_era - (365 * year_of_era + math.floor(year_of_era / 4) - math.floor(year_of_era / 100))
  local from_march = math.floor((5 * of_year + 2) / 153)
  local day = of_year - math.floor((153 * from_march + 2) / 5) + 1
  local month = from_march < 10 and from_march + 3 or from_march - 9
  local year = year_of_era + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', year, month, day, math.floor(rest / 3600000),
    math.floor(rest / 60000) % 60, math.floor(rest / 1000) % 60, rest % 1000)
end

-- A hold as the wire shows it (wire.md, Holds).
local function hold_json(hold)
  return '{"id":"' .. hold.id .. '","code":"' .. hold.code .. '","channel":"' .. hold.channel
    .. '","lines":' .. lines_json(read_lines(hold.lines)) .. ',"state":"' .. hold.state
    .. '","expires_at":"' .. hold.expires_at .. '","seq":' .. hold.seq
    .. ',"created_at":"' .. hold.created_at .. '","party":' .. (hold.party == '' and 'null' or hold.party)
    .. ',"ended_at":' .. text_or_null(hold.ended_at) .. ',"reason":' .. text_or_null(hold.reason)
    .. ',"arrived":' .. (hold.arrived and lines_json(read_lines(hold.arrived)) or 'null')
    .. ',"statements":[' .. (hold.statements or '') .. '],"disputed":' .. (hold.disputed or 'false')
    .. ',"acceptance":' .. text_or_null(hold.acceptance) .. '}'
end

-- A hold as a table of texts; nil when there is none of this id.
local function read_hold(meta, id)
  local hold = read_facts(beside(meta, 'hold:' .. id))
  return hold.id and hold or nil
end

-- The present rows of the lines' pools, a line each.
local function rows_of(meta, lines)
  local rows = {}
  for _, line in ipairs(lines) do
    rows[#rows + 1] = redis.call('HGET', beside(meta, 'rows'), line.pool) or nil
  end
  return table.concat(rows, '\n')
end

local function held_by(facts, channel)
  return tonumber(facts['held_' .. channel] or '0')
end

-- Contingents are kept as `channel=places=until_ms=until ...`.
local function read_contingents(text)
  local contingents = {}
  for channel, places, until_ms, until_text in string.gmatch(text or '', '([^ =]+)=(%d+)=(%d+)=([^ ]+)') do
    contingents[#contingents + 1] =
      {channel = channel, places = tonumber(places), until_ms = tonumber(until_ms), until_text = until_text}
  end
  return contingents
end

-- The contingents as the row shows them; `held` says how much of one its channel has promised already.
local function contingents_json(facts)
  if (facts.kept or '') == '' then return '[]' end
  local texts = {}
  for i, kept in ipairs(read_contingents(facts.kept)) do
    local held = math.min(kept.places, held_by(facts, kept.channel))
    texts[i] = '{"channel":"' .. kept.channel .. '","places":' .. whole(kept.places)
      .. ',"until":"' .. kept.until_text .. '"' .. (held > 0 and ',"held":' .. whole(held) or '') .. '}'
  end
  return '[' .. table.concat(texts, ',') .. ']'
end

-- How many places of a pool a channel may still promise: the free ones, less what is kept for the others (their
-- contingent less what they already hold of it, until its hour).
local function promisable(facts, channel, at)
  local left = places_of(facts)
  if (facts.kept or '') == '' then return left end
  for _, kept in ipairs(read_contingents(facts.kept)) do
    if kept.channel ~= channel and kept.until_ms > at then
      left = left - math.max(0, kept.places - held_by(facts, kept.channel))
    end
  end
  return left
end

-- What a hold needs of a pool beside what its row does.
local HOLD_FACTS = {'site', 'gone', 'status', 'capacity', 'extra', 'out_of_service', 'count', 'moved', 'held',
  'observed_ms', 'observed_at', 'fresh_for', 'contingents', 'count_at', 'kept', 'held_115', 'held_maraude',
  'held_site'}

-- What waits of several holds that end in one call, beside what `new_pending` has: the facts of their pools as read or
-- changed, the fields to write of them, the holds that leave each pool, and the holds and codes of those that ended.
local function new_endings()
  local pending = new_pending()
  pending.facts, pending.fields, pending.left, pending.holds, pending.codes = {}, {}, {}, {}, {}
  return pending
end

-- What a hold needs of a pool, also where a change of it waits to be written.
local function facts_of(meta, pool, pending)
  local facts = pending and pending.facts[pool] or read_some_facts(beside(meta, 'pool:' .. pool), HOLD_FACTS)
  if pending then pending.facts[pool] = facts end
  return facts
end

local function write_facts(meta, pool, changes, pending)
  if not pending then
    redis.call('HSET', beside(meta, 'pool:' .. pool), unpack(changes))
    return
  end
  local fields = pending.fields[pool] or {}
  for i = 1, #changes, 2 do fields[changes[i]] = changes[i + 1] end
  pending.fields[pool] = fields
end

-- Write what waits of holds that ended, whatever became of each.
local function write_endings(meta, pending)
  write_pending(meta, beside(meta, 'rows'), beside(meta, 'stamps'), pending)
  for pool, fields in pairs(pending.fields) do
    local words = {}
    for name, value in pairs(fields) do words[#words + 1], words[#words + 2] = name, value end
    redis.call('HSET', beside(meta, 'pool:' .. pool), unpack(words))
    redis.call('SREM', beside(meta, 'promises:' .. pool), unpack(pending.left[pool]))
  end
  if pending.holds[1] then
    redis.call('ZREM', beside(meta, 'holds'), unpack(pending.holds))
    redis.call('HDEL', beside(meta, 'codes'), unpack(pending.codes))
  end
end

-- Let some places of a pool be held, or held no longer, and let some be occupied by who arrived.
-- Answers the pool's new row and its line of facts; what is to be written waits in `writes`, as the number is not given
-- yet. Where somebody arrives, `change.movements` has it as the pool, the moment and the member.
local function move_held(meta, writes, seq, line, facts, change, pending)
  local pool = line.pool
  local held_field = 'held_' .. change.channel
  facts.held = whole(tonumber(facts.held) + change.sign * line.places)
  facts[held_field] = whole(held_by(facts, change.channel) + change.sign * line.places)
  local pairs_written = {'held', facts.held, held_field, facts[held_field]}
  if (facts.kept or '') ~= '' then
    facts.contingents = contingents_json(facts)
    pairs_written[5], pairs_written[6] = 'contingents', facts.contingents
  end
  local came = change.arrived and change.arrived[pool] or 0
  local moment
  if came > 0 then
    facts.moved = whole(tonumber(facts.moved) + came)
    pairs_written[#pairs_written + 1] = 'moved'
    pairs_written[#pairs_written + 1] = facts.moved
    -- Who arrives now is in no count taken until now, whatever the clock of the server that took it.
    moment = whole(math.max(change.at, tonumber(facts.count_at) + 1))
    change.movements[#change.movements + 1] = pool .. ' ' .. moment .. ' ' .. whole(came) .. ':' .. change.id .. ':arrival'
  end
  local row = row_of(pool, facts, seq)
  writes[#writes + 1] = function()
    write_facts(meta, pool, pairs_written, pending)
    if moment then
      local movements = beside(meta, 'movements:' .. pool)
      redis.call('ZADD', movements, moment, whole(came) .. ':' .. change.id .. ':arrival')
      redis.call('ZREMRANGEBYSCORE', movements, '-inf', '(' .. whole(change.at - DAY_MS))
    end
    if pending then
      local left = pending.left[pool] or {}
      left[#left + 1], pending.left[pool] = change.hold, left
    else
      redis.call(change.sign > 0 and 'SADD' or 'SREM', beside(meta, 'promises:' .. pool), change.hold)
    end
    put_row(beside(meta, 'rows'), beside(meta, 'stamps'), pool, seq, row, pending)
  end
  return row, facts_line('pool:' .. pool, pairs_written)
end

-- Write what waits.
local function carry_out(writes)
  for _, write in ipairs(writes) do write() end
end

-- End an active hold in one step: its places are no longer held, and those of who arrived are occupied.
--   ending  id (of the command), digest (of its answer), type, state, reason, at (ms, of an arrival), at_text (when it ended), told_text (when
--           we were told), arrived (pool to places, of an arrival), leaving (a pool that leaves the board: it gets no
--           row)
--   pending  of several holds that end in one call, see `new_endings`
local function end_hold(meta, hold, ending, pending)
  local seq, writes, rows, kept = next_seq(meta, pending), {}, {}, {ending.digest or ''}
  local lines = read_lines(hold.lines)
  local change = {channel = hold.channel, sign = -1, arrived = ending.arrived, at = ending.at, id = ending.id,
    hold = hold.id, movements = {}}
  for _, line in ipairs(lines) do
    local facts = facts_of(meta, line.pool, pending)
    if is_living(facts) and line.pool ~= ending.leaving then
      rows[#rows + 1], kept[#kept + 1] = move_held(meta, writes, seq, line, facts, change, pending)
    end
  end
  hold.state, hold.seq, hold.ended_at, hold.reason = ending.state, seq, ending.at_text, ending.reason or ''
  local changes = {'state', hold.state, 'seq', seq, 'ended_at', hold.ended_at, 'reason', hold.reason}
  if ending.arrived then
    local arrived = {}
    for _, line in ipairs(lines) do
      arrived[#arrived + 1] = {pool = line.pool, places = ending.arrived[line.pool] or 0}
    end
    hold.arrived, hold.movements = write_lines(arrived), table.concat(change.movements, ' ')
    for _, text in ipairs({'arrived', hold.arrived, 'movements', hold.movements}) do changes[#changes + 1] = text end
  end
  kept[#kept + 1] = facts_line('hold:' .. hold.id, changes)
  keep_command(meta, beside(meta, 'stream'), seq, 'applied', '"id":"' .. ending.id .. '","type":"' .. ending.type
    .. '","hold":"' .. hold.id .. '","channel":"' .. hold.channel .. '","lines":' .. lines_json(lines, ending.arrived)
    .. (ending.reason and ',"reason":"' .. ending.reason .. '"' or '')
    .. ',"observed_at":"' .. ending.at_text .. '","received_at":"' .. ending.told_text .. '"}',
    table.concat(rows, '\n'), table.concat(kept, '\n'), pending)
  carry_out(writes)
  local key = beside(meta, 'hold:' .. hold.id)
  redis.call('HSET', key, unpack(changes))
  redis.call('EXPIRE', key, ENDED_KEPT_SECONDS)
  if pending then
    pending.holds[#pending.holds + 1], pending.codes[#pending.codes + 1] = hold.id, hold.code
  else
    redis.call('ZREM', beside(meta, 'holds'), hold.id)
    redis.call('HDEL', beside(meta, 'codes'), hold.code)
  end
end

-- The id of a command that nobody sent, a UUID made of what it does.
local function derived_id(text)
  local hex = redis.sha1hex(text)
  return string.sub(hex, 1, 8) .. '-' .. string.sub(hex, 9, 12) .. '-8' .. string.sub(hex, 14, 16) .. '-8'
    .. string.sub(hex, 18, 20) .. '-' .. string.sub(hex, 21, 32)
end

-- End an active hold that has reached its time, at its true time. Whoever comes first does it, so it happens once.
local function expire(meta, hold, at_text, leaving, pending)
  end_hold(meta, hold, {id = derived_id('expired ' .. hold.id), type = 'hold_expired', state = 'expired',
    at = 0, at_text = hold.expires_at, told_text = at_text, leaving = leaving}, pending)
end

-- What of a hold its end by itself needs.
local EXPIRY_FACTS = {'id', 'lines', 'channel', 'code', 'expires_at'}

-- End what has reached its time, soonest first; answers how many.
local function expire_due(meta, at, at_text, limit)
  local due = redis.call('ZRANGE', beside(meta, 'holds'), '-inf', at, 'BYSCORE', 'LIMIT', 0, limit)
  if due[1] then
    local pending = new_endings()
    local is_done, broke = pcall(function()
      for _, id in ipairs(due) do
        expire(meta, read_some_facts(beside(meta, 'hold:' .. id), EXPIRY_FACTS), at_text, nil, pending)
      end
    end)
    write_endings(meta, pending)
    if not is_done then error(broke, 0) end
  end
  return #due
end

-- A pool leaves the board: whoever holds a place of it is told, and what the same holds keep elsewhere is free again.
local function release_all(meta, pool, at_text)
  local promises = beside(meta, 'promises:' .. pool)
  local ids = redis.call('SMEMBERS', promises)
  table.sort(ids)
  for _, id in ipairs(ids) do
    local hold = read_hold(meta, id)
    if hold.expires_at <= at_text then -- moments of this form sort as texts
      expire(meta, hold, at_text, pool)
    else
      end_hold(meta, hold, {id = derived_id('pool gone ' .. id), type = 'hold_released', state = 'released',
        reason = 'pool_gone', at = 0, at_text = at_text, told_text = at_text, leaving = pool})
    end
  end
  redis.call('DEL', promises)
  redis.call('ZREM', beside(meta, 'contingents'), pool)
end
