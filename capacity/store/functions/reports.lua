-- Decide on reports and write what follows from each in one step. Laws 1, 2 and 4.
--
-- report_v1: one report.
--   keys  1 meta  2 rows  3 stamps  4 stream  5 facts of the pool  6 movements of the pool  7 answer of this id
--   args  1 id  2 type  3 pool  4 observed_ms  5 observed_at (RFC 3339)  6 received_ms  7 digest of the body
--         8 the ledger's JSON of the command without its opening brace
--         9.. count: occupied, by | movement: delta, by | confirmation: seq seen
--             inventory: capacity, extra, out_of_service, reason ('' where left out) | status: status, reason, until
--   reply {outcome, seq, row, note}; seq '' when rejected; row '' when there is none
--         note: the problem's slug when rejected; 'other-body' when a duplicate's body differs from the first
--
-- `by` is the role of who reported, '' where that is not known.
--
-- reports_v1: several reports of one territory in their order. Each stands alone, also when one breaks.
--   keys  1 meta  2 rows  3 stamps  4 stream, then of each report: facts, movements, answer
--   args  1 received_ms, then of each report: id, type, pool, observed_ms, observed_at, digest, the ledger's JSON,
--         and the four of its type, '' where it has fewer
--   reply a reply of report_v1 for each; {'failed', '', '', what broke} where the store itself refused
--   at most some thousand reports a call: Lua's stack bounds what one command takes

-- Whether a fact observed at (at, id) is newer than the one kept; a tie goes to the greater id.
local function is_newer(at, id, kept_at, kept_id)
  local kept = tonumber(kept_at)
  return at > kept or (at == kept and id > kept_id)
end

-- Called while the library is loaded, when Lua's own functions are not there yet.
local function and_of_rows(others)
  local names = {}
  for i = 1, #ROW_FACTS do names[i] = ROW_FACTS[i] end
  for i = 1, #others do names[#names + 1] = others[i] end
  return names
end

-- The facts that each type of report looks at: fewer than there are, and a report is the one thing that must be fast.
local LOOKED_AT = {
  count = and_of_rows({'count_at', 'count_id'}),
  movement = and_of_rows({'count_at'}),
  confirmation = ROW_FACTS,
  inventory = and_of_rows({'capacity_at', 'capacity_id', 'extra_at', 'extra_id', 'out_of_service_at',
    'out_of_service_id'}),
  status = and_of_rows({'status_at', 'status_id'}),
}

-- Each decider looks and says which facts change, or nil when the report came too late to change any. Law 2.
local deciders = {}

function deciders.count(facts, movements, report)
  if not is_newer(report.at, report.id, facts.count_at, facts.count_id) then return nil end
  local moved, has_older = 0, false
  local kept = redis.call('ZRANGE', movements, 0, -1, 'WITHSCORES')
  for i = 1, #kept, 2 do
    if tonumber(kept[i + 1]) > report.at then
      moved = moved + tonumber(string.match(kept[i], '^[^:]+'))
    else
      has_older = true
    end
  end
  return {'count', report.fields[1], 'count_at', report.at_text, 'count_id', report.id, 'count_by',
    report.fields[2] or '', 'moved', whole(moved)},
    has_older and function() redis.call('ZREMRANGEBYSCORE', movements, '-inf', report.at_text) end
end

function deciders.movement(facts, movements, report)
  if report.at <= tonumber(facts.count_at) then return nil end
  local delta = report.fields[1]
  -- Movements older than a day stay in the sum, but no count that could cut between them can still arrive.
  return {'moved', whole(tonumber(facts.moved) + tonumber(delta))}, function()
    redis.call('ZADD', movements, report.at_text, delta .. ':' .. report.id .. ':' .. (report.fields[2] or ''))
    redis.call('ZREMRANGEBYSCORE', movements, '-inf', '(' .. whole(report.received - DAY_MS))
  end
end

function deciders.confirmation(facts, _, report)
  if facts.observed_ms ~= '' and report.at < tonumber(facts.observed_ms) then return nil end
  return {}
end

