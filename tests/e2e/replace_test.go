package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/client"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestNodesAreReplacedOneByOne: behind a balancer that looks at /readyz, each of two nodes is ended and another process
// takes its place, while people sign in, use what they have, refresh and log out. Not one request fails.
func TestNodesAreReplacedOneByOne(t *testing.T) {
	nodes := make([]*node, 2)
	var b balancer
	databaseURL := postgrestest.URL(t)
	for i := range nodes {
		nodes[i] = serve(t, databaseURL, "--drain-delay", "2s", "--request-timeout", "25s", "--log-level", "warn") // to be slow is no fault here
		saysIfFailed(nodes[i])
		go b.watch(t, i, nodes[i].url)
	}
	far, err := client.New(client.Config{URL: "http://balancer.example", HTTP: &b})
	if err != nil {
		t.Fatal(err)
	}
	for i := range nodes {
		for tick := time.Tick(time.Millisecond); b.ready[i].Load() == nil; {
			<-tick
		}
	}
	done := make(chan struct{})
	var people sync.WaitGroup
	for i := range 2 {
		email := fmt.Sprintf("person%d@example.com", i)
		if _, err := far.Register(t.Context(), email, password); err != nil {
			t.Fatal(err)
		}
		kept, err := far.Login(t.Context(), email, password)
		if err != nil {
			t.Fatal(err)
		}
		first := kept.AccessToken
		people.Go(func() {
			for !closed(done) && !t.Failed() {
				renewed, err := far.Refresh(t.Context(), kept.RefreshToken)
				kept = renewed
				for _, token := range []string{first, kept.AccessToken} {
					_, err2 := far.Authorize(t.Context(), token)
					err = errors.Join(err, err2)
				}
				passing, err2 := far.Login(t.Context(), email, password)
				err3 := far.Logout(t.Context(), passing.AccessToken, domain.Local)
				if err := errors.Join(err, err2, err3); err != nil {
					t.Errorf("%s: %v", email, err)
				}
				if _, err := far.Authorize(t.Context(), passing.AccessToken); !errors.Is(err, domain.TokenRevoked) {
					t.Errorf("%s, after a logout: %v", email, err)
				}
			}
		})
	}
	for i, n := range nodes {
		b.hundred(t, n.url)
		n.stop()
		n.start()
		go b.watch(t, i, n.url)
		b.hundred(t, n.url)
	}
	close(done)
	people.Wait()
}

// balancer sends requests in turn to those of two nodes that said of themselves that they are ready.
type balancer struct {
	ready [2]atomic.Pointer[string] // their URLs
	next  atomic.Int64
	sent  sync.Map // the number of requests, by URL
}

// watch looks at a node for as long as it answers.
func (b *balancer) watch(t *testing.T, i int, at string) {
	b.sent.Store(at, new(atomic.Int64))
	for tick := time.Tick(10 * time.Millisecond); ; <-tick {
		r, err := http.NewRequestWithContext(t.Context(), "GET", at+"/readyz", nil)
		if err != nil {
			t.Error(err)
			return
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			b.ready[i].CompareAndSwap(&at, nil)
			return
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			b.ready[i].Store(&at)
		} else {
			b.ready[i].CompareAndSwap(&at, nil)
		}
	}
}

// hundred waits until a node was sent so many requests.
func (b *balancer) hundred(t *testing.T, at string) {
	for tick := time.Tick(time.Millisecond); !t.Failed(); <-tick {
		if n, found := b.sent.Load(at); found && n.(*atomic.Int64).Load() >= 100 {
			return
		}
	}
}

func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	for range b.ready {
		at := b.ready[b.next.Add(1)%2].Load()
		if at == nil {
			continue
		}
		n, _ := b.sent.Load(*at)
		n.(*atomic.Int64).Add(1)
		to, err := url.Parse(*at)
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
		return http.DefaultTransport.RoundTrip(r)
	}
	return nil, errors.New("no node is ready")
}
