-- +goose Up

-- One row for each bucket of attempts that is not empty, or has not been forgotten since it was. Binaries that count
-- nothing live beside it.
CREATE TABLE attempts (
    bucket   text COLLATE "C" PRIMARY KEY,
    empty_at timestamptz NOT NULL                -- when it is empty again
);

CREATE INDEX attempts_empty_at_idx ON attempts (empty_at);
