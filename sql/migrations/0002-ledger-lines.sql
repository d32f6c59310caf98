-- The pools that a hold's commands touch, and the road to what speaks of a pool at a moment.

-- A line of a hold's command: what it meant for one pool. The command itself is in the ledger under the same number.
-- site is the pool's at that moment, null where the command changed no row. says is what the command says became of
-- the hold: 'arrived', 'expired', why it was released, or what a side says of it afterwards; null while it lasts.
-- row is the pool's row after the command, null when the command changed none.
CREATE TABLE ledger_lines (
    territory    text NOT NULL,
    seq          bigint NOT NULL,
    pool         text NOT NULL,
    site         text,
    hold         uuid NOT NULL,
    type         text NOT NULL,
    says         text,
    observed_at  timestamptz NOT NULL,
    held_change  integer NOT NULL,
    arrived      integer NOT NULL,
    row          jsonb,
    PRIMARY KEY (territory, seq, pool)
);

CREATE INDEX ledger_lines_by_pool ON ledger_lines (territory, pool, observed_at, seq) INCLUDE (held_change, arrived);

CREATE INDEX ledger_lines_by_end ON ledger_lines (territory, observed_at) WHERE says IS NOT NULL;

-- What is rare among a pool's movements and confirmations is found without reading through them.
CREATE INDEX ledger_by_type ON ledger (territory, pool, type, observed_at, seq)
    WHERE type NOT IN ('movement', 'confirmation');
