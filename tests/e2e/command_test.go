package e2e_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

func TestUserCommands(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db") },
		"postgres": func(t *testing.T) string { return postgrestest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) { userCommands(t, url(t)) })
	}
}

func userCommands(t *testing.T, databaseURL string) {
	n := serve(t, databaseURL, "--registration", "closed")
	user := func(stdin string, args ...string) string {
		t.Helper()
		args = append([]string{"user"}, args...)
		out, errs, code := porteiro(t, stdin, append(args, "--database-url", databaseURL)...)
		if code != 0 {
			t.Fatalf("%v: exit %d: %s", args, code, errs)
		}
		return out
	}
	n.expect("registration", n.ask("POST", "/register", "", credentials), 403, "code", "registration_closed")
	if out := user("correct horse battery\n", "add", " Ana@Example.com", "--role", "writer,admin"); !strings.HasPrefix(out, "added ana@example.com (") {
		t.Errorf("add says %q", out)
	}
	token, _ := n.login()
	n.expect("roles", n.ask("GET", "/authorize?role=admin", token, ""), 200, "email", "ana@example.com")
	user("", "roles", "ana@example.com", "reader")
	n.expect("after the role was taken", n.ask("GET", "/authorize?role=admin", token, ""), 403, "code", "insufficient_role")
	user("", "roles", "ana@example.com", "--none")
	if out := user("", "list"); !strings.Contains(out, "ana@example.com") || !strings.Contains(out, "active") {
		t.Errorf("list says %q", out)
	}
	if out := user("", "show", "ana@example.com", "--json"); !strings.Contains(out, `"roles": []`) || strings.Contains(out, "argon2") {
		t.Errorf("show says %q", out)
	}
	user("", "logout", "ana@example.com")
	n.refuses("after user logout", token)
	token, _ = n.login()
	user("", "disable", "ana@example.com")
	n.refuses("after user disable", token)
	n.expect("login of a disabled user", n.ask("POST", "/login", "", credentials), 401, "msg", "Credenciais inválidas")
	if out := user("", "show", "ana@example.com"); !strings.Contains(out, "disabled") {
		t.Errorf("show says %q", out)
	}
	user("", "enable", "ana@example.com")
	token, _ = n.login()
	user("another good one", "password", "ana@example.com")
	n.refuses("after user password", token)
	n.expect("login with the old one", n.ask("POST", "/login", "", credentials), 401, "msg", "Credenciais inválidas")
	if a := n.ask("POST", "/login", "", `{"email":"ana@example.com","password":"another good one"}`); a.status != 200 {
		t.Errorf("login with the new one: %d %s", a.status, a.body)
	}
	user("", "delete", "ana@example.com")
	if out := user("", "list", "--json"); out != "" {
		t.Errorf("after delete, list says %q", out)
	}
}

