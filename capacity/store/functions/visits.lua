-- What is remembered of somebody who went to an OpenID provider, until they come back, once.
--   keys  1 {access}:visit:<digest of the state>

-- visit_begin_v1: remember it for a while.
--   args  1 what to remember  2 for how many seconds
--   reply 'done'
local function visit_begin_v1(keys, args)
  redis.call('SET', keys[1], args[1], 'EX', args[2])
  return 'done'
end

-- visit_end_v1: what was remembered, and nothing from then on.
--   reply it; '' when there is nothing
local function visit_end_v1(keys)
  return redis.call('GETDEL', keys[1]) or ''
end

redis.register_function('visit_begin_v1', visit_begin_v1)
redis.register_function('visit_end_v1', visit_end_v1)
