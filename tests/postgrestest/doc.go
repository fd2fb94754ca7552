// Package postgrestest lends a test a real PostgreSQL: a server found or started for the package run, and on it an
// empty database that is the test's own. It imitates nothing: without a PostgreSQL the test is skipped.
//
// The first rung that serves is taken:
//
//  1. PORTEIRO_TEST_POSTGRES_URL, a postgres:// URL whose user may create databases. One that does not answer fails the test.
//  2. Docker, through testcontainers-go, when the daemon is healthy and the image is there or can be pulled.
//  3. The initdb and postgres of this machine, in a throwaway folder, on a Unix socket.
//  4. None: the test is skipped with a line that says what to install.
//
// What else it reads:
//
//	PORTEIRO_REQUIRE_POSTGRES=1            fail where the test would be skipped (for CI)
//	PORTEIRO_TEST_POSTGRES_MODE=docker     that rung or fail, whatever else is set; also: local
//	PORTEIRO_TEST_POSTGRES_IMAGE           the image, postgres:17-alpine when it is not set; PostgreSQL 13 or later
//	PORTEIRO_TEST_POSTGRES_BINDIR          the folder of initdb and postgres, before PATH and the usual folders
//	TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1 needed where this machine is itself a container (/.dockerenv) that runs
//	                                       a daemon of its own: testcontainers would dial the gateway
//	TESTCONTAINERS_RYUK_DISABLED=true      where the reaper's image cannot be had
//
// Nothing is left behind: each server has a watchdog outside this process, so a SIGKILL or a test's timeout takes the
// server along. Only a database on the server of rung 1 outlives an interrupted run; it is named porteiro_test_….
package postgrestest
