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
	more := []string{"--access-ttl", "1h", "--login-limit", "off"}
	nodes := append(other(t, url, more...), porteiro(t, "porteiro on PostgreSQL", url, more...))
	codec, err := codecOf(url)
	if err != nil {
		t.Fatal(err)
	}
	seed(t, url, s.sessions, 1)
	l := tokensLoad(issue(t, codec, s.inUse, s.sessions, 1))
	rates, ratios := make([][]float64, len(nodes)), make([][]float64, len(nodes))
	storms := make([]storm, len(nodes))
	for range s.rounds {
		alone := hashes(t, s.each)
		for i, n := range nodes {
			f := measure(t.Context(), t, n.url, logins(s.inUse), 8, s.each)
			rates[i], ratios[i] = append(rates[i], f.rate), append(ratios[i], f.rate/alone)
			storms[i].measure(t, s, n, l, 50*alone)
		}
	}
	var b strings.Builder
	for i, n := range nodes {
		fmt.Fprintf(&b, "### Logins: %s\n\n%.0f a second, %.2f of the hashes that the machine makes with nothing else to do (8 connections).\n\n%s\n",
			n.name, median(rates[i]), median(ratios[i]), &storms[i])
	}
	keep(t, "logins.md", b.String())
}

// crowd is how many connections try to log in during a storm.
const crowd = 400

// storm is authorize at 64 connections, alone and while fifty times as many logins are tried as the machine has hashes for.
// There is a figure for each round.
type storm struct {
	alone, beside, share []float64 // answers a second, and the one by the other
	calm, p99, times     []float64 // p99 in milliseconds, alone and beside, and the one by the other
	tried, done          []float64 // logins a second
	resident             []float64 // MiB
}

// measure tries so many logins a second from before authorize is measured until after.
func (st *storm) measure(t *testing.T, s size, n *node, l load, offered float64) {
	t.Helper()
	alone := measure(t.Context(), t, n.url, l, 64, s.each)
	ended := make(chan figures)
	whole := 2*s.each + time.Second
	go func() {
		ended <- measure(t.Context(), t, n.url, logins(s.inUse).paced(crowd, offered), crowd, whole)
	}()
	beside := measure(t.Context(), t, n.url, l, 64, s.each)
	st.resident = append(st.resident, float64(n.resident()>>20))
	logins := <-ended
	st.alone, st.beside, st.share = append(st.alone, alone.rate), append(st.beside, beside.rate), append(st.share, beside.rate/alone.rate)
	st.calm, st.p99 = append(st.calm, ms(alone.p99)), append(st.p99, ms(beside.p99))
	st.times = append(st.times, ms(beside.p99)/ms(alone.p99))
	st.tried = append(st.tried, logins.rate)
	st.done = append(st.done, float64(logins.requests-logins.bad)/whole.Seconds())
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

func (st *storm) String() string {
	return fmt.Sprintf("Authorize at 64 connections: %.0f a second, p99 %.1f ms. While fifty times as many logins are tried as there are hashes for, "+
		"over %d connections (%.0f a second are answered, %.0f of them with tokens): %.0f a second (%.2f), p99 %.1f ms (%.1f times). Memory then: %.0f MiB.\n",
		median(st.alone), median(st.calm), crowd, median(st.tried), median(st.done), median(st.beside), median(st.share), median(st.p99),
		median(st.times), median(st.resident))
}
