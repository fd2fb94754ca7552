-- What a node sends that knows migrations up to 00003, in the order of a day. "-- want" is the first column of the answer.
insert into users (id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at) values ('u', 'ana@example.com', 'hash', null, null, '', '', 1, null, null);
-- want 1
select exists (select 1 from users where id = 'u');
-- want u
select id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at from users where email = 'ana@example.com';
-- want u
select id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at from users where email > '' order by email limit 10;
insert into sessions (id, user_id, login_time, created_at, ended_at, end_reason, idle_until, until, refresh_count, refreshed_at, methods, user_agent, ip, keep_until) values ('s', 'u', 2, 2, null, '', 9, 9, 0, 2, 'password', 'curl', '192.0.2.7', 12);
-- want s
select id, user_id, login_time, created_at, ended_at, end_reason, idle_until, until, refresh_count, refreshed_at, methods, user_agent, ip, keep_until from sessions where id in (select value from json_each('["s"]')) and user_id = 'u';
update sessions set login_time = 2, created_at = 2, ended_at = null, end_reason = '', idle_until = 9, until = 9, refresh_count = 1, refreshed_at = 3, methods = 'password', user_agent = 'curl', ip = '192.0.2.7', keep_until = 12 where id = 's';
update users set email = 'ana@example.com', password = 'hash', login_time = 2, logout_time = null, logout_reason = '', roles = 'admin', created_at = 1, verified_at = null, disabled_at = null where id = 'u';
-- want s
select s.id, s.login_time, s.ended_at, s.idle_until, s.until, s.keep_until, u.logout_time from sessions as s cross join users as u on u.id = s.user_id where s.id > '' order by s.id limit 10;
-- want s
select s.id, s.login_time, s.ended_at is not null, s.idle_until, s.until, u.id, u.email, u.roles, u.logout_time, u.disabled_at is not null from json_each('["s"]') as asked cross join sessions as s on s.id = asked.value cross join users as u on u.id = s.user_id;
-- want u
select u.*, s.id from (select id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at from users where id = 'u') as u left join (select id, user_id, login_time, created_at, ended_at, end_reason, idle_until, until, refresh_count, refreshed_at, methods, user_agent, ip, keep_until from sessions where user_id = 'u' and ended_at is null order by login_time desc limit 10) as s on true order by s.login_time desc;
delete from sessions where id in (select value from json_each('["s"]'));
insert into signing_keys (id, purpose, algorithm, private_key, created_at, active_from, retired_at) values ('k', 'access', 'EdDSA', x'00', 1, 1, null);
update signing_keys set purpose = 'access', algorithm = 'EdDSA', private_key = x'01', created_at = 1, active_from = 1, retired_at = 9 where id = 'k';
-- want k
select id, purpose, algorithm, private_key, created_at, active_from, retired_at from signing_keys order by created_at, id;
insert into attempts (bucket, empty_at) values ('account:a', 5) on conflict (bucket) do update set empty_at = excluded.empty_at;
-- want 5
select empty_at from attempts where bucket = 'account:a';
delete from attempts where bucket in (select bucket from attempts where empty_at < 9 order by empty_at limit 10);
-- want nothing
select empty_at from attempts where bucket = 'account:a';
delete from attempts where bucket = 'account:a';
insert into imported (key, user_id, subject, address, password, refused) select '7', 'v', 'subject', 'address', 'digest', null where not exists (select 1 from imported where key = '7') and not exists (select 1 from users where email = 'bea@example.com' or id = 'v');
update imported set subject = 'subject', address = 'address', password = 'other', refused = 9 where key = '7';
-- want 7
select i.key as "i.key", i.user_id as "i.user_id", i.subject as "i.subject", i.address as "i.address", i.password as "i.password", i.refused as "i.refused", coalesce(u.id, '') as id, coalesce(u.email, '') as email, coalesce(u.password, '') as password, u.login_time, u.logout_time, coalesce(u.logout_reason, '') as logout_reason, coalesce(u.roles, '') as roles, u.created_at, u.verified_at, u.disabled_at from imported as i left join users as u on u.id = i.user_id where i.key in (select value from json_each('["7"]'));
-- want 7
select i.key as "i.key", i.user_id as "i.user_id", i.subject as "i.subject", i.address as "i.address", i.password as "i.password", i.refused as "i.refused", coalesce(u.id, '') as id, coalesce(u.email, '') as email, coalesce(u.password, '') as password, u.login_time, u.logout_time, coalesce(u.logout_reason, '') as logout_reason, coalesce(u.roles, '') as roles, u.created_at, u.verified_at, u.disabled_at from imported as i left join users as u on u.id = i.user_id where i.subject = 'subject' limit 2;
delete from users where id = 'u';
-- want nothing
select id from users;
