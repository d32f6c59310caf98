-- The ledger and the registry as they are today. The migrations lead to exactly this; a test compares them.

-- A territory: the area of one 115. Its version grows with every edit of its registry and orders them. Whoever brings
-- no credential may read the numbers of its public sites while is_public is set.
CREATE TABLE territories (
    territory  text PRIMARY KEY,
    name       text NOT NULL,
    version    bigint NOT NULL,
    opened_at  timestamptz NOT NULL DEFAULT now(),
    is_public  boolean NOT NULL DEFAULT true
);

CREATE SEQUENCE registry_versions;

-- A site: a physical place. Closed for good once closed_at is set; its history stays. reminder_hours are hours of its own
-- day, "22:00", at which its tablet asks how many are there.
CREATE TABLE sites (
    territory      text NOT NULL REFERENCES territories,
    site           text NOT NULL,
    version        bigint NOT NULL,
    name           text NOT NULL,
    kind           text NOT NULL,
    visibility     text NOT NULL,
    address        text,
    lat            double precision,
    lon            double precision,
    phone          text,
    opening_hours  text,
    organisation   text,
    closed_at      timestamptz,
    reminder_hours text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (territory, site)
);

-- A pool: interchangeable places at a site, in the order that the site lists them. Off the board once removed_at is set.
CREATE TABLE pools (
    territory   text NOT NULL,
    pool        text NOT NULL,
    site        text NOT NULL,
    version     bigint NOT NULL,
    ordinal     integer NOT NULL,
    unit        text NOT NULL,
    sleeps      integer,
    audience    text NOT NULL,
    traits      text[] NOT NULL,
    capacity    integer NOT NULL,
    fresh_for   integer NOT NULL,
    removed_at  timestamptz,
    PRIMARY KEY (territory, pool),
    FOREIGN KEY (territory, site) REFERENCES sites
);

CREATE INDEX pools_by_site ON pools (territory, site);

-- The ledger: every numbered command, once, without a gap. outcome is 'applied' or 'late' (kept, changed nothing live).
-- row is the pool's row after the command, null when the command changed none. digest tells what was answered to its id
-- from another command of the same id; null for a command that nobody sent, or that an older version recorded.
CREATE TABLE ledger (
    territory    text NOT NULL,
    seq          bigint NOT NULL,
    type         text NOT NULL,
    pool         text,
    outcome      text NOT NULL,
    observed_at  timestamptz NOT NULL,
    received_at  timestamptz NOT NULL,
    body         jsonb NOT NULL,
    row          jsonb,
    digest       text,
    PRIMARY KEY (territory, seq)
);

CREATE INDEX ledger_by_pool ON ledger (territory, pool, observed_at, seq);

-- What is rare among a pool's movements and confirmations is found without reading through them.
CREATE INDEX ledger_by_type ON ledger (territory, pool, type, observed_at, seq)
    WHERE type NOT IN ('movement', 'confirmation');

-- The newest inventory that names a place, without reading through years of those that do not: most say only what is out
-- of service.
CREATE INDEX ledger_by_capacity ON ledger (territory, pool, observed_at, seq)
    WHERE type = 'inventory' AND body ? 'capacity';

CREATE INDEX ledger_by_extra ON ledger (territory, pool, observed_at, seq)
    WHERE type = 'inventory' AND body ? 'extra';

CREATE INDEX ledger_by_out_of_service ON ledger (territory, pool, observed_at, seq)
    WHERE type = 'inventory' AND body ? 'out_of_service';

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

-- How far the ledger has followed each territory's stream, written in the transaction that kept the commands.
-- epoch is the live store's; another epoch means that the store was made anew.
CREATE TABLE cursors (
    territory    text PRIMARY KEY,
    epoch        text NOT NULL,
    seq          bigint NOT NULL,
    recorded_at  timestamptz NOT NULL
);

-- What the live store computes its board from, as it was at the territory's cursor: from this it is rebuilt when it is
-- lost. key is the name of a hash there ('pool:…', 'hold:…'), seq the number of its last change, since the number at which
-- it was last written anew (0: before this was kept). A hold leaves this two days after its end.
CREATE TABLE live_facts (
    territory  text NOT NULL,
    key        text NOT NULL,
    seq        bigint NOT NULL,
    since      bigint NOT NULL,
    facts      jsonb NOT NULL,
    PRIMARY KEY (territory, key)
) WITH (fillfactor = 70);

-- People: whoever signs in by e-mail, in lower case. Nothing of a person is kept that signing in does not need.
-- totp_step is the last 30 seconds whose code was taken: a code works once. recovery are hashes of the codes that are
-- left. totp_pending was shown and waits for its first code. second_factor_waived is set for the people of the demo
-- only: they come by a link, and need neither password nor second factor.
CREATE TABLE people (
    person                uuid PRIMARY KEY,
    email                 text NOT NULL UNIQUE,
    password_hash         text,
    totp_secret           text,
    totp_step             bigint,
    recovery              text[] NOT NULL DEFAULT '{}',
    created_at            timestamptz NOT NULL,
    disabled_at           timestamptz,
    totp_pending          text,
    second_factor_waived  boolean NOT NULL DEFAULT false
);

-- A link that signs a person in once, to set a first password ('invitation') or a new one ('password'), or to try the
-- board ('demo'): the hash of its secret.
CREATE TABLE links (
    secret_hash  bytea PRIMARY KEY,
    person       uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    purpose      text NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);

CREATE INDEX links_by_person ON links (person);

-- Who a person is at an OpenID provider, once they have come by it.
CREATE TABLE identities (
    issuer   text NOT NULL,
    subject  text NOT NULL,
    person   uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject),
    UNIQUE (person, issuer)
);

-- What lets a person's session, a device or a system in: the hash of a secret that is kept nowhere. begun_by says how
-- the person of a session came: 'password', 'link' or 'oidc'; null for a device or a system. admitted_by is the person,
-- device or token that let a device or a system in; null where that was this machine.
CREATE TABLE credentials (
    credential    uuid PRIMARY KEY,
    kind          text NOT NULL,
    secret_hash   bytea NOT NULL UNIQUE,
    person        uuid REFERENCES people,
    label         text NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz,
    begun_by      text,
    admitted_by   uuid
);

CREATE INDEX credentials_by_person ON credentials (person) WHERE person IS NOT NULL;

-- What a person, or a credential that is nobody's, is for a territory; sites are those that the role is for.
CREATE TABLE grants (
    holder     uuid NOT NULL,
    territory  text NOT NULL,
    role       text NOT NULL,
    sites      text[] NOT NULL,
    PRIMARY KEY (holder, territory)
);

CREATE INDEX grants_by_territory ON grants (territory);

-- Grows with every change of the three above, in its transaction: so every process learns of it by one number.
CREATE TABLE access_version (
    is_one   boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    version  bigint NOT NULL
);

INSERT INTO access_version (version) VALUES (1);

-- Keys that this installation made itself. 'opaque ids': by which the ids of protected pools are told to those who may
-- not know them; another one would make them other pools to every screen.
CREATE TABLE secrets (
    name    text PRIMARY KEY,
    secret  bytea NOT NULL
);

INSERT INTO secrets (name, secret)
VALUES ('opaque ids', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

-- The audit: who did what, when. role, kind and credential say who: kind is '' for whoever came with no credential.
-- label is a device's or a system's, '' for people: their sessions say no more of them than the credential's id. subject
-- is the id of what it was done to, '' for the territory itself. No line refers to another table: it outlives them.
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
