// Package postgres keeps users, sessions, signing keys and attempts in PostgreSQL, for any number of nodes, and keeps
// nothing in the process: every answer is read from the primary after it was asked for.
//
// Three promises go beyond what database/sql and lib/pq give:
//
//   - Every call ends with its context's deadline, also when the server is silent. The deadline is set on the socket
//     before each read and write; lib/pq is handed a context that cannot be cancelled, so that it neither starts a
//     goroutine a query nor dials anew to cancel one.
//   - A write is sent once. It runs in an explicit transaction; an error of COMMIT, or a warning with it, is an outcome
//     that is unknown and never repeated.
//   - A connection that failed, or whose server turned read-only, carries nothing more.
//
// What a connection asks for unless the URL says otherwise: application_name=porteiro, TimeZone=UTC,
// plan_cache_mode=force_generic_plan, enable_seqscan, enable_hashjoin, enable_mergejoin and jit off, statement_timeout,
// lock_timeout and idle_in_transaction_session_timeout by [Config].Timeout, target_session_attrs=primary, and
// synchronous_commit=on where the server's is off; [Store.Count] alone commits without waiting for the disk. Without sslmode, TLS is required.
//
// Behind PgBouncer in transaction mode: binary_parameters=yes in the URL, so that no statement is prepared by name;
// ignore_startup_parameters = plan_cache_mode,enable_seqscan,enable_hashjoin,enable_mergejoin,jit,statement_timeout,
// lock_timeout,idle_in_transaction_session_timeout (in one line) in its configuration, with those settings given to the
// role instead; and porteiro migrate past it, because its lock is the session's. [Store.Serviceable] and [Store.Migrate]
// refuse what cannot work.
package postgres
