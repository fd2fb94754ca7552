package postgres_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/lib/pq"
)

// fate is what becomes of what a client sends.
type fate int

const (
	forward fate = iota
	cut          // the connection breaks before the server sees it
	resets       // so, and the client is told by a reset
	cutNext      // the server sees it, and the connection breaks before the client sees the answer
	silence      // the server sees it, and nobody hears of anything any more
)

// proxy stands between a store and its server, on 127.0.0.1.
type proxy struct {
	t        testing.TB
	listener net.Listener
	wrap     func(net.Conn) (net.Conn, error) // nil: as it is

	mu      sync.Mutex
	network string
	address string
	judge   func(sent []byte) fate
	dialled int
	cancels int
	closed  chan struct{} // one for each connection that the client closed
	ends    []net.Conn
}

// through starts a proxy to the server of the URL and returns it with the URL that leads through it.
func through(t testing.TB, raw string) (*proxy, string) {
	t.Helper()
	cfg, err := pq.NewConfig(raw)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(int(cfg.Port))
	p := &proxy{t: t, listener: listener, network: "tcp", address: net.JoinHostPort(cfg.Host, port), closed: make(chan struct{}, 1000)}
	if filepath.IsAbs(cfg.Host) {
		p.network, p.address = "unix", filepath.Join(cfg.Host, ".s.PGSQL."+port)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.carry(c) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		p.hangUp()
		all.Wait()
	})
	u := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: listener.Addr().String(), Path: "/" + cfg.Database, RawQuery: "sslmode=disable"}
	return p, u.String()
}

// with adds a parameter to a URL.
func with(t testing.TB, raw, name, value string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// on decides the fate of what is sent from now on.
func (p *proxy) on(judge func(sent []byte) fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judge = judge
}

// onFirst decides the fate of the first message that holds the text, and counts all of them.
func (p *proxy) onFirst(text string, f fate) (count func() int) {
	n := 0
	p.on(func(sent []byte) fate {
		if !bytes.Contains(sent, []byte(text)) {
			return forward
		}
		if n++; n == 1 {
			return f
		}
		return forward
	})
	return func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return n
	}
}

// count counts the messages that hold a match.
func (p *proxy) count(what *regexp.Regexp) (count func() int) {
	n := 0
	p.on(func(sent []byte) fate {
		if what.Match(sent) {
			n++
		}
		return forward
	})
	return func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return n
	}
}

// connections returns how many were ever opened, and how many of them only to cancel a query on another.
func (p *proxy) connections() (dialled, cancels int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dialled, p.cancels
}

// hangUp breaks every connection.
func (p *proxy) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.ends {
		_ = c.Close()
	}
}

func (p *proxy) carry(client net.Conn) {
	server, err := net.Dial(p.network, p.address)
	if err != nil {
		_ = client.Close()
		return
	}
	p.mu.Lock()
	wrap := p.wrap
	p.mu.Unlock()
	if wrap != nil {
		if client, err = wrap(client); err != nil {
			_ = server.Close()
			return
		}
	}
	p.mu.Lock()
	p.dialled++
	p.ends = append(p.ends, client, server)
	p.mu.Unlock()
	var mute sync.Mutex         // held for ever by silence and by cutNext
	over := make(chan struct{}) // the server has left
	go func() {
		defer close(over)
		defer func() { _, _ = client.Close(), server.Close() }()
		b := make([]byte, 1<<16)
		for {
			n, err := server.Read(b)
			if err != nil {
				return
			}
			if !mute.TryLock() {
				continue
			}
			_, err = client.Write(b[:n])
			mute.Unlock()
			if err != nil {
				return
			}
		}
	}()
	p.listen(client, server, &mute, over)
}

// listen carries what the client says.
func (p *proxy) listen(client, server net.Conn, mute *sync.Mutex, over <-chan struct{}) {
	defer func() {
		_, _ = client.Close(), server.Close()
		p.closed <- struct{}{}
	}()
	b := make([]byte, 1<<16)
	for {
		n, err := client.Read(b)
		if err != nil {
			return
		}
		sent := b[:n]
		switch p.decide(sent) {
		case cut:
			return
		case resets:
			_ = client.(*net.TCPConn).SetLinger(0)
			return
		case cutNext:
			mute.Lock()
			_, _ = server.Write(sent)
			if end, half := server.(interface{ CloseWrite() error }); half {
				_ = end.CloseWrite() // the server finishes what it was told, and leaves
			}
			<-over
			return
		case silence:
			mute.Lock()
		}
		if _, err := server.Write(sent); err != nil {
			return
		}
	}
}

func (p *proxy) decide(sent []byte) fate {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(sent) >= 8 && binary.BigEndian.Uint32(sent[4:]) == 80877102 { // CancelRequest
		p.cancels++
	}
	if p.judge == nil {
		return forward
	}
	return p.judge(sent)
}

// both names the hosts of two URLs in one.
func both(t testing.TB, first, second string) string {
	t.Helper()
	a, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	b, err := url.Parse(second)
	if err != nil {
		t.Fatal(err)
	}
	ports := a.Port() + "," + b.Port()
	a.Host = a.Hostname() + "," + b.Hostname()
	return with(t, a.String(), "port", ports)
}

// as puts another user into a URL.
func as(t testing.TB, raw, user, password string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, password)
	return u.String()
}
