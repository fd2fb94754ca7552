package bench_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

// contest is variants that are measured in turns.
type contest struct {
	nodes    []*node // the first is what the others are compared with
	load     load
	database string // its URL; "" where its processes cannot be seen
}

// run measures every variant in every round, at every number of connections.
func (c contest) run(t *testing.T, s size) []series {
	t.Helper()
	var all []series
	for _, connections := range s.connections {
		at := make([]series, len(c.nodes))
		for i, n := range c.nodes {
			at[i] = series{variant: n.name, connections: connections}
			measure(t.Context(), t, n.url, c.load, connections, min(s.each, time.Second)) // to get warm
		}
		for range s.rounds {
			var first float64
			for i, n := range c.nodes {
				processes := backends(t, c.database)
				server, database := spent(n.processes()...), spent(processes...)
				f := measure(t.Context(), t, n.url, c.load, connections, s.each)
				if f.bad > 0 || f.requests == 0 {
					t.Fatalf("%s: %d of %d answers are refusals: %s", n.name, f.bad, f.requests, n.said)
				}
				if i == 0 {
					first = f.rate
				}
				at[i].rounds = append(at[i].rounds, f)
				at[i].ratios = append(at[i].ratios, f.rate/first)
				at[i].server = append(at[i].server, (spent(n.processes()...)-server)/time.Duration(f.requests))
				at[i].database = append(at[i].database, max(spent(processes...)-database, 0)/time.Duration(f.requests))
			}
		}
		for i, n := range c.nodes {
			at[i].resident = n.resident()
		}
		all = append(all, at...)
	}
	return all
}

// TestAuthorize compares the strict decision with what others do.
func TestAuthorize(t *testing.T) {
	s := sizeOf()
	url := postgrestest.URL(t)
	ours := porteiro(t, "porteiro on PostgreSQL", url, "--access-ttl", "1h")
	codec, err := codecOf(url)
	if err != nil {
		t.Fatal(err)
	}
	seed(t, url, s.sessions, 1)
	c := contest{load: tokensLoad(issue(t, codec, s.inUse, s.sessions, 1))}
	c.nodes = []*node{baseline(t, plain, ""), ours, baseline(t, prepared, url), baseline(t, unprepared, url)}
	c.nodes = append(c.nodes, other(t, url, "--access-ttl", "1h")...)
	c.database = url
	all := c.run(t, s)
	keep(t, "authorize.md", table("Strict authorize on PostgreSQL", all))
	keep(t, "authorize.svg", picture(slices.DeleteFunc(slices.Clone(all), func(s series) bool { return s.variant == plain })))
}

// TestAuthorizeSQLite is the same on the embedded database.
func TestAuthorizeSQLite(t *testing.T) {
	s := sizeOf()
	url := "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db")
	ours := porteiro(t, "porteiro on SQLite", url, "--registration", "open", "--register-limit", "off")
	tokens := register(t, ours, min(s.inUse, 50))
	c := contest{nodes: []*node{baseline(t, plain, ""), ours}, load: tokensLoad(tokens)}
	keep(t, "sqlite.md", table("Strict authorize on SQLite", c.run(t, s)))
}
