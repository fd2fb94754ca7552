package policy_test

import (
	"slices"
	"strings"
)

// module is the path of this one.
const module = "github.com/porteiro/porteiro"

// row says what one folder may import of this module, besides itself. "x/..." is x and all below it.
type row struct {
	folder string
	down   []string // folders
	tests  []string // further folders, for _test.go files
	never  []string // of the standard library, for files that are no tests

	generated bool // a generator wrote it, and what it does at its start is the generator's
}

var (
	core       = []string{"domain", "application"}
	everything = []string{"..."}
	stands     = []string{"tests/contract", "tests/postgrestest", "tests/openapitest", "adapters/memory"} // what a test may stand on, anywhere
	outside    = []string{"io", "os", "net", "log", "database", "testing", "syscall", "unsafe"}
)

// folders is every folder with Go files in it: down only, and adapters never import each other. A transport, its
// client and its guard are parts of one adapter, which meet in what is internal to it.
func folders() []row {
	const transport, client, wire = "adapters/httpapi", "adapters/httpapi/client", "adapters/httpapi/internal/wire"
	const answer, carried, guard = "adapters/httpapi/internal/answer", "adapters/httpapi/internal/carried", "adapters/httpapi/guard"
	const grpc = "adapters/grpcapi"
	return []row{
		{folder: "domain", never: append([]string{"context", "crypto", "math/rand"}, outside...)},
		{folder: "application", down: []string{"domain"}, never: outside},
		{folder: transport, down: append([]string{wire, answer, carried}, core...), tests: []string{client}},
		{folder: client, down: append([]string{wire}, core...), tests: []string{transport}},
		{folder: guard, down: append([]string{wire, answer, carried}, core...), tests: []string{transport, client, "tests/inprocess"}},
		{folder: carried, down: append([]string{answer}, core...)},
		{folder: answer, down: append([]string{wire}, core...)},
		{folder: wire, down: core},
		{folder: grpc, down: []string{grpc + "/internal/wire", grpc + "/porteiro/v1", "application", "domain"}, tests: []string{grpc + "/client"}},
		{folder: grpc + "/client", down: []string{grpc + "/internal/wire", grpc + "/porteiro/v1", "application", "domain"}, tests: []string{grpc}},
		{folder: grpc + "/guard", down: []string{grpc + "/internal/wire", "application", "domain"}, tests: []string{grpc, grpc + "/client", "tests/inprocess"}},
		{folder: grpc + "/internal/wire", down: core},
		{folder: grpc + "/porteiro/v1", generated: true},
		{folder: grpc + "/extauthz", down: core, tests: []string{grpc}},
		{folder: "adapters/coalesce", down: core},
		{folder: "adapters/flask", down: core},
		{folder: "adapters/logs", down: core},
		{folder: "adapters/memory", down: core},
		{folder: "adapters/metrics", down: core},
		{folder: "adapters/passwords", down: core},
		{folder: "adapters/postgres", down: core},
		{folder: "adapters/sqlite", down: core},
		{folder: "adapters/sealing", down: core},
		{folder: "adapters/tokens", down: core},
		{folder: "cmd/porteiro", down: append([]string{"adapters/..."}, core...)},
		{folder: "tests/contract", down: core}, // other teams import it: it drags nothing along, nor do its tests
		{folder: "tests/postgrestest"},
		{folder: "tests/openapitest"},
		{folder: "tests/nearfar", down: everything},
		{folder: "tests/bench", down: everything},
		{folder: "tests/e2e", down: everything},
		{folder: "tests/inprocess", down: everything},
		{folder: "tests/flask", down: everything},
		{folder: "tests/clients", down: everything},
		{folder: "tests/browser", down: everything},
		{folder: "tests/alerts", down: everything},
		{folder: "tests/gateways"},
		{folder: "tests/image"},
		{folder: "tests/cases"},
		{folder: "tests/policy"},
	}
}

// homes says where each third-party module lives: one place, or the few that need it for the same thing. What is not
// here has none.
func homes() map[string][]string {
	containers := []string{"tests/postgrestest"}
	stores := []string{"adapters/postgres", "adapters/sqlite"}
	commands := []string{"cmd/porteiro"}
	grpc := []string{"adapters/grpcapi/...", "tests/e2e", "tests/inprocess"}
	return map[string][]string{
		"github.com/golang-jwt/jwt/v5":                 {"adapters/tokens", "tests/bench"},
		"github.com/go-json-experiment/json":           {"adapters/tokens", "adapters/httpapi/..."},
		"google.golang.org/grpc":                       grpc,
		"google.golang.org/protobuf":                   grpc,
		"google.golang.org/genproto/googleapis/rpc":    grpc,
		"github.com/envoyproxy/go-control-plane/envoy": {"adapters/grpcapi/extauthz", "tests/e2e", "tests/inprocess"},
		"github.com/rs/cors":                           {"adapters/httpapi"},
		"golang.org/x/text":                            {"adapters/httpapi/internal/answer"},
		"github.com/prometheus":                        {"adapters/metrics"},
		"github.com/getkin/kin-openapi":                {"tests/openapitest"},
		"github.com/jmoiron/sqlx":                      stores,
		"github.com/pressly/goose/v3":                  stores,
		"github.com/lib/pq":                            {"adapters/postgres", "adapters/flask", "tests/postgrestest", "tests/bench", "tests/e2e"},
		"modernc.org/sqlite":                           {"adapters/sqlite", "adapters/flask"},
		"golang.org/x/crypto":                          {"adapters/passwords"},
		"golang.org/x/term":                            commands,
		"github.com/spf13/cobra":                       commands,
		"github.com/spf13/pflag":                       commands,
		"github.com/chromedp/chromedp":                 {"tests/browser"},
		"github.com/testcontainers":                    containers,
		"github.com/moby":                              containers,
		"github.com/docker":                            containers,
	}
}

// forTests are the third-party modules that any _test.go file may import, and no other file.
func forTests() []string { return []string{"github.com/google/go-cmp"} }

// find returns the row of a folder.
func find(folder string) (row, bool) {
	rows := folders()
	i := slices.IndexFunc(rows, func(r row) bool { return r.folder == folder })
	if i < 0 {
		return row{}, false
	}
	return rows[i], true
}

// among reports whether one of the patterns is the folder, or ends in /... and has it below.
func among(folder string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		top, all := strings.CutSuffix(p, "...")
		return p == folder || all && strings.HasPrefix(folder+"/", top)
	})
}

// below reports whether a package is the module, or in it.
func below(path, module string) bool { return path == module || strings.HasPrefix(path, module+"/") }
