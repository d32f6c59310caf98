-- rows_since_v1: the rows stamped after a number, oldest stamp first. Law 8. Reads only.
--   keys  1 meta  2 rows (hash: pool to JSON)  3 stamps (zset: pool by seq)
--   args  1 since, a seq; '0' for all rows
--   reply {epoch, seq, stamp, row, stamp, row, ...}; empty when the territory was never opened
local function rows_since_v1(keys, args)
  local meta, rows, stamps = keys[1], keys[2], keys[3]
  local since = args[1]
  local epoch, seq = unpack(redis.call('HMGET', meta, 'epoch', 'seq'))
  if not epoch then return {} end
  local reply = {epoch, seq}
  local stamped = redis.call('ZRANGE', stamps, '(' .. since, '+inf', 'BYSCORE', 'WITHSCORES')
  for i = 1, #stamped, 2 do
    reply[#reply + 1] = stamped[i + 1]
    reply[#reply + 1] = redis.call('HGET', rows, stamped[i])
  end
  return reply
end

redis.register_function{function_name = 'rows_since_v1', callback = rows_since_v1, flags = {'no-writes'}}
