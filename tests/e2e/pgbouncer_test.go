package e2e_test

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

// ignored is what deploy/operations.md has PgBouncer ignore, and give to the role instead.
const ignored = "plan_cache_mode,enable_seqscan,enable_hashjoin,enable_mergejoin,jit,statement_timeout,lock_timeout,idle_in_transaction_session_timeout"

// pgbouncer starts one before a server and returns the URL that goes through it.
func pgbouncer(t *testing.T, direct, mode, ignore string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if _, err := os.Stat("/usr/sbin/pgbouncer"); err != nil {
			if os.Getenv("PORTEIRO_REQUIRE_PGBOUNCER") != "" {
				t.Fatal("there is no pgbouncer: apt-get install pgbouncer")
			}
			t.Skip("there is no pgbouncer: apt-get install pgbouncer")
		}
		program = "/usr/sbin/pgbouncer"
	}
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	dir, err := os.MkdirTemp("", "porteiro-pgbouncer-") // of a user who may not enter the test's own
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	config := fmt.Sprintf(`[databases]
%[1]s = host=127.0.0.1 port=%[2]s dbname=%[1]s user=%[3]s password=%[4]s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %[5]s
unix_socket_dir =
auth_type = any
pool_mode = %[6]s
default_pool_size = 5
`, strings.TrimPrefix(u.Path, "/"), u.Port(), u.User.Username(), password, port, mode)
	if ignore != "" {
		config += "ignore_startup_parameters = " + ignore + "\n"
	}
	if os.Getuid() == 0 { // it refuses to be root
		config += "user = nobody\n"
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, file)
	says, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(says)
	var before strings.Builder
	up := false
	for !up && lines.Scan() {
		fmt.Fprintln(&before, lines.Text())
		up = strings.Contains(lines.Text(), "process up")
	}
	go func() {
		for lines.Scan() { // it must not wait for a reader
		}
	}()
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if !up {
		t.Fatalf("pgbouncer does not listen: %s", before.String())
	}
	return fmt.Sprintf("postgres://%s@127.0.0.1:%s%s?sslmode=disable", u.User.Username(), port, u.Path)
}

// T133: each mode of PgBouncer carries everything, or is refused in a sentence that says what to do.
func TestPgBouncer(t *testing.T) {
	direct := postgrestest.Private(t).URL()
	session, transaction, statement := pgbouncer(t, direct, "session", ignored), pgbouncer(t, direct, "transaction", ignored), pgbouncer(t, direct, "statement", ignored)
	refuses := func(says string, args ...string) {
		t.Helper()
		out, errs, code := porteiro(t, "", args...)
		if code != 1 || out != "" || !strings.Contains(errs, says) {
			t.Errorf("%v: exit %d: %q %q; want %q", args, code, out, errs, says)
		}
	}
	refuses("write ignore_startup_parameters = "+ignored+" into its configuration", "migrate", "--database-url", pgbouncer(t, direct, "session", ""))
	refuses("a pooler shares connections by the transaction, which loses the lock", "migrate", "--database-url", transaction)
	refuses("a pooler shares connections by the transaction, which loses the lock", "serve", "--database-url", transaction+"&binary_parameters=yes")
	if out, errs, code := porteiro(t, "", "migrate", "--database-url", session); code != 0 || !strings.Contains(out, "applied") {
		t.Fatalf("migrate: exit %d: %s%s", code, out, errs)
	}
	refuses("binary_parameters=yes into the database URL", "serve", "--database-url", transaction)
	for _, parameters := range []string{"", "&binary_parameters=yes"} {
		refuses("take pool_mode = session, or transaction", "serve", "--database-url", statement+parameters)
		out, code := doctor(t, statement+parameters)
		if code != 1 || !strings.Contains(out, "problem  pooler: ") {
			t.Errorf("doctor: exit %d: %s", code, out)
		}
	}
	if out, code := doctor(t, session); code != 0 || !strings.Contains(out, "warning  pooler: a pooler does not pass on settings") {
		t.Errorf("doctor: exit %d: %s", code, out)
	}
	for _, setting := range []string{ // as deploy/operations.md has it
		"plan_cache_mode = force_generic_plan", "enable_seqscan = off", "enable_hashjoin = off", "enable_mergejoin = off", "jit = off",
		"statement_timeout = 1800", "lock_timeout = 1500", "idle_in_transaction_session_timeout = 10000",
	} {
		change(t, direct, "ALTER ROLE postgres SET "+setting)
	}
	session, transaction = pgbouncer(t, direct, "session", ignored), pgbouncer(t, direct, "transaction", ignored)+"&binary_parameters=yes"
	if out, code := doctor(t, session); code != 0 || strings.Contains(out, "pooler") {
		t.Errorf("doctor: exit %d: %s", code, out)
	}
	if out, code := doctor(t, transaction); code != 0 || !strings.Contains(out, "warning  pooler: a pooler shares connections by the transaction") || strings.Contains(out, "does not pass on") {
		t.Errorf("doctor: exit %d: %s", code, out)
	}
	for name, through := range map[string]string{"session": session, "transaction": transaction} {
		t.Run(name, func(t *testing.T) {
			change(t, direct, "DELETE FROM users")
			story(t, through)
		})
	}
	t.Run("crowd", func(t *testing.T) { crowd(t, session, transaction) })
}

// crowd has many sign in, refresh and leave at once on two nodes, through fewer connections than they have.
func crowd(t *testing.T, locations ...string) {
	const people = 12
	var nodes []*node
	for _, location := range locations {
		nodes = append(nodes, serve(t, location, "--register-limit", "off", "--hash-queue", "200", "--request-timeout", "25s", "--database-pool", "4"))
	}
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			a, b := nodes[i%len(nodes)], nodes[(i+1)%len(nodes)]
			body := fmt.Sprintf(`{"email":"crowd-%d@example.com","password":"correct horse battery"}`, i)
			for _, path := range []string{"/register", "/login"} {
				answer, err := a.try("POST", path, "", body)
				if err != nil || answer.status/100 != 2 {
					t.Errorf("%s: %v %s", path, err, answer.body)
					return
				}
				if path == "/register" {
					continue
				}
				again, err := b.try("POST", "/refresh", answer.text("refresh_token"), "")
				if err != nil || again.status != 200 {
					t.Errorf("/refresh: %v %s", err, again.body)
					return
				}
				if out, err := a.try("POST", "/logout", again.text("access_token"), ""); err != nil || out.status != 200 {
					t.Errorf("/logout: %v %s", err, out.body)
				}
				if out, err := b.try("GET", "/protected", again.text("access_token"), ""); err != nil || out.status != 401 {
					t.Errorf("after the logout: %v %d", err, out.status)
				}
			}
		})
	}
	all.Wait()
	for _, n := range nodes {
		if log := n.stderr.String(); strings.Contains(log, "request failed") {
			t.Errorf("it says %s", log)
		}
	}
}
