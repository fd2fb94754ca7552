-- One row for each bucket of attempts that is not empty, or has not been forgotten since it was. Binaries that count
-- nothing live beside it.

-- +goose Up
create table attempts (
    bucket   text    not null primary key,
    empty_at integer not null -- when it is empty again
) strict, without rowid;

create index attempts_empty_at on attempts (empty_at);
