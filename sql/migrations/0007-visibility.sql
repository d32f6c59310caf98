-- What hides protected sites: the key of their opaque ids.

CREATE TABLE secrets (
    name    text PRIMARY KEY,
    secret  bytea NOT NULL
);

INSERT INTO secrets (name, secret)
VALUES ('opaque ids', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
