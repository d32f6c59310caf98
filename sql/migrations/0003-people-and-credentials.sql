-- People, and whatever lets them, a device or a system in: sessions, devices' tokens and bearer tokens.

CREATE TABLE people (
    person         uuid PRIMARY KEY,
    email          text NOT NULL UNIQUE,
    password_hash  text,
    totp_secret    text,
    totp_step      bigint,
    recovery       text[] NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL,
    disabled_at    timestamptz
);

CREATE TABLE credentials (
    credential    uuid PRIMARY KEY,
    kind          text NOT NULL,
    secret_hash   bytea NOT NULL UNIQUE,
    person        uuid REFERENCES people,
    label         text NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);

CREATE INDEX credentials_by_person ON credentials (person) WHERE person IS NOT NULL;

CREATE TABLE grants (
    holder     uuid NOT NULL,
    territory  text NOT NULL,
    role       text NOT NULL,
    sites      text[] NOT NULL,
    PRIMARY KEY (holder, territory)
);

CREATE TABLE access_version (
    is_one   boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    version  bigint NOT NULL
);

INSERT INTO access_version (version) VALUES (1);

ALTER TABLE territories ADD COLUMN is_public boolean NOT NULL DEFAULT true;
