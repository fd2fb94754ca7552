// Package policy_test holds the repository to its own rules: who may import whom, where each third-party module lives,
// that nothing runs or changes behind a caller's back, and what a module gets that imports us. It reads source, and never
// runs it.
package policy_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// TestRepository walks this repository.
func TestRepository(t *testing.T) {
	root := os.DirFS("../..")
	seen, faults, err := check(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
	gomod, err := os.ReadFile("../../go.mod")
	if err != nil || !strings.HasPrefix(string(gomod), "module "+module+"\n") || seen < 50 {
		t.Errorf("this is not the repository: %d Go files, go.mod: %v", seen, err)
	}
}

// TestPolicy holds the policy against trees of one file.
func TestPolicy(t *testing.T) {
	const own = module + "/"
	imports := func(paths ...string) string {
		return "package p\n\nimport (\n\t\"" + strings.Join(paths, "\"\n\t\"") + "\"\n)\n"
	}
	const now = "package application\n\nimport \"time\"\n\n"
	for rule, rows := range map[string][]struct{ name, source, fault string }{
		"a folder has a row": {
			{"adapters/grpc/server.go", "package grpc", "no row"},
			{"domain/money/money.go", "package money", "no row"},
			{"main.go", "package main", "no row"},
			{"tests/chaos/chaos_test.go", "package chaos_test", "no row"},
			{"adapters/memory/store.go", "package memory", ""},
			{"adapters/tokens/testdata/gen.go", imports("example.org/x"), ""},
			{".ci/gen/gen.go", imports("example.org/x"), ""},
			{"docs/page.md", "no Go", ""},
		},
		"imports point down": {
			{"domain/a.go", imports(own + "application"), "domain may not import"},
			{"domain/a.go", imports(module), "domain may not import"},
			{"domain/a_test.go", imports(own + "domain"), ""},
			{"application/a.go", imports(own + "domain"), ""},
			{"application/a.go", imports(own + "adapters/memory"), "application may not import"},
			{"application/a_test.go", imports(own+"adapters/memory", own+"tests/contract"), ""},
			{"application/a_test.go", imports(own + "adapters/sqlite"), "application may not import"},
			{"adapters/tokens/a.go", imports(own+"application", own+"domain"), ""},
			{"adapters/tokens/a.go", imports(own + "cmd/porteiro"), "may not import"},
			{"cmd/porteiro/main.go", imports(own+"adapters/sqlite", own+"adapters/httpapi/client", own+"application"), ""},
			{"cmd/porteiro/main.go", imports(own + "tests/contract"), "may not import"},
			{"cmd/porteiro/main_test.go", imports(own + "tests/postgrestest"), ""},
			{"tests/e2e/e2e_test.go", imports(own+"adapters/httpapi/client", own+"cmd/porteiro"), ""},
		},
		"adapters never import each other": {
			{"adapters/sqlite/a.go", imports(own + "adapters/postgres"), "may not import"},
			{"adapters/sqlite/a_test.go", imports(own + "adapters/postgres"), "may not import"},
			{"adapters/sqlite/a.go", imports(own + "adapters/memory"), "may not import"},
			{"adapters/sqlite/a_test.go", imports(own+"adapters/sqlite", own+"adapters/memory"), ""},
			{"adapters/tokens/a.go", imports(own + "adapters/httpapi/internal/wire"), "may not import"},
			{"adapters/httpapi/a.go", imports(own + "adapters/tokens"), "may not import"},
		},
		"the transport and its client meet in wire": {
			{"adapters/httpapi/a.go", imports(own + "adapters/httpapi/internal/wire"), ""},
			{"adapters/httpapi/client/a.go", imports(own + "adapters/httpapi/internal/wire"), ""},
			{"adapters/httpapi/client/a.go", imports(own + "adapters/httpapi"), "may not import"},
			{"adapters/httpapi/a.go", imports(own + "adapters/httpapi/client"), "may not import"},
			{"adapters/httpapi/a_test.go", imports(own + "adapters/httpapi/client"), ""},
			{"adapters/httpapi/internal/wire/a.go", imports(own + "adapters/httpapi"), "may not import"},
			{"adapters/httpapi/guard/a.go", imports(own+"adapters/httpapi/internal/answer", own+"adapters/httpapi/internal/carried"), ""},
			{"adapters/httpapi/guard/a.go", imports(own + "adapters/httpapi"), "may not import"},
			{"adapters/httpapi/guard/a.go", imports(own + "tests/inprocess"), "may not import"},
		},
		"only tests stand on the suites, and the suites on the core": {
			{"adapters/memory/a.go", imports(own + "tests/contract"), "may not import"},
			{"adapters/memory/a_test.go", imports(own + "tests/contract"), ""},
			{"adapters/postgres/a_test.go", imports(own + "tests/postgrestest"), ""},
			{"adapters/memory/a_test.go", imports(own + "tests/e2e"), "may not import"},
			{"tests/contract/a.go", imports(own+"domain", own+"application", "testing"), ""},
			{"tests/contract/a.go", imports(own + "adapters/memory"), "may not import"},
			{"tests/contract/a.go", imports("github.com/google/go-cmp/cmp"), "it is for tests"},
			{"tests/postgrestest/a.go", imports(own + "domain"), "may not import"},
		},
		"the core does no I/O": {
			{"domain/a.go", imports("context"), "no I/O"},
			{"domain/a.go", imports("net/http"), "no I/O"},
			{"domain/a.go", imports("os"), "no I/O"},
			{"domain/a.go", imports("errors", "slices", "strings", "time", "unicode/utf8"), ""},
			{"domain/a_test.go", imports("math/rand/v2", "testing"), ""},
			{"application/a.go", imports("database/sql"), "no I/O"},
			{"application/a.go", imports("log/slog"), "no I/O"},
			{"application/a.go", imports("context", "crypto/rand"), ""},
			{"adapters/sqlite/a.go", imports("os", "database/sql"), ""},
			{"adapters/sqlite/a.go", imports("C"), "cgo"},
		},
		"a third-party module stays at home": {
			{"domain/a.go", imports("github.com/google/uuid"), "no home"},
			{"domain/a_test.go", imports("github.com/google/go-cmp/cmp"), ""},
			{"domain/a.go", imports("github.com/google/go-cmp/cmp"), "it is for tests"},
			{"domain/a_test.go", imports("github.com/stretchr/testify/assert"), "no home"},
			{"application/a.go", imports("golang.org/x/crypto/argon2"), "its home is"},
			{"adapters/passwords/a.go", imports("golang.org/x/crypto/argon2"), ""},
			{"adapters/passwords/a.go", imports("golang.org/x/crypto2"), "no home"},
			{"adapters/tokens/a.go", imports("github.com/golang-jwt/jwt/v5", "github.com/go-json-experiment/json/jsontext"), ""},
			{"adapters/tokens/a.go", imports("github.com/golang-jwt/jwt/v4"), "no home"},
			{"adapters/tokens/a.go", imports("golang.org/x/crypto/hkdf"), "its home is"},
			{"adapters/httpapi/a.go", imports("github.com/golang-jwt/jwt/v5"), "its home is"},
			{"adapters/httpapi/a_test.go", imports("github.com/golang-jwt/jwt/v5"), "its home is"},
			{"adapters/httpapi/a.go", imports("github.com/rs/cors"), ""},
			{"adapters/httpapi/internal/answer/a.go", imports("golang.org/x/text/language"), ""},
			{"adapters/httpapi/client/a.go", imports("golang.org/x/text/language"), "its home is"},
			{"adapters/httpapi/internal/wire/a.go", imports("github.com/go-json-experiment/json"), ""},
			{"adapters/postgres/a.go", imports("github.com/jmoiron/sqlx", "github.com/lib/pq", "github.com/pressly/goose/v3/lock"), ""},
			{"adapters/postgres/a.go", imports("modernc.org/sqlite"), "its home is"},
			{"adapters/sqlite/a.go", imports("github.com/jmoiron/sqlx", "modernc.org/sqlite/lib", "github.com/pressly/goose/v3"), ""},
			{"adapters/sqlite/a.go", imports("github.com/lib/pq"), "its home is"},
			{"adapters/memory/a.go", imports("github.com/jmoiron/sqlx"), "its home is"},
			{"cmd/porteiro/main.go", imports("github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term"), ""},
			{"adapters/httpapi/a.go", imports("github.com/spf13/pflag"), "its home is"},
			{"tests/postgrestest/a.go", imports("github.com/testcontainers/testcontainers-go", "github.com/moby/moby/client", "github.com/lib/pq"), ""},
			{"tests/e2e/a_test.go", imports("github.com/docker/go-connections/nat"), "its home is"},
		},
		"no dot imports": {
			{"domain/a.go", "package domain\n\nimport . \"time\"\n\nvar _ = Now\n", "dot import"},
		},
		"nothing runs by itself": {
			{"adapters/sqlite/a.go", "package sqlite\n\nfunc init() {}\n", "func init()"},
			{"adapters/sqlite/a_test.go", "package sqlite\n\nfunc init() {}\n", "func init()"},
			{"cmd/porteiro/main.go", "package main\n\nfunc init() {}\n", "func init()"},
			{"adapters/sqlite/a.go", "package sqlite\n\ntype t struct{}\n\nfunc (t) init() {}\n", ""},
			{"adapters/grpcapi/porteiro/v1/a.go", "// Code generated by x. DO NOT EDIT.\n\npackage v1\n\nfunc init() {}\n", ""},
			{"adapters/grpcapi/porteiro/v1/a.go", "package v1\n\nfunc init() {}\n", "func init()"},
			{"adapters/grpcapi/a.go", "// Code generated by x. DO NOT EDIT.\n\npackage grpcapi\n\nfunc init() {}\n", "func init()"},
		},
		"a Clock says what time it is": {
			{"domain/a.go", "package domain\n\nimport \"time\"\n\nfunc f() time.Time { return time.Now() }\n", "time.Now"},
			{"domain/a.go", "package domain\n\nimport clock \"time\"\n\nfunc f() clock.Time { return clock.Now() }\n", "time.Now"},
			{"application/a.go", now + "func f() func() time.Time { return time.Now }\n", "time.Now"},
			{"application/a_test.go", now + "const c = 1\n\nvar then = time.Now()\n", "time.Now"},
			{"application/application.go", now + "func New(d Deps) { if d.Clock == nil { d.Clock = time.Now } }\n", ""},
			{"application/application.go", now + "func New(d Deps) { d.Clock = time.Now; d.Born = time.Now() }\n", "time.Now"},
			{"application/application.go", now + "func Other(d Deps) { d.Clock = time.Now }\n", "time.Now"},
			{"application/application.go", now + "func (Deps) New(d Deps) { d.Clock = time.Now }\n", "time.Now"},
			{"application/login.go", now + "func New(d Deps) { d.Clock = time.Now }\n", "time.Now"},
			{"application/a.go", "package application\n\nfunc f(time interface{ Now() int }) int { return time.Now() }\n", ""},
			{"adapters/memory/store.go", now + "var _ = time.Now()\n", ""},
		},
		"nothing changes behind a caller's back": {
			{"domain/a.go", "package domain\n\nvar cache = map[string]int{}\n", "cache could change"},
			{"domain/a.go", "package domain\n\nimport \"errors\"\n\nvar ErrB, a = errors.New(\"b\"), 1\n", "a could change"},
			{"domain/a.go", "package domain\n\nimport \"errors\"\n\nvar ErrGone = errors.New(\"gone\")\n", ""},
			{"domain/a.go", "package domain\n\nvar ErrGone error\n", "ErrGone could change"},
			{"domain/a.go", "package domain\n\nvar ErrGone = make()\n", "ErrGone could change"},
			{"domain/a.go", "package domain\n\nimport \"x\"\n\nvar ErrGone = x.New()\n", "ErrGone could change"},
			{"domain/a.go", "package domain\n\nimport \"errors\"\n\nvar gone = errors.New(\"gone\")\n", "gone could change"},
			{"application/a.go", "package application\n\nvar (\n\t_ Gate = (*Core)(nil)\n\t_ Other = (*Core)(nil)\n)\n", ""},
			{"application/a.go", "package application\n\nvar (\n\t_ Gate = (*Core)(nil)\n\tcalls int\n)\n", "calls could change"},
			{"application/a.go", "package application\n\nfunc f() { var local int; _ = local }\n", ""},
			{"application/a_test.go", "package application_test\n\nvar noon = 12\n", ""},
			{"domain/a.go", "package domain\n\nimport _ \"embed\"\n\n//go:embed a.txt\nvar list string\n", ""},
			{"domain/a.go", "package domain\n\nimport _ \"embed\"\n\n//go:embed a.txt\nvar list []byte\n", "list could change"},
			{"domain/a.go", "package domain\n\n// go:embed a.txt\nvar list string\n", "list could change"},
			{"application/a.go", "package application\n\nconst c = 1\n", ""},
		},
	} {
		t.Run(strings.ReplaceAll(rule, " ", "_"), func(t *testing.T) {
			for _, r := range rows {
				_, faults, err := check(fstest.MapFS{r.name: {Data: []byte(r.source)}})
				if err != nil {
					t.Errorf("%s: %v", r.name, err)
				}
				switch {
				case r.fault == "" && len(faults) > 0:
					t.Errorf("%s\n%s\ngot %q, want none", r.name, r.source, faults)
				case r.fault != "" && (len(faults) != 1 || !strings.Contains(faults[0], r.fault) || !strings.HasPrefix(faults[0], r.name+":")):
					t.Errorf("%s\n%s\ngot %q, want one with %q", r.name, r.source, faults, r.fault)
				}
			}
		})
	}
	t.Run("a_module_of_its_own", func(t *testing.T) { // its rules are its own, and the compiler keeps it from internals
		seen, faults, err := check(fstest.MapFS{
			"go.mod": {}, "domain/a.go": {Data: []byte("package domain")},
			"tests/strangers/go.mod": {}, "tests/strangers/a/a.go": {Data: []byte(imports("example.org/x"))},
		})
		if err != nil || len(faults) > 0 || seen != 1 {
			t.Errorf("got %d files, %q, %v", seen, faults, err)
		}
	})
	t.Run("a_file_that_is_no_Go", func(t *testing.T) {
		if _, _, err := check(fstest.MapFS{"domain/a.go": {Data: []byte("pakcage")}}); err == nil {
			t.Error("got no error")
		}
	})
}
