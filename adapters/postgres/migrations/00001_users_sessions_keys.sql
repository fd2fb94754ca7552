-- +goose Up

-- One row for each user. COLLATE "C": pages come in the order of bytes, and one address has one spelling.
CREATE TABLE users (
    id            uuid PRIMARY KEY,
    email         text COLLATE "C" NOT NULL,
    password      text NOT NULL,                 -- its hash; '' when the user cannot sign in with one
    login_time    timestamptz,                   -- by the hybrid clock; a NULL time is never
    logout_time   timestamptz,                   -- by the hybrid clock
    logout_reason text NOT NULL,
    roles         text[] NOT NULL,
    created_at    timestamptz,
    verified_at   timestamptz,
    disabled_at   timestamptz,
    CONSTRAINT users_email_key UNIQUE (email)
);

-- One row for each login. Only written under the user's lock.
CREATE TABLE sessions (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    login_time    timestamptz,                   -- what is compared with the user's logout_time
    created_at    timestamptz,
    ended_at      timestamptz,
    end_reason    text NOT NULL,
    idle_until    timestamptz,
    until         timestamptz,
    refresh_count bigint NOT NULL,
    refreshed_at  timestamptz,
    methods       text[] NOT NULL,
    user_agent    text NOT NULL,
    ip            text NOT NULL
);

CREATE INDEX sessions_user_id_idx ON sessions (user_id);

CREATE TABLE signing_keys (
    id          text COLLATE "C" PRIMARY KEY,
    purpose     text NOT NULL,                   -- access or refresh
    algorithm   text NOT NULL,
    private_key bytea NOT NULL,
    created_at  timestamptz,
    active_from timestamptz,                     -- signs from then on
    retired_at  timestamptz
);

-- The oldest binary that may serve this schema, by the number of the last migration that it knows. A migration that
-- an older binary cannot live with raises it.
CREATE TABLE porteiro_schema (
    oldest integer NOT NULL,
    one    boolean PRIMARY KEY DEFAULT true CHECK (one)
);

INSERT INTO porteiro_schema (oldest) VALUES (1);
