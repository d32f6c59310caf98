-- What the functions share: a pool's facts, its row, the territory's next number.
-- The files are joined in the order of their names, this one first, into the library `capacity`.

local DAY_MS = 86400000
local WEEK_MS = 7 * DAY_MS
local ANSWERS_KEPT_SECONDS = 172800

-- Lua prints only 14 digits of a large number and Redis cuts fractions: numbers cross as whole-number text.
local function whole(number)
  return string.format('%.0f', number)
end

-- A number that is none, that Lua reads and Redis does not, or that is beyond what a double can count, would break a
-- command in its middle or spoil what it is added to for good: it is refused before anything is looked at.
local function refuse_unless_whole(...)
  for i = 1, select('#', ...) do
    local text = select(i, ...)
    if not text or #text > 16 or not string.find(text, '^%-?%d+$') then
      error({err = 'ERR a number is not a whole number; nothing was taken'})
    end
  end
end

-- Some facts of a pool as a table of texts; none when there is no such pool.
local function read_some_facts(facts_key, names)
  local values = redis.call('HMGET', facts_key, unpack(names))
  local facts = {}
  for i = 1, #names do
    facts[names[i]] = values[i] or nil
  end
  return facts
end

-- All facts of a pool as a table of texts; empty when there is no such pool.
local function read_facts(facts_key)
  local flat = redis.call('HGETALL', facts_key)
  local facts = {}
  for i = 1, #flat, 2 do
    facts[flat[i]] = flat[i + 1]
  end
  return facts
end

local function is_living(facts)
  return facts.site ~= nil and facts.gone == nil
end

-- Law 2: the latest count and the movements since; never shown below zero, though the sum itself is not cut.
local function occupied_of(facts)
  local sum = tonumber(facts.count) + tonumber(facts.moved)
  return sum > 0 and sum or 0
end

-- What a row is computed from.
local ROW_FACTS = {'site', 'gone', 'status', 'capacity', 'extra', 'out_of_service', 'count', 'moved', 'held',
  'observed_ms', 'observed_at', 'fresh_for', 'contingents'}

-- Law 1: free and over are computed here and nowhere else; the occupied places come along.
local function places_of(facts)
  local occupied = occupied_of(facts)
  local left = tonumber(facts.capacity) + tonumber(facts.extra) - tonumber(facts.out_of_service)
    - occupied - tonumber(facts.held)
  return (facts.status == 'open' and left > 0) and left or 0, left < 0 and -left or 0, occupied
end

-- The row as the wire shows it (wire.md, one shape).
-- Ids are slugs and need no escaping; observed_at is an RFC 3339 text, or '' before the first report.
local function row_of(pool, facts, seq)
  local free, over, occupied = places_of(facts)
  local observed_at = facts.observed_at == '' and 'null' or '"' .. facts.observed_at .. '"'
  return '{"pool":"' .. pool .. '","site":"' .. facts.site .. '","seq":' .. seq
    .. ',"status":"' .. facts.status .. '","capacity":' .. facts.capacity .. ',"extra":' .. facts.extra
    .. ',"out_of_service":' .. facts.out_of_service .. ',"occupied":' .. whole(occupied)
    .. ',"held":' .. facts.held .. ',"free":' .. whole(free) .. ',"over":' .. whole(over)
    .. ',"observed_at":' .. observed_at .. ',"fresh_for":' .. facts.fresh_for
    .. ',"contingents":' .. facts.contingents .. '}'
end

-- What readers are told of a pool that has left the board.
local function tombstone_of(pool, seq)
  return '{"pool":"' .. pool .. '","seq":' .. seq .. ',"gone":true}'
end

-- What several commands of one call would each write alone waits here and is written once: the latest number, the
-- rows and their stamps. The functions below take it as their last argument; without one they write at once.
local function new_pending()
  return {row = {}, stamp = {}}
end

-- The next number of the territory, as text. It counts only once `keep_command` has written it.
-- A territory that is being rebuilt gives none, so nothing can be taken in it.
local function next_seq(meta, pending)
  local seq = pending and pending.seq or redis.call('HGET', meta, 'seq')
  if not seq then error({err = 'REBUILDING the live store is getting this territory back'}) end
  return whole(tonumber(seq) + 1)
end

-- What a command changed of the facts of one hash of the territory, so that they can be rebuilt without deciding anew.
--   key    the hash's name within the territory      changes  name, value, ... as it is written
local function facts_line(key, changes)
  return changes[1] and key .. '\t' .. table.concat(changes, '\t') or key
end

-- The same where the hash is written anew and keeps nothing of what it was.
local function new_facts_line(key, changes)
  return '!' .. facts_line(key, changes)
end

-- Append the numbered command with the rows it changed. The stream's ids are the numbers themselves, so a number
-- given twice is refused by the stream before anything else is written: call this first. Law 4.
--   body  the command's JSON object without its opening brace
--   rows  the rows it changed, a line each; '' when none
--   kept  what the ledger keeps for the rebuild and tells nobody: the digest of its answer, '' without one, then a line
--         of facts for each hash that it changed
local function keep_command(meta, stream, seq, outcome, body, rows, kept, pending)
  redis.call('XADD', stream, seq .. '-0',
    'command', '{"seq":' .. seq .. ',"outcome":"' .. outcome .. '",' .. body, 'rows', rows, 'kept', kept)
  if pending then
    pending.seq = seq
  else
    redis.call('HSET', meta, 'seq', seq)
  end
end

-- Put a pool's row on the board under its stamp. Law 8.
local function put_row(rows, stamps, pool, seq, row, pending)
  if pending then
    pending.row[pool], pending.stamp[pool] = row, seq
  else
    redis.call('HSET', rows, pool, row)
    redis.call('ZADD', stamps, seq, pool)
  end
end

-- A pool's row as it is now, also where it waits to be written; false when it has none.
local function present_row(rows, pool, pending)
  return pending and pending.row[pool] or redis.call('HGET', rows, pool)
end

-- The number at which a pool's row last changed, likewise.
local function present_stamp(stamps, pool, pending)
  return pending and pending.stamp[pool] or redis.call('ZSCORE', stamps, pool)
end

-- Lua's stack bounds what one call takes.
local WRITTEN_AT_ONCE = 1000

-- Write what waits, whatever became of each command: a number that the stream has must never be given again.
local function write_pending(meta, rows, stamps, pending)
  if not pending.seq then return end
  redis.call('HSET', meta, 'seq', pending.seq)
  local row_words, stamp_words = {}, {}
  local function write()
    if row_words[1] then
      redis.call('HSET', rows, unpack(row_words))
      redis.call('ZADD', stamps, unpack(stamp_words))
    end
    row_words, stamp_words = {}, {}
  end
  for pool, row in pairs(pending.row) do
    local n = #row_words
    row_words[n + 1], row_words[n + 2] = pool, row
    stamp_words[n + 1], stamp_words[n + 2] = pending.stamp[pool], pool
    if n + 2 >= WRITTEN_AT_ONCE then write() end
  end
  write()
end
