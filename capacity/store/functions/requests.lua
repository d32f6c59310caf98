-- Requests of households, and what became of them: numbered commands that change no row. Law 4.
-- What a night is told by stands in a list of its own until two days after it, so that it can be told whole while the
-- ledger is away. A household is known by a key made of its contact code and of a salt that dies with the night: the
-- code is kept nowhere, and without the salt nobody can make the key again. Law 9.
--
-- Beside the meta key, by the name of the night (2026-11-22) or the request's id:
--   requests:<night>    list of the night's commands, oldest first
--   households:<night>  set of the keys given tonight      salt:<night>  the salt      both gone hours after the night
--   request:<id>        hash: opened, closed (commands), digest, night, closed_by (the id of what closed it)
--   searched:<digest>   a search that found nothing and was counted a moment ago

local REQUEST_KEPT_SECONDS = 172800
local SEARCH_COUNTED_SECONDS = 600

local function is_unopened(meta)
  return redis.call('HEXISTS', meta, 'epoch') == 0
end

-- Number a command and add it to those of its night; answers its whole JSON and its number.
--   digest  of its answer, '' where it has none      body  the command's JSON without its opening brace
local function keep_of_night(meta, night, digest, body)
  local seq = next_seq(meta)
  keep_command(meta, beside(meta, 'stream'), seq, 'applied', body, '', digest)
  local command = '{"seq":' .. seq .. ',"outcome":"applied",' .. body
  redis.call('RPUSH', beside(meta, 'requests:' .. night), command)
  return command, seq
end

-- night_salt_v1: the salt of a night, made of what is offered when there is none yet.
--   keys  1 meta      args  1 night  2 a fresh salt, '' to look only  3 seconds to keep it
--   reply the salt; '' when there is none
local function night_salt_v1(keys, args)
  local salt_key = beside(keys[1], 'salt:' .. args[1])
  local kept = redis.call('GET', salt_key)
  if kept or args[2] == '' or is_unopened(keys[1]) then return kept or '' end
  redis.call('SET', salt_key, args[2], 'EX', args[3])
  return args[2]
end

