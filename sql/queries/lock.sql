-- try_lock --
-- Take the recorder's lock if nobody holds it; it lasts as long as this connection. $1 its number.
SELECT pg_try_advisory_lock($1) AS taken;

-- still_there --
-- Any answer will do.
SELECT 1 AS one;

-- notice_a_dead_peer --
-- Let the server drop this connection, and its lock, within four seconds of the machine behind it going silent.
SELECT set_config('tcp_keepalives_idle', '1', false), set_config('tcp_keepalives_interval', '1', false),
       set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '4000', false);
