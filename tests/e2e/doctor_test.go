package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

// doctor runs it and returns what it says and its exit code.
func doctor(t *testing.T, location string, more ...string) (string, int) {
	t.Helper()
	out, errs, code := porteiro(t, "", append([]string{"doctor", "--database-url", location}, more...)...)
	if code == 0 && errs != "" || code == 1 && errs != "porteiro: there are problems\n" {
		t.Errorf("exit %d: %q", code, errs)
	}
	return out, code
}

// What is well is said to be, on either store, and nothing is changed, not even when there is nothing yet.
func TestDoctorOfAHealthyService(t *testing.T) {
	places := stores()
	places["postgres"] = func(t *testing.T) string { return postgrestest.Private(t).URL() } // the others' loses what a crash would
	for name, location := range places {
		t.Run(name, func(t *testing.T) {
			location := location(t)
			if out, code := doctor(t, location); code != 0 || !strings.Contains(out, "porteiro migrate") {
				t.Errorf("before there is anything: exit %d: %s", code, out)
			}
			if out, code := doctor(t, location, "--no-migrate"); code != 1 || !strings.Contains(out, "problem ") {
				t.Errorf("before there is anything, and serve would make nothing: exit %d: %s", code, out)
			}
			if path, found := strings.CutPrefix(location, "sqlite:"); found {
				if _, err := os.Stat(path); err == nil {
					t.Error("it made the file")
				}
			}
			n := serve(t, location)
			n.stop()
			out, code := doctor(t, location)
			if code != 0 || strings.Contains(out, "problem") || strings.Contains(out, "warning") {
				t.Errorf("exit %d: %s", code, out)
			}
			for _, about := range []string{"configuration", "database", "schema", "clock", "signing keys"} {
				if !strings.Contains(out, "ok       "+about+": ") {
					t.Errorf("it says nothing of the %s: %s", about, out)
				}
			}
			out, _ = doctor(t, location, "--json")
			var found []struct{ Level, About, Says string }
			if err := json.Unmarshal([]byte(out), &found); err != nil || len(found) < 5 || found[0].Level != "ok" || found[0].Says == "" {
				t.Errorf("as JSON: %v %s", err, out)
			}
		})
	}
}

