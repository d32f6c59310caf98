-- What the live store is rebuilt from. Older code neither reads nor writes it.
ALTER TABLE ledger ADD COLUMN digest text;

CREATE TABLE live_facts (
    territory  text NOT NULL,
    key        text NOT NULL,
    seq        bigint NOT NULL,
    since      bigint NOT NULL,
    facts      jsonb NOT NULL,
    PRIMARY KEY (territory, key)
) WITH (fillfactor = 70);