-- request_open_v1: a household asks for a place.
--   keys  1 meta
--   args  1 id  2 night  3 seconds to keep the night's commands  4 seconds to keep its households  5 digest
--         6 the ledger's JSON without its opening brace and its household
--         7.. households: the first that nobody has tonight is taken; the last where all are had, or where it is alone
--   reply {outcome, opened, closed, note}: 'done', 'duplicate' (with its outcome by now, if any), 'id-taken',
--         'unopened'; note 'other-body' when a duplicate's body differs from the first
local function request_open_v1(keys, args)
  local meta, id, night, digest, body = keys[1], args[1], args[2], args[5], args[6]
  refuse_unless_whole(args[3], args[4])
  local request, answer = beside(meta, 'request:' .. id), beside(meta, 'answer:' .. id)
  local households = beside(meta, 'households:' .. night)
  if is_unopened(meta) then return {'unopened', '', '', ''} end
  local opened, closed, first = unpack(redis.call('HMGET', request, 'opened', 'closed', 'digest'))
  if opened then return {'duplicate', opened, closed or '', first == digest and '' or 'other-body'} end
  if redis.call('EXISTS', answer) == 1 then return {'id-taken', '', '', ''} end
  local household = args[#args]
  for i = 7, #args do
    if redis.call('SISMEMBER', households, args[i]) == 0 then
      household = args[i]
      break
    end
  end

  local command, seq = keep_of_night(meta, night, digest, '"household":"' .. household .. '",' .. body)
  redis.call('EXPIRE', beside(meta, 'requests:' .. night), args[3])
  redis.call('SADD', households, household)
  redis.call('EXPIRE', households, args[4])
  redis.call('HSET', request, 'opened', command, 'night', night, 'digest', digest)
  redis.call('EXPIRE', request, REQUEST_KEPT_SECONDS)
  redis.call('SET', answer, seq .. ' ' .. digest, 'EX', ANSWERS_KEPT_SECONDS)
  return {'done', command, '', ''}
end

-- request_close_v1: what became of a request, once: of two operators the first is heard.
--   keys  1 meta
--   args  1 id  2 request  3 the hold that it was oriented to, or ''  4 digest
--         5 the ledger's JSON without its opening brace and its night
--   reply as above; also 'unknown-request', 'unknown-hold', 'request-closed' (with the outcome that it had)
local function request_close_v1(keys, args)
  local meta, id, hold, digest, body = keys[1], args[1], args[3], args[4], args[5]
  local request, answer = beside(meta, 'request:' .. args[2]), beside(meta, 'answer:' .. id)
  if is_unopened(meta) then return {'unopened', '', '', ''} end
  local opened, closed, closed_by, night = unpack(redis.call('HMGET', request, 'opened', 'closed', 'closed_by', 'night'))
  local first = redis.call('GET', answer)
  if opened and closed_by == id then
    return {'duplicate', opened, closed, string.match(first or '', '^%d+ (.*)$') == digest and '' or 'other-body'}
  end
  if first then return {'id-taken', '', '', ''} end
  if not opened then return {'unknown-request', '', '', ''} end
  if closed then return {'request-closed', opened, closed, ''} end
  if hold ~= '' and redis.call('EXISTS', beside(meta, 'hold:' .. hold)) == 0 then
    return {'unknown-hold', '', '', ''}
  end

  -- The list of the night outlives the request, so it needs no new end.
  local command, seq = keep_of_night(meta, night, digest, '"night":"' .. night .. '",' .. body)
  redis.call('HSET', request, 'closed', command, 'closed_by', id)
  redis.call('SET', answer, seq .. ' ' .. digest, 'EX', ANSWERS_KEPT_SECONDS)
  return {'done', opened, command, ''}
end

-- search_empty_v1: a search found nothing. The page searches while one types, so the same one counts once in a while.
--   keys  1 meta
--   args  1 night  2 seconds to keep the night's commands  3 digest of what was searched
--         4 the ledger's JSON without its opening brace
--   reply 'done', 'counted' (a moment ago), 'unopened'
local function search_empty_v1(keys, args)
  local meta, night = keys[1], args[1]
  refuse_unless_whole(args[2])
  local searched = beside(meta, 'searched:' .. args[3])
  if is_unopened(meta) then return 'unopened' end
  if redis.call('EXISTS', searched) == 1 then return 'counted' end
  keep_of_night(meta, night, '', args[4])
  redis.call('EXPIRE', beside(meta, 'requests:' .. night), args[2])
  redis.call('SET', searched, '1', 'EX', SEARCH_COUNTED_SECONDS)
  return 'done'
end

-- night_commands_v1: what this store has heard of a night. Reads only.
--   keys  1 meta      args  1 night  2 how many to pass over  3 how many at most
--   reply {epoch, opened_after, opened_ms, command, command, ...}: the number after which the epoch began, and when;
--         empty when the territory was never opened
local function night_commands_v1(keys, args)
  local epoch, opened_after, opened_ms = unpack(redis.call('HMGET', keys[1], 'epoch', 'opened_after', 'opened_ms'))
  if not epoch then return {} end
  local reply = {epoch, opened_after or '0', opened_ms or '0'}
  local first = tonumber(args[2])
  for _, command in ipairs(redis.call('LRANGE', beside(keys[1], 'requests:' .. args[1]), whole(first),
    whole(first + tonumber(args[3]) - 1))) do
    reply[#reply + 1] = command
  end
  return reply
end

redis.register_function('night_salt_v1', night_salt_v1)
redis.register_function('request_open_v1', request_open_v1)
redis.register_function('request_close_v1', request_close_v1)
redis.register_function('search_empty_v1', search_empty_v1)
redis.register_function{function_name = 'night_commands_v1', callback = night_commands_v1, flags = {'no-writes'}}
