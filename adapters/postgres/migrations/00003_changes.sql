-- +goose Up

-- Which users are not what they were: what lets a node keep standings in its memory and ask only what has changed since
-- it last looked. Rows are written by triggers, in the transaction that changes something, so that an UPDATE by hand
-- counts too.
CREATE TABLE changes (
    xid     xid8 NOT NULL,                       -- of the transaction that changed them
    user_id uuid                                 -- NULL: everybody
);

CREATE INDEX changes_xid_idx ON changes (xid);

-- How far back the log goes. Whoever last looked before that knows nothing.
CREATE TABLE changes_kept (
    since      xid8 NOT NULL,                    -- every change from this transaction on is there
    next       xid8 NOT NULL,                    -- what since becomes
    decided_at timestamptz NOT NULL,             -- when next was the oldest transaction that ran
    one        boolean PRIMARY KEY DEFAULT true CHECK (one)
);

INSERT INTO changes_kept (since, next, decided_at)
    SELECT x, x, clock_timestamp() FROM pg_snapshot_xmin(pg_current_snapshot()) x;

-- With the rights of who migrated, and in this schema, before which nobody's temporary table of that name comes: whoever
-- may write users and sessions needs no right to the log.
SELECT set_config('search_path', current_setting('search_path') || ', pg_temp', true);
-- +goose StatementBegin
CREATE FUNCTION porteiro_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO changes VALUES (pg_current_xact_id(), NULL);
    ELSIF TG_TABLE_NAME = 'users' THEN
        INSERT INTO changes VALUES (pg_current_xact_id(), OLD.id);
    ELSE
        INSERT INTO changes VALUES (pg_current_xact_id(), OLD.user_id);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- Triggers run it without that right; anybody else would only fill the log.
REVOKE EXECUTE ON FUNCTION porteiro_changed() FROM PUBLIC;

-- What is new was never remembered, so an INSERT changes nothing; nor does what the rule does not read.
CREATE TRIGGER porteiro_changed_user AFTER UPDATE ON users FOR EACH ROW
    WHEN ((OLD.id, OLD.email, OLD.roles, OLD.logout_time, OLD.disabled_at)
        IS DISTINCT FROM (NEW.id, NEW.email, NEW.roles, NEW.logout_time, NEW.disabled_at))
    EXECUTE FUNCTION porteiro_changed();
CREATE TRIGGER porteiro_deleted_user AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION porteiro_changed();
CREATE TRIGGER porteiro_emptied_users AFTER TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION porteiro_changed();

CREATE TRIGGER porteiro_changed_session AFTER UPDATE ON sessions FOR EACH ROW
    WHEN ((OLD.id, OLD.user_id, OLD.login_time, OLD.ended_at, OLD.idle_until, OLD.until)
        IS DISTINCT FROM (NEW.id, NEW.user_id, NEW.login_time, NEW.ended_at, NEW.idle_until, NEW.until))
    EXECUTE FUNCTION porteiro_changed();
CREATE TRIGGER porteiro_deleted_session AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION porteiro_changed();
CREATE TRIGGER porteiro_emptied_sessions AFTER TRUNCATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION porteiro_changed();

-- Also where a replication applies the change.
ALTER TABLE users ENABLE ALWAYS TRIGGER porteiro_changed_user;
ALTER TABLE users ENABLE ALWAYS TRIGGER porteiro_deleted_user;
ALTER TABLE users ENABLE ALWAYS TRIGGER porteiro_emptied_users;
ALTER TABLE sessions ENABLE ALWAYS TRIGGER porteiro_changed_session;
ALTER TABLE sessions ENABLE ALWAYS TRIGGER porteiro_deleted_session;
ALTER TABLE sessions ENABLE ALWAYS TRIGGER porteiro_emptied_sessions;