// A wrong call is exit 2, a failure exit 1; either is one line that says what to do, and no trace of a stack.
func TestRefusalsAtStart(t *testing.T) {
	private := postgrestest.Private(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	fresh := func() string { return "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db") }
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := porteiro(t, "", "migrate", "--database-url", private.URL()); code != 0 {
		t.Fatalf("migrate: %s", errs)
	}
	for _, c := range []struct {
		name string
		args []string
		env  []string
		code int
		says string
	}{
		{"unknown flag", []string{"serve", "--listne", "x"}, nil, 2, "serve --help"},
		{"unknown command", []string{"srve"}, nil, 2, "--help"},
		{"unknown subcommand", []string{"user", "ad"}, nil, 2, "--help"},
		{"help for none", []string{"help", "srve"}, nil, 2, `there is no "porteiro srve"`},
		{"help for none of a command", []string{"help", "user", "ad"}, nil, 2, `there is no "porteiro user ad"`},
		{"missing argument", []string{"user", "show"}, nil, 2, "user show EMAIL"},
		{"unknown variable", []string{"serve"}, []string{"PORTEIRO_LISTEM=x"}, 2, "PORTEIRO_LISTEM"},
		{"variable of the wrong type", []string{"serve"}, []string{"PORTEIRO_ACCESS_TTL=soon"}, 2, "PORTEIRO_ACCESS_TTL"},
		{"another database", []string{"serve", "--database-url", "mysql://x"}, nil, 2, "sqlite:PATH nor postgres://"},
		{"two databases", []string{"serve", "--database-url", "sqlite:x", "--database-url-file", text}, nil, 2, "leave one out"},
		{"registration", []string{"serve", "--registration", "maybe"}, nil, 2, "open or closed"},
		{"log format", []string{"serve", "--log-format", "xml"}, nil, 2, "text or json"},
		{"base path", []string{"serve", "--base-path", "auth", "--database-url", private.URL()}, nil, 2, "such as /auth"},
		{"algorithm", []string{"serve", "--algorithm", "none"}, nil, 2, "EdDSA, ES256, RS256, HS256"},
		{"rotation", []string{"serve", "--key-rotation", "1m"}, nil, 2, "--jwks-max-age"},
		{"key poll", []string{"serve", "--key-poll", "0s"}, nil, 2, "--key-poll"},
		{"age of public keys", []string{"serve", "--jwks-max-age=-1s"}, nil, 2, "not negative"},
		{"ages that contradict", []string{"serve", "--session-ttl", "1m"}, nil, 2, "--session-ttl"},
		{"a secret without an end", []string{"serve", "--flask-secret-file", text}, nil, 2, "--flask-until"},
		{"an end without a secret", []string{"serve", "--flask-until", "2027-01-31"}, nil, 2, "--flask-secret-file"},
		{"an end that is no date", []string{"serve", "--flask-secret-file", text, "--flask-until", "soon"}, nil, 2, "2027-01-31"},
		{"no secret", []string{"serve", "--flask-secret-file", "/nonexistent", "--flask-until", "2027-01-31"}, nil, 1, "--flask-secret-file"},
		{"an empty secret", []string{"serve", "--flask-secret-file", os.DevNull, "--flask-until", "2027-01-31"}, nil, 1, "JWT_SECRET_KEY"},
		{"no source", []string{"import", "flask"}, nil, 2, "--from is missing"},
		{"another source", []string{"import", "flask", "--from", "mysql://x"}, nil, 2, "sqlite:PATH nor postgres://"},
		{"an unreadable source", []string{"import", "flask", "--from", "postgres://u:se/same@h/x"}, nil, 2, "%40"},
		{"a source with an option of nobody", []string{"import", "flask", "--from", "postgres://u@h/x?sslmode=perhaps"}, nil, 2, "sslmode"},
		{"a zone of nowhere, on PostgreSQL", []string{"import", "flask", "--from", private.URL(), "--time-zone", "Nowhere/City"}, nil, 2, "TimeZone"},
		{"no source file", []string{"import", "flask", "--from", "sqlite:none.db"}, nil, 1, "no file none.db"},
		{"a source that is none", []string{"import", "flask", "--from", "sqlite:" + text}, nil, 1, "not a database"},
		{"a source of porteiro's", []string{"import", "flask", "--from", private.URL()}, nil, 1, "ids of the type uuid"},
		{"a source without the server", []string{"import", "flask", "--from", "postgres://u:sesame@127.0.0.1:1/x?sslmode=disable"}, nil, 1, "127.0.0.1:1"},
		{"a source with the wrong password", []string{"import", "flask", "--from", private.URLWithPassword("sesame")}, nil, 1, "password"},
		{"no zone", []string{"import", "flask", "--from", "sqlite:" + text, "--time-zone", "Brazil/Nowhere"}, nil, 2, "no time zone"},
		{"no database file", []string{"user", "list", "--database-url", "sqlite:none.db"}, nil, 1, "porteiro migrate"},
		{"folder missing", []string{"serve", "--database-url", "sqlite:/nonexistent/x.db"}, nil, 1, "/nonexistent"},
		{"no database in the file", []string{"serve", "--database-url", "sqlite:" + text}, nil, 1, "not a database"},
		{"port taken", []string{"serve", "--listen", taken.Addr().String(), "--database-url", private.URL()}, nil, 1, "is taken"},
		{"no server", []string{"serve", "--database-url", "postgres://u:sesame@127.0.0.1:1/x?sslmode=disable"}, nil, 1, "127.0.0.1:1"},
		{"wrong password", []string{"serve", "--database-url", private.URLWithPassword("sesame")}, nil, 1, "password"},
		{"database missing", []string{"serve", "--database-url", strings.Replace(private.URL(), "/postgres?", "/nosuchdb?", 1)}, nil, 1, "nosuchdb"},
		{"no such user", []string{"user", "disable", "x@example.com", "--database-url", private.URL()}, nil, 1, "no user x@example.com"},
		{"not migrated", []string{"serve", "--no-migrate", "--database-url", fresh()}, nil, 1, "porteiro migrate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, errs, code := command(t, "", c.env, c.args...)
			if code != c.code || !strings.Contains(errs, c.says) {
				t.Errorf("exit %d: %q %q; want %d and %q", code, out, errs, c.code, c.says)
			}
			if strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "porteiro: ") || strings.Contains(errs, "goroutine") || strings.Contains(errs, "sesame") {
				t.Errorf("it says %q", errs)
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	path := "sqlite:" + filepath.Join(t.TempDir(), "from-environment.db")
	env := []string{"PORTEIRO_DATABASE_URL=" + path, "PORTEIRO_PORT=tcp://10.0.0.1:80", "PORTEIRO_SERVICE_HOST=10.0.0.1", "PORTEIRO_REGISTRATION=open", "PORTEIRO_LISTEN="}
	out, errs, code := command(t, "", env, "migrate")
	if code != 0 || !strings.Contains(out, "the schema is up to date") {
		t.Errorf("exit %d: %q %q", code, out, errs)
	}
	if _, err := os.Stat(strings.TrimPrefix(path, "sqlite:")); err != nil {
		t.Error(err)
	}
}

func TestHelpAndVersion(t *testing.T) {
	for _, args := range []string{"--help", "serve --help", "migrate --help", "user --help", "user add --help", "user list --help", "user logout --help", "client --help", "client add --help", "client list --help", "client delete --help", "doctor --help", "token --help", "token explain --help",
		"import --help", "import flask --help", "key --help", "key list --help", "key rotate --help", "key retire --help", "key seal --help", "version"} {
		out, errs, code := porteiro(t, "", strings.Fields(args)...)
		if code != 0 || out == "" || errs != "" {
			t.Errorf("%s: exit %d, %q %q", args, code, out, errs)
		}
	}
	for _, args := range []string{"", "serve", "user add"} {
		helped, errs, code := porteiro(t, "", strings.Fields("help "+args)...)
		if want, _, _ := porteiro(t, "", strings.Fields(args+" --help")...); helped != want || errs != "" || code != 0 {
			t.Errorf("help %s: exit %d, %q %q; want %q", args, code, helped, errs, want)
		}
	}
	out, _, _ := porteiro(t, "", "version")
	var name, version string
	if _, err := fmt.Sscan(out, &name, &version); err != nil || name != "porteiro" {
		t.Errorf("version says %q", out)
	}
}
