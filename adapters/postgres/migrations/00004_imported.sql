-- +goose Up

-- Who came from the service before this one. There is no reference to users: who was deleted here is not brought back.
-- What that service called a user is kept as digests.
CREATE TABLE imported (
    key      text COLLATE "C" PRIMARY KEY,       -- the user's id there
    user_id  uuid NOT NULL,
    subject  text COLLATE "C" NOT NULL,          -- of the email there
    address  text COLLATE "C" NOT NULL,          -- of that email in its canonical form
    password text COLLATE "C" NOT NULL,          -- of the hash there
    refused  timestamptz                         -- that service refuses every token from until then
);

CREATE INDEX imported_subject_idx ON imported (subject);

-- Until then the session is remembered, also when it is over: the token that began it could begin it anew. Binaries from
-- before begin none such.
ALTER TABLE sessions ADD COLUMN keep_until timestamptz;
