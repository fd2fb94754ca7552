-- One row for each program with credentials of its own. Binaries that know no clients live beside it.

-- +goose Up
create table clients (
    id         text    not null primary key collate binary,
    digest     blob    not null check (length(digest) = 32), -- SHA-256 of the secret, which is 32 random bytes
    created_at integer not null
) strict, without rowid;