function deciders.inventory(facts, _, report)
  local changes = {}
  for i, name in ipairs({'capacity', 'extra', 'out_of_service'}) do
    local value = report.fields[i]
    if value ~= '' and is_newer(report.at, report.id, facts[name .. '_at'], facts[name .. '_id']) then
      for _, text in ipairs({name, value, name .. '_at', report.at_text, name .. '_id', report.id}) do
        changes[#changes + 1] = text
      end
      if name == 'out_of_service' then
        changes[#changes + 1] = 'reason'
        changes[#changes + 1] = report.fields[4]
      end
    end
  end
  return changes[1] and changes or nil
end

function deciders.status(facts, _, report)
  if not is_newer(report.at, report.id, facts.status_at, facts.status_id) then return nil end
  return {'status', report.fields[1], 'status_at', report.at_text, 'status_id', report.id,
    'status_reason', report.fields[2], 'status_until', report.fields[3]}
end

-- Refuse a report whose numbers are none: its moment, and those of its type.
local function refuse_unless_numbers(report)
  refuse_unless_whole(report.at_text)
  if report.kind == 'inventory' then
    for i = 1, 3 do
      if report.fields[i] ~= '' then refuse_unless_whole(report.fields[i]) end
    end
  elseif report.kind ~= 'status' then
    refuse_unless_whole(report.fields[1])
  end
end

-- The first answer to this id as it was kept, false when the id is new.
local function kept_answer(answer, pending)
  if pending then return pending.answers[answer] end
  return redis.call('GET', answer)
end

local function keep_first_answer(answer, text, pending)
  redis.call('SET', answer, text, 'EX', ANSWERS_KEPT_SECONDS)
  if pending then pending.answers[answer] = text end
end

-- One report, decided and written.
--   board    {meta, rows, stamps, stream} of the territory
--   report   {id, kind, pool, at, at_text, observed_at, received, digest, body, fields}
--   pending  of a batch: what waits to be written, and in `answers` those first given to its ids; nil for one report
local function decide(board, facts_key, movements, answer, report, pending)
  local meta, rows, stamps, stream = board[1], board[2], board[3], board[4]
  local kind, pool, at, at_text = report.kind, report.pool, report.at, report.at_text
  local first = kept_answer(answer, pending)
  if first then
    local seq, digest = string.match(first, '^(%d+) (.*)$')
    return {'duplicate', seq, present_row(rows, pool, pending) or '', digest == report.digest and '' or 'other-body'}
  end
  refuse_unless_numbers(report)
  if at < report.received - WEEK_MS then return {'rejected', '', '', 'too-old'} end
  local facts = read_some_facts(facts_key, LOOKED_AT[kind])
  if not is_living(facts) then
    local epoch, is_partial = unpack(redis.call('HMGET', meta, 'epoch', 'is_partial'))
    return {'rejected', '', '', epoch and not is_partial and 'unknown-pool' or 'partial-board'}
  end
  local row_seen = kind == 'confirmation' and present_stamp(stamps, pool, pending)
  if row_seen and tonumber(row_seen) ~= tonumber(report.fields[1]) then
    return {'rejected', '', present_row(rows, pool, pending), 'row-changed'}
  end
  local changes, also
  if at >= report.received - DAY_MS then
    changes, also = deciders[kind](facts, movements, report)
  end

  local seq = next_seq(meta, pending)
  local outcome = changes and 'applied' or 'late'
  local row
  if changes then
    if facts.observed_ms == '' or at > tonumber(facts.observed_ms) then
      local n = #changes
      changes[n + 1], changes[n + 2], changes[n + 3], changes[n + 4] =
        'observed_ms', at_text, 'observed_at', report.observed_at
    end
    for i = 1, #changes, 2 do
      facts[changes[i]] = changes[i + 1]
    end
    row = row_of(pool, facts, seq)
  end
  local kept = row and report.digest .. '\n' .. facts_line('pool:' .. pool, changes) or report.digest
  keep_command(meta, stream, seq, outcome, report.body, row or '', kept, pending)
  if row then
    if changes[1] then redis.call('HSET', facts_key, unpack(changes)) end
    if also then also() end
    put_row(rows, stamps, pool, seq, row, pending)
  end
  keep_first_answer(answer, seq .. ' ' .. report.digest, pending)
  return {outcome, seq, row or present_row(rows, pool, pending), ''}
end

local function report_v1(keys, args)
  refuse_unless_whole(args[6])
  return decide(keys, keys[5], keys[6], keys[7], {id = args[1], kind = args[2], pool = args[3],
    at = tonumber(args[4]), at_text = args[4], observed_at = args[5], received = tonumber(args[6]),
    digest = args[7], body = args[8], fields = {args[9], args[10], args[11], args[12]}})
end

local BOARD_KEYS, KEYS_EACH, ARGS_EACH = 4, 3, 11

-- What was first answered to the ids of a batch, by the key of each answer; false where the id is new.
local function first_answers(keys)
  local names = {}
  for k = BOARD_KEYS + KEYS_EACH, #keys, KEYS_EACH do names[#names + 1] = keys[k] end
  local answers = {}
  for i, kept in ipairs(redis.call('MGET', unpack(names))) do answers[names[i]] = kept end
  return answers
end

local function reports_v1(keys, args)
  refuse_unless_whole(args[1])
  local received = tonumber(args[1])
  local replies, pending = {}, new_pending()
  pending.answers = first_answers(keys)
  for i = 0, (#keys - BOARD_KEYS) / KEYS_EACH - 1 do
    local k, a = BOARD_KEYS + i * KEYS_EACH, 1 + i * ARGS_EACH
    local is_done, reply = pcall(decide, keys, keys[k + 1], keys[k + 2], keys[k + 3], {
      id = args[a + 1], kind = args[a + 2], pool = args[a + 3], at = tonumber(args[a + 4]), at_text = args[a + 4],
      observed_at = args[a + 5], received = received, digest = args[a + 6], body = args[a + 7],
      fields = {args[a + 8], args[a + 9], args[a + 10], args[a + 11]}}, pending)
    if not is_done then
      reply = {'failed', '', '', type(reply) == 'table' and reply.err or tostring(reply)}
    end
    replies[i + 1] = reply
  end
  write_pending(keys[1], keys[2], keys[3], pending)
  return replies
end

redis.register_function('report_v1', report_v1)
redis.register_function('reports_v1', reports_v1)
