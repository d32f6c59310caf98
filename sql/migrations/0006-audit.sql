-- The audit: who did what, when, by role and device; never by name.

CREATE TABLE audit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    territory   text NOT NULL,
    at          timestamptz NOT NULL,
    role        text NOT NULL,
    kind        text NOT NULL,
    credential  uuid,
    label       text NOT NULL,
    action      text NOT NULL,
    subject     text NOT NULL
);

CREATE INDEX audit_by_territory ON audit (territory, id);

CREATE INDEX audit_by_age ON audit (at);
