-- What a node sends that knows migrations up to 00004, in the order of a day. "-- want" is the first column of the answer.
PREPARE addUser AS INSERT INTO users (id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING;
EXECUTE addUser ('0196a0b0-0000-7000-8000-000000000001', 'ana@example.com', 'hash', NULL, NULL, '', '{}', '2031-05-04T12:00:00.123456Z', NULL, NULL);
PREPARE userByEmail AS SELECT id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at FROM users WHERE email = $1;
-- want 0196a0b0-0000-7000-8000-000000000001
EXECUTE userByEmail ('ana@example.com');
PREPARE userPage AS SELECT id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at FROM users WHERE email > $1 ORDER BY email LIMIT $2;
-- want 0196a0b0-0000-7000-8000-000000000001
EXECUTE userPage ('', 10);
PREPARE lockUser AS SELECT id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at FROM users WHERE id = $1 FOR NO KEY UPDATE;
-- want 0196a0b0-0000-7000-8000-000000000001
EXECUTE lockUser ('0196a0b0-0000-7000-8000-000000000001');
PREPARE openSession AS INSERT INTO sessions (id, user_id, login_time, created_at, ended_at, end_reason, idle_until, until, refresh_count, refreshed_at, methods, user_agent, ip, keep_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);
EXECUTE openSession ('0196a0c0-0000-7000-9000-000000000001', '0196a0b0-0000-7000-8000-000000000001', '2031-05-04T12:00:00.123456Z', '2031-05-04T12:00:00.123456Z', NULL, '', '2031-05-05T12:00:00Z', '2031-05-05T12:00:00Z', 0, '2031-05-04T12:00:00.123456Z', '{password}', 'curl', '192.0.2.7', '2031-05-06T12:00:00Z');
PREPARE ownSessions AS SELECT id, user_id, login_time, created_at, ended_at, end_reason, idle_until, until, refresh_count, refreshed_at, methods, user_agent, ip, keep_until FROM sessions WHERE user_id = $1 AND id = ANY($2);
-- want 0196a0c0-0000-7000-9000-000000000001
EXECUTE ownSessions ('0196a0b0-0000-7000-8000-000000000001', '{0196a0c0-0000-7000-9000-000000000001}');
PREPARE saveSession AS UPDATE sessions SET login_time = $3, created_at = $4, ended_at = $5, end_reason = $6, idle_until = $7, until = $8, refresh_count = $9, refreshed_at = $10, methods = $11, user_agent = $12, ip = $13, keep_until = $14 WHERE id = $1 AND user_id = $2;
EXECUTE saveSession ('0196a0c0-0000-7000-9000-000000000001', '0196a0b0-0000-7000-8000-000000000001', '2031-05-04T12:00:00.123456Z', '2031-05-04T12:00:00.123456Z', NULL, '', '2031-05-05T12:00:00Z', '2031-05-05T12:00:00Z', 1, '2031-05-04T12:00:00.123456Z', '{password}', 'curl', '192.0.2.7', '2031-05-06T12:00:00Z');
PREPARE saveUser AS UPDATE users SET email = $2, password = $3, login_time = $4, logout_time = $5, logout_reason = $6, roles = $7, created_at = $8, verified_at = $9, disabled_at = $10 WHERE id = $1;
EXECUTE saveUser ('0196a0b0-0000-7000-8000-000000000001', 'ana@example.com', 'hash', '2031-05-04T12:00:00.123456Z', NULL, '', '{admin}', '2031-05-04T12:00:00.123456Z', NULL, NULL);
PREPARE standings AS SELECT a.n, s.login_time, s.ended_at IS NOT NULL, s.idle_until, s.until, s.user_id, u.email, u.roles, u.logout_time, u.disabled_at IS NOT NULL FROM unnest($1::uuid[]) WITH ORDINALITY a (id, n) JOIN sessions s ON s.id = a.id JOIN users u ON u.id = s.user_id;
-- want 1
EXECUTE standings ('{0196a0c0-0000-7000-9000-000000000001}');
PREPARE standingOfOne AS SELECT 1, s.login_time, s.ended_at IS NOT NULL, s.idle_until, s.until, s.user_id, u.email, u.roles, u.logout_time, u.disabled_at IS NOT NULL FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1;
-- want 1
EXECUTE standingOfOne ('0196a0c0-0000-7000-9000-000000000001');
SELECT pg_current_snapshot()::text, pg_postmaster_start_time()::text || ' ' || 'changes'::regclass::oid WHERE 6 = (SELECT count(*) FROM pg_trigger WHERE tgrelid IN ('users'::regclass, 'sessions'::regclass) AND tgfoid = 'porteiro_changed'::regproc AND tgenabled = 'A');
PREPARE changed AS SELECT pg_current_snapshot()::text, pg_postmaster_start_time()::text || ' ' || 'changes'::regclass::oid, k.since <= pg_snapshot_xmin($1::pg_snapshot) AND pg_snapshot_xmax($1::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()), c.xid IS NOT NULL, c.user_id FROM changes_kept k LEFT JOIN LATERAL ( SELECT xid, user_id FROM changes WHERE xid >= pg_snapshot_xmax($1::pg_snapshot) UNION ALL SELECT xid, user_id FROM changes WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::pg_snapshot)))) c ON true WHERE k.one;
EXECUTE changed ('3:3:');
PREPARE userSessions AS SELECT u.*, coalesce(s.id::text, '') AS "s.id", coalesce(s.user_id::text, '') AS "s.user_id", s.login_time AS "s.login_time", s.created_at AS "s.created_at", s.ended_at AS "s.ended_at", coalesce(s.end_reason, '') AS "s.end_reason", s.idle_until AS "s.idle_until", s.until AS "s.until", coalesce(s.refresh_count, 0) AS "s.refresh_count", s.refreshed_at AS "s.refreshed_at", s.methods AS "s.methods", coalesce(s.user_agent, '') AS "s.user_agent", coalesce(s.ip, '') AS "s.ip", s.keep_until AS "s.keep_until" FROM (SELECT id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at FROM users WHERE id = $1) u LEFT JOIN LATERAL (SELECT id, user_id, login_time, created_at, ended_at, end_reason, idle_until, until, refresh_count, refreshed_at, methods, user_agent, ip, keep_until FROM sessions WHERE user_id = u.id AND ended_at IS NULL ORDER BY login_time DESC NULLS LAST LIMIT $2) s ON true ORDER BY s.login_time DESC NULLS LAST;
-- want 0196a0b0-0000-7000-8000-000000000001
EXECUTE userSessions ('0196a0b0-0000-7000-8000-000000000001', 10);
UPDATE changes_kept SET since = next, next = pg_snapshot_xmin(pg_current_snapshot()), decided_at = clock_timestamp() WHERE decided_at < clock_timestamp() - interval '10 minutes';
DELETE FROM changes WHERE ctid = ANY (ARRAY( SELECT ctid FROM changes WHERE xid < (SELECT since FROM changes_kept WHERE one) ORDER BY xid LIMIT 10000));
PREPARE walk AS SELECT * FROM (SELECT id, login_time, ended_at, idle_until, until, keep_until, (SELECT logout_time FROM users WHERE users.id = sessions.user_id) AS logout_time FROM sessions WHERE id >= $1 ORDER BY id LIMIT 1001) first ORDER BY id LIMIT $2;
-- want 0196a0c0-0000-7000-9000-000000000001
EXECUTE walk ('00000000-0000-0000-0000-000000000000', 10);
PREPARE lockOver AS SELECT id, login_time, ended_at, idle_until, until, keep_until, (SELECT logout_time FROM users WHERE users.id = sessions.user_id) AS logout_time FROM sessions WHERE id = ANY($1) FOR UPDATE SKIP LOCKED;
-- want 0196a0c0-0000-7000-9000-000000000001
EXECUTE lockOver ('{0196a0c0-0000-7000-9000-000000000001}');
PREPARE deleteSessions AS DELETE FROM sessions WHERE id = ANY($1);
EXECUTE deleteSessions ('{0196a0c0-0000-7000-9000-000000000001}');
-- want nothing
EXECUTE walk ('00000000-0000-0000-0000-000000000000', 10);
LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE;
PREPARE addKey AS INSERT INTO signing_keys (id, purpose, algorithm, private_key, created_at, active_from, retired_at) VALUES ($1, $2, $3, $4, $5, $6, $7);
EXECUTE addKey ('k', 'access', 'EdDSA', '\x00', '2031-05-04T12:00:00.123456Z', '2031-05-04T12:00:00.123456Z', NULL);
PREPARE saveKey AS UPDATE signing_keys SET purpose = $2, algorithm = $3, private_key = $4, created_at = $5, active_from = $6, retired_at = $7 WHERE id = $1;
EXECUTE saveKey ('k', 'access', 'EdDSA', '\x01', '2031-05-04T12:00:00.123456Z', '2031-05-04T12:00:00.123456Z', '2031-05-05T12:00:00Z');
PREPARE allKeys AS SELECT id, purpose, algorithm, private_key, created_at, active_from, retired_at FROM signing_keys ORDER BY created_at NULLS FIRST, id;
-- want k
EXECUTE allKeys;
PREPARE lockBuckets AS SELECT pg_advisory_xact_lock(n) FROM (SELECT DISTINCT hashtextextended(b COLLATE "C", 0) AS n FROM unnest($1::text[]) b ORDER BY n) numbers;
EXECUTE lockBuckets ('{account:a}');
PREPARE readBuckets AS SELECT bucket, empty_at FROM attempts WHERE bucket = ANY($1);
-- want nothing
EXECUTE readBuckets ('{account:a}');
PREPARE saveBuckets AS WITH emptied AS (DELETE FROM attempts WHERE bucket = ANY($1)) INSERT INTO attempts (bucket, empty_at) SELECT * FROM unnest($2::text[], $3::timestamptz[]) ON CONFLICT (bucket) DO UPDATE SET empty_at = excluded.empty_at;
EXECUTE saveBuckets ('{}', '{account:a}', '{2031-05-04T12:00:00Z}');
-- want account:a
EXECUTE readBuckets ('{account:a}');
PREPARE forgetBuckets AS WITH drained AS MATERIALIZED (SELECT bucket FROM (SELECT bucket FROM attempts WHERE empty_at < $1 ORDER BY empty_at LIMIT 1000 FOR UPDATE SKIP LOCKED) first LIMIT $2) DELETE FROM attempts USING drained WHERE attempts.bucket = drained.bucket AND empty_at < $1;
EXECUTE forgetBuckets ('2031-05-05T12:00:00Z', 10);
-- want nothing
EXECUTE readBuckets ('{account:a}');
PREPARE addImported AS INSERT INTO imported (key, user_id, subject, address, password, refused) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO NOTHING;
EXECUTE addImported ('7', '0196a0b0-0000-7000-8000-000000000002', 'subject', 'address', 'digest', NULL);
PREPARE addUnlessTaken AS INSERT INTO users (id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING;
EXECUTE addUnlessTaken ('0196a0b0-0000-7000-8000-000000000002', 'bea@example.com', 'hash', NULL, NULL, '', '{}', '2031-05-04T12:00:00.123456Z', NULL, NULL);
PREPARE saveImported AS UPDATE imported SET subject = $2, address = $3, password = $4, refused = $5 WHERE key = $1;
EXECUTE saveImported ('7', 'subject', 'address', 'other', '2031-05-04T12:00:00Z');
PREPARE arrivalsByKey AS SELECT i.key AS "i.key", i.user_id AS "i.user_id", i.subject AS "i.subject", i.address AS "i.address", i.password AS "i.password", i.refused AS "i.refused", coalesce(u.id::text, '') AS id, coalesce(u.email, '') AS email, coalesce(u.password, '') AS password, u.login_time, u.logout_time, coalesce(u.logout_reason, '') AS logout_reason, u.roles, u.created_at, u.verified_at, u.disabled_at FROM imported i LEFT JOIN users u ON u.id = i.user_id WHERE i.key = ANY($1);
-- want 7
EXECUTE arrivalsByKey ('{7}');
PREPARE arrivalsBySubject AS SELECT i.key AS "i.key", i.user_id AS "i.user_id", i.subject AS "i.subject", i.address AS "i.address", i.password AS "i.password", i.refused AS "i.refused", coalesce(u.id::text, '') AS id, coalesce(u.email, '') AS email, coalesce(u.password, '') AS password, u.login_time, u.logout_time, coalesce(u.logout_reason, '') AS logout_reason, u.roles, u.created_at, u.verified_at, u.disabled_at FROM imported i LEFT JOIN users u ON u.id = i.user_id WHERE i.subject = $1 LIMIT 2;
-- want 7
EXECUTE arrivalsBySubject ('subject');
PREPARE forgetImported AS DELETE FROM imported WHERE key = $1;
EXECUTE forgetImported ('7');
-- want nothing
EXECUTE arrivalsBySubject ('subject');
PREPARE deleteUser AS DELETE FROM users WHERE id = $1;
EXECUTE deleteUser ('0196a0b0-0000-7000-8000-000000000001');
-- want nothing
EXECUTE userByEmail ('ana@example.com');