// Each finding is provoked once, and says what to do.
func TestDoctorFinds(t *testing.T) {
	open, good, old, soon := filepath.Join(t.TempDir(), "key"), valid(t, "id.example"), valid(t, "id.example"), valid(t, "id.example")
	old.write(t, "id.example", time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
	soon.write(t, "id.example", time.Now().Add(-time.Hour), time.Now().Add(240*time.Hour))
	good.write(t, "id.example", time.Now().Add(-time.Hour), time.Now().Add(2400*time.Hour))
	kek := kekFile(t, 1)
	secret, err := os.ReadFile(kek)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(open, secret, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	chmod := func(mode os.FileMode) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	sql := func(statements ...string) func(*testing.T, string) {
		return func(t *testing.T, path string) { change(t, "sqlite:"+path, statements...) }
	}
	for name, c := range map[string]struct {
		args string
		do   func(t *testing.T, path string)
		code int
		says string
	}{
		"plain-HTTP issuer":          {"--issuer http://id.example", nil, 0, "warning  configuration: the issuer is a plain-HTTP URL"},
		"no limit":                   {"--login-limit off", nil, 0, "warning  configuration: guessing at passwords is not bounded"},
		"wide proxies":               {"--trusted-proxy 10.0.0.0/7", nil, 0, "warning  trusted proxies: 10.0.0.0/7 is a large part"},
		"a proxy that nobody named":  {"--issuer https://id.example", nil, 0, "warning  trusted proxies: the issuer is https and porteiro is not"},
		"open to the network":        {"--listen :8080", nil, 0, "warning  listening: passwords and tokens come to :8080 unencrypted"},
		"gRPC open to the network":   {"--grpc-listen :9090", nil, 0, "warning  listening: passwords and tokens come to :9090 unencrypted"},
		"a readable secret":          {"--key-encryption-key-file " + open, nil, 0, "warning  key-encryption key: " + open + " can be read by others"},
		"a secret that is none":      {"--key-encryption-key-file " + good.cert, nil, 1, "problem  key-encryption key: "},
		"no secret of the Flask app": {"--flask-until 2099-12-31 --flask-secret-file /nonexistent", nil, 1, "problem  Flask secret: --flask-secret-file: open /nonexistent"},
		"the app's, for everybody":   {"--flask-until 2099-12-31 --flask-secret-file " + open, nil, 0, "warning  Flask secret: " + open + " can be read by others"},
		"unsealed keys":              {"--key-encryption-key-file " + kek, nil, 0, "warning  signing keys: some are unsealed"},
		"an expired certificate":     {"--tls-cert-file " + old.cert + " --tls-key-file " + old.key, nil, 1, "problem  certificate: the certificate in " + old.cert + " expired"},
		"a certificate near its end": {"--tls-cert-file " + soon.cert + " --tls-key-file " + soon.key, nil, 0, "warning  certificate: " + soon.cert + " expires on"},
		"another's certificate":      {"--tls-cert-file " + good.cert + " --tls-key-file " + old.key, nil, 1, "are no certificate and its key"},
		"another host's certificate": {"--issuer https://other.example --tls-cert-file " + good.cert + " --tls-key-file " + good.key, nil, 0, "warning  certificate: " + good.cert + " is not of other.example"},
		"a database for everybody":   {"", chmod(0o604), 1, "problem  database file: everybody on this machine can read or write"},
		"a database for a group":     {"", chmod(0o660), 0, "warning  database file: its group can read or write"},
		"a folder for everybody": {"", func(t *testing.T, path string) { chmod(0o777)(t, filepath.Dir(path)) }, 1,
			"problem  database file: everybody on this machine can replace the database"},
		"no database at all": {"", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, 1, "problem  database: sqlite: "},
		"a former schema":              {"", sql("drop table clients", "delete from porteiro_migrations where version_id > 2"), 0, "warning  schema: "},
		"a former schema that stays":   {"--no-migrate", sql("drop table clients", "delete from porteiro_migrations where version_id > 2"), 1, "problem  schema: "},
		"another application's schema": {"", sql("drop table porteiro_migrations"), 1, "problem  schema: "},
		"keys that nobody opens": {"", func(t *testing.T, path string) {
			key(t, "sqlite:"+path, "seal", "--key-encryption-key-file", kek)
		}, 1, "problem  signing keys: "},
		"no key that signs":   {"", sql("update signing_keys set retired_at = 1 where purpose = 'refresh'"), 1, "problem  signing keys: no key signs refresh tokens: porteiro key rotate --purpose refresh"},
		"a key that is late":  {"", sql("update signing_keys set active_from = active_from - 2600000000000 where purpose = 'access'"), 0, "warning  signing keys: the next key for access tokens is overdue"},
		"another algorithm":   {"--algorithm ES256", nil, 0, "warning  signing keys: access tokens are signed with EdDSA and --algorithm is ES256"},
		"no keys yet":         {"", sql("delete from signing_keys"), 0, "ok       signing keys: there are none yet"},
		"a missing directory": {"--database-url sqlite:/nonexistent/x.db", nil, 1, "problem  database: sqlite: /nonexistent/x.db: the directory /nonexistent is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "porteiro.db")
			n := serve(t, "sqlite:"+path)
			n.stop()
			if c.do != nil {
				c.do(t, path)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out, code := doctor(t, "sqlite:"+path, strings.Fields(c.args)...)
			if code != c.code || !strings.Contains(out, c.says) {
				t.Errorf("exit %d, want %d and %q: %s", code, c.code, c.says, out)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the database was written to, %v", err)
			}
		})
	}
}

// Settings that serve refuses are refused in the same words, with exit code 2.
func TestDoctorRefusesWhatServeRefuses(t *testing.T) {
	for _, args := range []string{
		"--listen x", "--access-ttl 0s", "--database-url mysql://x", "--trusted-proxy 0.0.0.0/0", "--hash-slots 100000", "--log-format xml",
		"--cookie-domain example.com", "--key-poll 0s", "now",
	} {
		_, serves, code1 := porteiro(t, "", append([]string{"serve"}, strings.Fields(args)...)...)
		out, examined, code2 := porteiro(t, "", append([]string{"doctor"}, strings.Fields(args)...)...)
		if code1 != 2 || code2 != 2 || out != "" || strings.ReplaceAll(examined, "doctor", "serve") != serves {
			t.Errorf("%s: exit %d %q, exit %d %q%q", args, code1, serves, code2, out, examined)
		}
	}
}

// What of PostgreSQL matters is found: what loses an acknowledged logout, a standby, a server that is away.
func TestDoctorOfPostgreSQL(t *testing.T) {
	for name, c := range map[string]struct {
		settings []string
		query    string // beside sslmode
		args     string
		code     int
		says     string
	}{
		"as it comes":                {nil, "", "", 0, "ok       postgresql: "},
		"fsync":                      {[]string{"fsync=off"}, "", "", 1, "problem  postgresql: fsync is off"},
		"full pages":                 {[]string{"full_page_writes=off"}, "", "", 1, "problem  postgresql: full_page_writes is off"},
		"the server's commit is off": {[]string{"synchronous_commit=off"}, "", "", 0, "ok       postgresql: "}, // porteiro's connections switch it on
		"the URL's commit is off":    {nil, "&synchronous_commit=off", "", 1, "problem  postgresql: synchronous_commit is off in the database URL"},
		"local commit":               {[]string{"synchronous_standby_names=b"}, "&synchronous_commit=local", "", 0, "warning  postgresql: synchronous_commit is local"},
		"read-only":                  {nil, "&default_transaction_read_only=on&target_session_attrs=any", "", 1, "problem  postgresql: default_transaction_read_only is on"},
		"a large pool":               {[]string{"max_connections=20"}, "", "--database-pool 40", 0, "warning  postgresql: --database-pool is 40 and the server lets 17 in"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := postgrestest.Private(t, c.settings...)
			quiet := server.URL() + "&synchronous_commit=local" // nothing waits for a standby that is not there
			if _, errs, code := porteiro(t, "", "migrate", "--database-url", quiet); code != 0 {
				t.Fatal(errs)
			}
			out, code := doctor(t, server.URL()+c.query, strings.Fields(c.args)...)
			if code != c.code || !strings.Contains(out, c.says) {
				t.Errorf("exit %d, want %d and %q: %s", code, c.code, c.says, out)
			}
			if name != "as it comes" {
				return
			}
			server.Stop()
			if out, code := doctor(t, server.URL()); code != 1 || !strings.Contains(out, "problem  database: postgres: nothing answers at") {
				t.Errorf("of a server that is away: exit %d: %s", code, out)
			}
		})
	}
}
