-- +goose Up

-- One row for each program with credentials of its own. Binaries that know no clients live beside it.
CREATE TABLE clients (
    id         text COLLATE "C" PRIMARY KEY,
    digest     bytea NOT NULL CHECK (length(digest) = 32), -- SHA-256 of the secret, which is 32 random bytes
    created_at timestamptz NOT NULL
);
