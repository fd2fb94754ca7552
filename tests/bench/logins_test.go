package bench_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// post sends a body and decodes the answer.
func post(t *testing.T, url, body string, answer any) {
	t.Helper()
	r, err := http.Post(url, "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if r.StatusCode/100 != 2 {
		t.Fatalf("%s: %s", url, r.Status)
	}
	if err := json.NewDecoder(r.Body).Decode(answer); err != nil {
		t.Fatal(err)
	}
}

// register adds n users and logs them in.
func register(t *testing.T, n *node, users int) []string {
	t.Helper()
	tokens := make([]string, users)
	for i := range tokens {
		body := fmt.Sprintf(`{"email":%q,"password":%q}`, email(i), password)
		var account struct{ ID string }
		post(t, n.url+"/register", body, &account)
		var grant struct {
			AccessToken string `json:"access_token"`
		}
		post(t, n.url+"/login", body, &grant)
		tokens[i] = grant.AccessToken
	}
	return tokens
}

// hashes is how many passwords this machine verifies in a second with nothing else to do.
func hashes(t *testing.T, d time.Duration) float64 {
	t.Helper()
	hasher, err := passwords.New(passwords.Config{})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := hasher.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for time.Since(start) < d {
				if ok, _, err := hasher.Verify(t.Context(), password, hash); !ok || err != nil {
					t.Errorf("%v, %v", ok, err)
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	return float64(done.Load()) / time.Since(start).Seconds()
}

// TestLogins compares logins with the hashes that they need, and shows what a storm of them does to authorize.
func TestLogins(t *testing.T) {
	s := sizeOf()
	url := postgrestest.URL(t)
	ours := porteiro(t, "porteiro on PostgreSQL", url, "--access-ttl", "1h", "--login-limit", "off")
	codec, err := codecOf(url)
	if err != nil {
		t.Fatal(err)
	}
	seed(t, url, s.sessions, 1)
	var ratios, rates []float64
	for range s.rounds {
		alone := hashes(t, s.each)
		f := measure(t.Context(), t, ours.url, logins(s.inUse), 8, s.each)
		rates, ratios = append(rates, f.rate), append(ratios, f.rate/alone)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### Logins\n\n%.0f a second, %.2f of the hashes that the machine makes with nothing else to do (8 connections).\n\n",
		median(rates), median(ratios))
	b.WriteString(storm(t, s, ours, tokensLoad(issue(t, codec, s.inUse, s.sessions, 1))))
	keep(t, "logins.md", b.String())
}

// storm measures authorize at 64 connections alone and beside logins over fifty times as many connections as keep the hasher busy.
func storm(t *testing.T, s size, n *node, l load) string {
	t.Helper()
	alone := measure(t.Context(), t, n.url, l, 64, s.each)
	ended := make(chan figures)
	go func() { ended <- measure(t.Context(), t, n.url, logins(s.inUse), 400, 2*s.each+time.Second) }()
	beside := measure(t.Context(), t, n.url, l, 64, s.each)
	logins := <-ended
	return fmt.Sprintf("Authorize at 64 connections: %.0f a second, p99 %s; in a storm of logins over 400 connections %.0f a second, p99 %s, "+
		"while %d logins were tried and %d of them told to come back. Memory then: %d MiB.\n",
		alone.rate, short(alone.p99), beside.rate, short(beside.p99), logins.requests, logins.bad, n.resident()>>20)
}
