-- Holds: a place promised once. Laws 4 and 5. One function a verb; all keys of the territory derive from its meta key.
--
-- Replies of the verbs: {outcome, note, hold, rows}
--   outcome  'done'; 'duplicate' (the same id again: the hold as it is now); 'refused', and then nothing was written
--   note     the problem's slug when refused; 'other-body' when a duplicate's body differs from the first;
--            'again' or 'no' with 'hold-ended': whether its lines could be held anew right now, behind a space
--   hold     the hold's JSON, '' when there is none      rows  the present rows of its pools, a line each

local DUE_AT_ONCE = 100

local STATUS_NOTES = {closed = 'pool-closed', draining = 'pool-draining', suspended = 'pool-suspended'}

-- Why the lines cannot be held now, nil when they can; their pools' facts come along. All lines or none.
local function refusal_of(meta, lines, channel, at)
  local found, refusal = {}, nil
  for i, line in ipairs(lines) do
    local facts = read_some_facts(beside(meta, 'pool:' .. line.pool), HOLD_FACTS)
    found[i] = facts
    if not is_living(facts) then
      local epoch, is_partial = unpack(redis.call('HMGET', meta, 'epoch', 'is_partial'))
      if not epoch or is_partial then return 'partial-board', found end
      return facts.gone and 'pool-gone' or 'unknown-pool', found
    elseif facts.status ~= 'open' then
      refusal = refusal or STATUS_NOTES[facts.status]
    elseif promisable(facts, channel, at) < line.places then
      refusal = refusal or 'no-free-place'
    end
  end
  return refusal, found
end

-- What was first answered to this id: the digest of what it said, nil when the id is new.
local function digest_of(meta, id)
  local kept = redis.call('GET', beside(meta, 'answer:' .. id))
  return kept and string.match(kept, '^%d+ (.*)$')
end

local function keep_answer(meta, id, seq, digest)
  redis.call('SET', beside(meta, 'answer:' .. id), seq .. ' ' .. digest, 'EX', ANSWERS_KEPT_SECONDS)
end

