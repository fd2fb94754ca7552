-- Times are microseconds since 1970 UTC, null is never. Lists are separated by commas.

-- +goose Up
create table users (
    id            text not null primary key,
    email         text not null unique collate binary,
    password      text not null, -- a hash; '' is no password
    login_time    integer,
    logout_time   integer,
    logout_reason text not null,
    roles         text not null,
    created_at    integer,
    verified_at   integer,
    disabled_at   integer
) strict;

create table sessions (
    id            text    not null primary key,
    user_id       text    not null references users (id) on delete cascade,
    login_time    integer not null,
    created_at    integer not null,
    ended_at      integer,
    end_reason    text    not null,
    idle_until    integer not null,
    until         integer not null,
    refresh_count integer not null,
    refreshed_at  integer not null,
    methods       text    not null,
    user_agent    text    not null,
    ip            text    not null
) strict;

create index sessions_user_id on sessions (user_id);

create table signing_keys (
    id          text    not null primary key,
    purpose     text    not null,
    algorithm   text    not null,
    private_key blob    not null,
    created_at  integer not null,
    active_from integer,
    retired_at  integer
) strict;

-- The oldest binary that may serve this schema, by the newest migration that it knows. A migration that older binaries
-- cannot live with raises it.
create table porteiro_schema (
    one    integer not null primary key check (one = 1),
    oldest integer not null
) strict;

insert into porteiro_schema (one, oldest) values (1, 1);
