package bench_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestGrowth compares authorize on few sessions with authorize on many, and on users who have many each.
func TestGrowth(t *testing.T) {
	s := sizeOf()
	sizes := []struct{ sessions, each int }{{1000, 1}, {100_000, 1}, {1_000_000, 1}, {100_000, 1000}}
	if !*full {
		sizes = sizes[:1]
	}
	url := postgrestest.URL(t)
	ours := porteiro(t, "porteiro on PostgreSQL", url, "--access-ttl", "1h")
	codec, err := codecOf(url)
	if err != nil {
		t.Fatal(err)
	}
	bare := baseline(t, plain, "")
	var b strings.Builder
	b.WriteString("### Growth\n\nStrict authorize on PostgreSQL at 64 connections, 1,000 sessions in use.\n\n")
	b.WriteString("| sessions | sessions of a user | answers/s | of no authentication |\n| --- | --- | --- | --- |\n")
	for _, size := range sizes {
		seed(t, url, size.sessions, size.each)
		l := tokensLoad(issue(t, codec, s.inUse, size.sessions, size.each))
		measure(t.Context(), t, ours.url, l, 64, s.each) // to get warm
		var rates, ratios []float64
		for range s.rounds {
			none := measure(t.Context(), t, bare.url, l, 64, s.each)
			f := measure(t.Context(), t, ours.url, l, 64, s.each)
			if f.bad > 0 {
				t.Fatalf("%d of %d answers are refusals: %s", f.bad, f.requests, ours.said)
			}
			rates, ratios = append(rates, f.rate), append(ratios, f.rate/none.rate)
		}
		fmt.Fprintf(&b, "| %d | %d | %.0f | %.2f |\n", size.sessions, size.each, median(rates), median(ratios))
	}
	keep(t, "growth.md", b.String()+"\n")
}

// TestTwoNodes shows two nodes on one database, asked at the same time.
func TestTwoNodes(t *testing.T) {
	s := sizeOf()
	url := postgrestest.URL(t)
	nodes := []*node{
		porteiro(t, "first", url, "--access-ttl", "1h"), porteiro(t, "second", url, "--access-ttl", "1h"),
	}
	codec, err := codecOf(url)
	if err != nil {
		t.Fatal(err)
	}
	seed(t, url, s.sessions, 1)
	l := tokensLoad(issue(t, codec, s.inUse, s.sessions, 1))
	var alone, together []float64
	for range s.rounds {
		f := measure(t.Context(), t, nodes[0].url, l, 64, s.each)
		rates := make(chan float64)
		for _, n := range nodes {
			go func() { rates <- measure(t.Context(), t, n.url, l, 64, s.each).rate }()
		}
		alone, together = append(alone, f.rate), append(together, <-rates+<-rates)
	}
	keep(t, "nodes.md", fmt.Sprintf("### Two nodes\n\nOne node answers %.0f a second, two nodes on one PostgreSQL and the same cores %.0f together.\n\n",
		median(alone), median(together)))
}

// TestManyTokens shows what a node takes with many connections and many tokens in use.
func TestManyTokens(t *testing.T) {
	s := sizeOf()
	url := postgrestest.URL(t)
	ours := porteiro(t, "porteiro on PostgreSQL", url, "--access-ttl", "1h")
	atRest := ours.resident()
	codec, err := codecOf(url)
	if err != nil {
		t.Fatal(err)
	}
	tokens, connections := 100_000, 1024
	if !*full {
		tokens, connections = s.sessions, 16
	}
	seed(t, url, max(tokens, s.sessions), 1)
	l := tokensLoad(issue(t, codec, tokens, max(tokens, s.sessions), 1))
	f := measure(t.Context(), t, ours.url, l, connections, 3*s.each)
	if f.bad > 0 {
		t.Fatalf("%d of %d answers are refusals: %s", f.bad, f.requests, ours.said)
	}
	all, serve := ours.resident(), held(ours.pid, "VmRSS:")
	keep(t, "memory.md", fmt.Sprintf("### Memory\n\n%d MiB at rest; %d MiB with %d connections and %d tokens in use, of which %d requests were answered, "+
		"and %d MiB beside that in the process for passwords.\n\n",
		atRest>>20, serve>>20, connections, tokens, f.requests, (all-serve)>>20))
}