-- hold_create_v2: hold all lines, or none.
--   keys  1 meta
--   args  1 id  2 channel  3 expires_ms  4 expires_at  5 at_ms  6 at  7 lines  8 the party's JSON or ''
--         9 digest of what is asked  10 the ledger's JSON without its opening brace  11 owner, '' for none
--         12 'pending' where the site must accept it first, else ''  13.. codes to choose from
--   reply as above; 'codes-taken' when every code offered is in use
local function hold_create_v2(keys, args)
  local meta, id, channel, at, lines_text, digest = keys[1], args[1], args[2], args[5], args[7], args[9]
  refuse_unless_whole(args[3], at)
  local hold_key = beside(meta, 'hold:' .. id)
  local first = digest_of(meta, id)
  if first or redis.call('EXISTS', hold_key) == 1 then
    local hold = read_hold(meta, id)
    if not hold then return {'refused', 'id-taken', '', ''} end
    return {'duplicate', first and first ~= digest and 'other-body' or '', hold_json(hold),
      rows_of(meta, read_lines(hold.lines))}
  end
  expire_due(meta, at, args[6], DUE_AT_ONCE)
  local lines = read_lines(lines_text)
  local refusal, found = refusal_of(meta, lines, channel, tonumber(at))
  if refusal then return {'refused', refusal, '', rows_of(meta, lines)} end
  local codes, code = beside(meta, 'codes'), nil
  for i = 13, #args do
    if redis.call('HEXISTS', codes, args[i]) == 0 then
      code = args[i]
      break
    end
  end
  if not code then return {'refused', 'codes-taken', '', ''} end

  local seq, writes, rows, kept = next_seq(meta), {}, {}, {digest}
  for i, line in ipairs(lines) do
    rows[i], kept[i + 1] = move_held(meta, writes, seq, line, found[i], {channel = channel, sign = 1, hold = id})
  end
  local moved = table.concat(rows, '\n')
  local facts = {'id', id, 'code', code, 'channel', channel, 'lines', lines_text, 'state', 'active',
    'expires_ms', args[3], 'expires_at', args[4], 'seq', seq, 'created_at', args[6], 'party', args[8],
    'owner', args[11], 'acceptance', args[12]}
  kept[#kept + 1] = new_facts_line('hold:' .. id, facts)
  keep_command(meta, beside(meta, 'stream'), seq, 'applied', args[10], moved, table.concat(kept, '\n'))
  carry_out(writes)
  local hold = {id = id, code = code, channel = channel, lines = lines_text, state = 'active', expires_at = args[4],
    seq = seq, created_at = args[6], party = args[8], acceptance = args[12]}
  redis.call('HSET', hold_key, unpack(facts))
  redis.call('HSET', codes, code, id)
  redis.call('ZADD', beside(meta, 'holds'), args[3], id)
  keep_answer(meta, id, seq, digest)
  return {'done', '', hold_json(hold), moved}
end

-- An active hold that a verb may act on, or else the reply that refuses.
local function active_hold(meta, args)
  local id, hold_id, at, at_text, digest = args[1], args[2], args[3], args[4], args[5]
  refuse_unless_whole(at)
  expire_due(meta, at, at_text, DUE_AT_ONCE)
  local hold = read_hold(meta, hold_id)
  if not hold then return nil, {'refused', 'unknown-hold', '', ''} end
  if hold.state == 'active' and tonumber(hold.expires_ms) <= tonumber(at) then
    expire(meta, hold, at_text) -- more are due at once than were ended above
  end
  local lines = read_lines(hold.lines)
  local first = digest_of(meta, id)
  if first then
    local is_ours = string.find(first, hold_id, 1, true)
    if not is_ours then return nil, {'refused', 'id-taken', '', ''} end
    return nil, {'duplicate', first == digest and '' or 'other-body', hold_json(hold), rows_of(meta, lines)}
  end
  if hold.state ~= 'active' then
    local again = not refusal_of(meta, lines, hold.channel, tonumber(at)) and 'again' or 'no'
    return nil, {'refused', 'hold-ended ' .. again, hold_json(hold), rows_of(meta, lines)}
  end
  return hold
end

-- What the ledger keeps of a command that changed a hold and no pool.
local function kept_of_hold(args, hold, changes)
  return args[5] .. '\n' .. facts_line('hold:' .. hold.id, changes)
end

local function done(meta, hold)
  return {'done', '', hold_json(hold), rows_of(meta, read_lines(hold.lines))}
end

-- hold_arrive_v1: those who were awaited are here; of fewer, the rest is released.
--   keys  1 meta
--   args  1 id  2 hold  3 at_ms  4 at  5 digest, with the hold's id in it  6 lines of who came, '' for all
local function hold_arrive_v1(keys, args)
  local meta = keys[1]
  local hold, reply = active_hold(meta, args)
  if not hold then return reply end
  local held, arrived = {}, {}
  for _, line in ipairs(read_lines(hold.lines)) do held[line.pool] = line.places end
  for _, line in ipairs(read_lines(args[6] == '' and hold.lines or args[6])) do
    if line.places > (held[line.pool] or 0) then
      return {'refused', 'more-than-held', hold_json(hold), rows_of(meta, read_lines(hold.lines))}
    end
    arrived[line.pool] = line.places
  end
  end_hold(meta, hold, {id = args[1], type = 'hold_arrived', state = 'arrived', at = tonumber(args[3]),
    at_text = args[4], told_text = args[4], arrived = arrived, digest = args[5]})
  keep_answer(meta, args[1], hold.seq, args[5])
  return done(meta, hold)
end

-- hold_release_v1: the places are given back before the end.
--   keys  1 meta
--   args  1 id  2 hold  3 at_ms  4 at  5 digest, with the hold's id in it  6 reason
local function hold_release_v1(keys, args)
  local meta = keys[1]
  local hold, reply = active_hold(meta, args)
  if not hold then return reply end
  end_hold(meta, hold, {id = args[1], type = 'hold_released', state = 'released', reason = args[6],
    at = tonumber(args[3]), at_text = args[4], told_text = args[4], digest = args[5]})
  keep_answer(meta, args[1], hold.seq, args[5])
  return done(meta, hold)
end

-- hold_extend_v1: the hold ends so much later. No row moves.
--   keys  1 meta
--   args  1 id  2 hold  3 at_ms  4 at  5 digest, with the hold's id in it  6 how much, in ms  7 the latest end, in ms
local function hold_extend_v1(keys, args)
  local meta = keys[1]
  refuse_unless_whole(args[6], args[7])
  local hold, reply = active_hold(meta, args)
  if not hold then return reply end
  local expires_ms = tonumber(hold.expires_ms) + tonumber(args[6])
  if expires_ms > tonumber(args[7]) then
    return {'refused', 'hold-too-long', hold_json(hold), rows_of(meta, read_lines(hold.lines))}
  end
  local seq = next_seq(meta)
  hold.seq, hold.expires_ms, hold.expires_at = seq, whole(expires_ms), rfc3339(expires_ms)
  local changes = {'seq', seq, 'expires_ms', hold.expires_ms, 'expires_at', hold.expires_at}
  keep_command(meta, beside(meta, 'stream'), seq, 'applied', '"id":"' .. args[1] .. '","type":"hold_extended","hold":"'
    .. hold.id .. '","channel":"' .. hold.channel .. '","lines":' .. lines_json(read_lines(hold.lines))
    .. ',"expires_at":"' .. hold.expires_at .. '","observed_at":"' .. args[4] .. '","received_at":"' .. args[4] .. '"}',
    '', kept_of_hold(args, hold, changes))
  redis.call('HSET', beside(meta, 'hold:' .. hold.id), unpack(changes))
  redis.call('ZADD', beside(meta, 'holds'), hold.expires_ms, hold.id)
  keep_answer(meta, args[1], seq, args[5])
  return done(meta, hold)
end

-- hold_expire_v1: end what has reached its time, holds and contingents.
--   keys  1 meta
--   args  1 at_ms  2 at  3 at most so many
--   reply {how many ended, the soonest end that is left in ms or ''}
local function hold_expire_v1(keys, args)
  local meta, at = keys[1], args[1]
  refuse_unless_whole(at, args[3])
  local ended = expire_due(meta, at, args[2], args[3])
  local hours = redis.call('ZRANGE', beside(meta, 'contingents'), '-inf', at, 'BYSCORE', 'LIMIT', 0,
    whole(tonumber(args[3]) - ended))
  for _, pool in ipairs(hours) do
    end_contingents(meta, pool, args[2])
    ended = ended + 1
  end
  local soonest = ''
  for _, name in ipairs({'holds', 'contingents'}) do
    local first = redis.call('ZRANGE', beside(meta, name), 0, 0, 'WITHSCORES')[2]
    if first and (soonest == '' or tonumber(first) < tonumber(soonest)) then soonest = whole(tonumber(first)) end
  end
  return {ended, soonest}
end

-- Whether what a side says differs from how the hold ended, as far as that tells anything.
local function differs(hold, says)
  if hold.state == 'arrived' then return says ~= 'arrived' end
  if hold.reason == 'no_show' or hold.reason == 'refused' or hold.reason == 'full_on_arrival' then
    return says ~= hold.reason
  end
  return says == 'arrived'
end

-- hold_tell_v1: what a side says became of a hold that has ended otherwise, or by itself. Changes no number.
--   keys  1 meta
--   args  1 id  2 hold  3 at_ms  4 at  5 digest, with the hold's id in it  6 side  7 says
local function hold_tell_v1(keys, args)
  local meta, side, says = keys[1], args[6], args[7]
  local hold, reply = active_hold(meta, args)
  if hold then return {'refused', 'hold-active', hold_json(hold), ''} end
  if string.sub(reply[2], 1, 10) ~= 'hold-ended' then return reply end
  hold = read_hold(meta, args[2])
  local said = '{"side":"' .. side .. '","says":"' .. says .. '","at":"' .. args[4] .. '"}'
  -- The newest word of each side stands.
  local statements = {said}
  for kept in string.gmatch(hold.statements or '', '{[^}]*}') do
    if not string.find(kept, '"side":"' .. side .. '"', 1, true) then statements[#statements + 1] = kept end
  end
  hold.statements = table.concat(statements, ',')
  hold.disputed = (differs(hold, says) or hold.disputed == 'true') and 'true' or 'false'
  local seq = next_seq(meta)
  hold.seq = seq
  local changes = {'seq', seq, 'statements', hold.statements, 'disputed', hold.disputed}
  keep_command(meta, beside(meta, 'stream'), seq, 'applied', '"id":"' .. args[1] .. '","type":"hold_told","hold":"'
    .. hold.id .. '","channel":"' .. hold.channel .. '","lines":' .. lines_json(read_lines(hold.lines)) .. ',"side":"'
    .. side .. '","says":"' .. says .. '","observed_at":"' .. args[4] .. '","received_at":"' .. args[4] .. '"}', '',
    kept_of_hold(args, hold, changes))
  redis.call('HSET', beside(meta, 'hold:' .. hold.id), unpack(changes))
  keep_answer(meta, args[1], seq, args[5])
  return done(meta, hold)
end

-- hold_accept_v1: whoever runs the site, or the 115, takes in whom a team has announced. No row moves.
--   keys  1 meta
--   args  1 id  2 hold  3 at_ms  4 at  5 digest, with the hold's id in it
local function hold_accept_v1(keys, args)
  local meta = keys[1]
  local hold, reply = active_hold(meta, args)
  if not hold then return reply end
  if hold.acceptance ~= 'pending' then
    return {'duplicate', '', hold_json(hold), rows_of(meta, read_lines(hold.lines))}
  end
  local seq = next_seq(meta)
  hold.seq, hold.acceptance = seq, 'accepted'
  local changes = {'seq', seq, 'acceptance', hold.acceptance}
  keep_command(meta, beside(meta, 'stream'), seq, 'applied', '"id":"' .. args[1] .. '","type":"hold_accepted","hold":"'
    .. hold.id .. '","channel":"' .. hold.channel .. '","observed_at":"' .. args[4] .. '","received_at":"' .. args[4]
    .. '"}', '', kept_of_hold(args, hold, changes))
  redis.call('HSET', beside(meta, 'hold:' .. hold.id), unpack(changes))
  keep_answer(meta, args[1], seq, args[5])
  return done(meta, hold)
end

-- hold_address_v1: give the address to the team, once; the same id again is the same giving. Law 10.
--   keys  1 meta
--   args  1 id  2 hold  3 at_ms  4 at
--   reply as above, 'done' the first time and 'duplicate' after it
local function hold_address_v1(keys, args)
  local meta, id, hold_id, at, at_text = keys[1], args[1], args[2], args[3], args[4]
  refuse_unless_whole(at)
  expire_due(meta, at, at_text, DUE_AT_ONCE)
  local hold = read_hold(meta, hold_id)
  if not hold then return {'refused', 'unknown-hold', '', ''} end
  if hold.state ~= 'active' or tonumber(hold.expires_ms) <= tonumber(at) then
    return {'refused', 'hold-ended no', hold_json(hold), ''}
  end
  if hold.acceptance == 'pending' then return {'refused', 'not-accepted', hold_json(hold), ''} end
  if hold.address_id then
    local note = hold.address_id ~= id and 'address-given' or ''
    return {note == '' and 'duplicate' or 'refused', note, hold_json(hold), ''}
  end
  redis.call('HSET', beside(meta, 'hold:' .. hold_id), 'address_id', id)
  return {'done', '', hold_json(hold), ''}
end

-- hold_v1: one hold, also one that has ended, and whose it is. Reads only.
--   keys  1 meta      args  1 hold      reply {hold, rows, owner}; empty when there is none, {'unopened'} without a
--                                             territory
local function hold_v1(keys, args)
  local meta = keys[1]
  if redis.call('HEXISTS', meta, 'epoch') == 0 then return {'unopened'} end
  local hold = read_hold(meta, args[1])
  if not hold then return {} end
  return {hold_json(hold), rows_of(meta, read_lines(hold.lines)), hold.owner or ''}
end

-- holds_v1: the active holds, soonest end first; of some pools only where any are named. Reads only.
--   keys  1 meta      args  pools      reply each hold's JSON and its owner; {'unopened'} without a territory
local function holds_v1(keys, args)
  local meta = keys[1]
  if redis.call('HEXISTS', meta, 'epoch') == 0 then return {'unopened'} end
  local wanted
  if args[1] then
    wanted = {}
    for _, pool in ipairs(args) do
      for _, id in ipairs(redis.call('SMEMBERS', beside(meta, 'promises:' .. pool))) do wanted[id] = true end
    end
  end
  local found = {}
  for _, id in ipairs(redis.call('ZRANGE', beside(meta, 'holds'), 0, -1)) do
    if not wanted or wanted[id] then
      local hold = read_hold(meta, id)
      found[#found + 1] = hold_json(hold)
      found[#found + 1] = hold.owner or ''
    end
  end
  return found
end

redis.register_function('hold_create_v2', hold_create_v2)
redis.register_function('hold_accept_v1', hold_accept_v1)
redis.register_function('hold_address_v1', hold_address_v1)
redis.register_function('hold_arrive_v1', hold_arrive_v1)
redis.register_function('hold_release_v1', hold_release_v1)
redis.register_function('hold_extend_v1', hold_extend_v1)
redis.register_function('hold_expire_v1', hold_expire_v1)
redis.register_function('hold_tell_v1', hold_tell_v1)
redis.register_function{function_name = 'hold_v1', callback = hold_v1, flags = {'no-writes'}}
redis.register_function{function_name = 'holds_v1', callback = holds_v1, flags = {'no-writes'}}
