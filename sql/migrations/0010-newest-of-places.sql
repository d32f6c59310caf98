-- The newest inventory that names a place, without reading through those that do not. Older code needs none of it.
CREATE INDEX ledger_by_capacity ON ledger (territory, pool, observed_at, seq)
    WHERE type = 'inventory' AND body ? 'capacity';

CREATE INDEX ledger_by_extra ON ledger (territory, pool, observed_at, seq)
    WHERE type = 'inventory' AND body ? 'extra';

CREATE INDEX ledger_by_out_of_service ON ledger (territory, pool, observed_at, seq)
    WHERE type = 'inventory' AND body ? 'out_of_service';
