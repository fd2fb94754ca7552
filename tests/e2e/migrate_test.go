package e2e_test

import (
	"database/sql"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// change is a change of the database behind porteiro's back.
func change(t *testing.T, location string, statements ...string) {
	t.Helper()
	driver, at := "postgres", location
	if path, found := strings.CutPrefix(location, "sqlite:"); found {
		driver, at = "sqlite", path
	}
	db, err := sql.Open(driver, at)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// A dry run says what migrate does, which then does it, and makes nothing, not even the file.
func TestMigrateDryRun(t *testing.T) {
	for name, location := range stores() {
		t.Run(name, func(t *testing.T) {
			location := location(t)
			migrate := func(args ...string) string {
				t.Helper()
				out, errs, code := porteiro(t, "", append([]string{"migrate", "--database-url", location}, args...)...)
				if code != 0 || errs != "" {
					t.Fatalf("exit %d: %s%s", code, out, errs)
				}
				return out
			}
			var would []string
			for range 2 {
				would = nil
				out := migrate("--dry-run")
				for _, line := range strings.Split(out, "\n") {
					if step, found := strings.CutPrefix(line, "would apply "); found {
						would = append(would, "applied "+strings.TrimSuffix(step, ":"))
					}
				}
				if !strings.Contains(strings.ToLower(out), "    create table clients (") {
					t.Errorf("it does not say the SQL: %s", out)
				}
			}
			if path, found := strings.CutPrefix(location, "sqlite:"); found {
				if left, _ := filepath.Glob(path + "*"); left != nil {
					t.Errorf("it made %v", left)
				}
			}
			if out, want := migrate(), strings.Join(append(would, "the schema is up to date\n"), "\n"); out != want || len(would) < 3 {
				t.Errorf("migrate says\n%swant\n%s", out, want)
			}
			if out := migrate("--dry-run"); out != "the schema is up to date\n" {
				t.Errorf("a dry run afterwards says %s", out)
			}
		})
	}
}

// A schema that is half behind: what is applied already is not said to be pending.
func TestMigrateDryRunOfAFormerSchema(t *testing.T) {
	for name, location := range stores() {
		t.Run(name, func(t *testing.T) {
			location := location(t)
			if _, errs, code := porteiro(t, "", "migrate", "--database-url", location); code != 0 {
				t.Fatal(errs)
			}
			change(t, location, "drop table clients", "delete from porteiro_migrations where version_id > 3")
			out, errs, code := porteiro(t, "", "migrate", "--dry-run", "--database-url", location)
			if code != 0 || strings.Contains(strings.ToLower(out), "create table attempts") || !strings.Contains(out, "clients") || errs != "" {
				t.Errorf("exit %d: %s%s", code, out, errs)
			}
		})
	}
}

// A database that is newer than the binary, and says that it is not for it, is refused by every command in one sentence.
func TestADatabaseThatIsNewerThanTheBinary(t *testing.T) {
	for name, location := range stores() {
		t.Run(name, func(t *testing.T) {
			location := location(t)
			if _, errs, code := porteiro(t, "", "migrate", "--database-url", location); code != 0 {
				t.Fatal(errs)
			}
			newer := "insert into porteiro_migrations (version_id, is_applied) values (90, true)"
			change(t, location, newer)
			for _, args := range []string{"migrate", "migrate --dry-run", "user list", "client list", "key list"} { // one that admits it
				if out, errs, code := porteiro(t, "", append(strings.Fields(args), "--database-url", location)...); code != 0 {
					t.Errorf("%s: exit %d: %s%s", args, code, out, errs)
				}
			}
			change(t, location, "update porteiro_schema set oldest = 80")
			for _, args := range []string{
				"serve", "serve --no-migrate", "migrate", "migrate --dry-run", "user list", "user add a@example.com", "user logout --all",
				"client list", "client add gate", "key list", "key rotate", "token explain",
			} {
				out, errs, code := porteiro(t, "some password\n", append(strings.Fields(args), "--database-url", location)...)
				const says = "this database needs a newer porteiro (its schema is 90, oldest 80; this binary knows "
				if code != 1 || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, says) || !strings.HasSuffix(errs, "upgrade the binary\n") {
					t.Errorf("%s: exit %d: %q %q", args, code, out, errs)
				}
			}
			out, _, code := porteiro(t, "", "doctor", "--database-url", location)
			if code != 1 || !strings.Contains(out, "problem  schema: ") || !strings.Contains(out, "upgrade the binary") {
				t.Errorf("doctor: exit %d: %s", code, out)
			}
		})
	}
}

// Cobra's scripts for the shells work, and know the subcommands.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		out, errs, code := porteiro(t, "", "completion", shell)
		if code != 0 || errs != "" || !strings.Contains(out, "porteiro") || !strings.Contains(out, "__complete") {
			t.Errorf("%s: exit %d: %q %.200s", shell, code, errs, out)
		}
	}
	out, _, code := porteiro(t, "", "__complete", "client", "")
	if code != 0 || !strings.Contains(out, "add\t") || !strings.Contains(out, "delete\t") {
		t.Errorf("after client it offers %q", out)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash to take the script")
	}
	script, _, _ := porteiro(t, "", "completion", "bash")
	cmd := exec.Command(bash, "--norc", "-c", "source /dev/stdin && complete -p porteiro")
	cmd.Stdin = strings.NewReader(script)
	if got, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(got), "__start_porteiro") {
		t.Errorf("bash says %s, %v", got, err)
	}
}
