-- Who came from the service before this one. There is no reference to users: who was deleted here is not brought back.
-- What that service called a user is kept as digests.

-- +goose Up
create table imported (
    key      text not null primary key, -- the user's id there
    user_id  text not null,
    subject  text not null,             -- of the email there
    address  text not null,             -- of that email in its canonical form
    password text not null,             -- of the hash there
    refused  integer                    -- that service refuses every token from until then
) strict;

create index imported_subject on imported (subject);

-- Until then the session is remembered, also when it is over: the token that began it could begin it anew.
alter table sessions add column keep_until integer;
