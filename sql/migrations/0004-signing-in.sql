-- Signing in: one-time links, identities at other providers, and what a session was begun with.

ALTER TABLE people ADD COLUMN totp_pending text;
ALTER TABLE people ADD COLUMN second_factor_waived boolean NOT NULL DEFAULT false;

ALTER TABLE credentials ADD COLUMN begun_by text;

CREATE TABLE links (
    secret_hash  bytea PRIMARY KEY,
    person       uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    purpose      text NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);

CREATE INDEX links_by_person ON links (person);

CREATE TABLE identities (
    issuer   text NOT NULL,
    subject  text NOT NULL,
    person   uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject),
    UNIQUE (person, issuer)
);

CREATE INDEX grants_by_territory ON grants (territory);
