package linesocket

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Config is what a server carries, and its settings.
type Config struct {
	Gate     application.Gate
	Accounts application.Accounts
	Sessions application.Sessions
	Logger   *slog.Logger  // hears of failures, and never of what was said
	Timeout  time.Duration // of a call; default 5 seconds
}

// Server serves the ports. No caller has an address: to the limits they are one.
type Server struct {
	c        Config
	base     context.Context // of every call
	cancel   context.CancelFunc
	mu       sync.Mutex // guards closed, and listener until it is
	closed   bool
	listener net.Listener
	calls    sync.WaitGroup
}

// New returns a server, or an error that says what is needed.
func New(c Config) (*Server, error) {
	if c.Gate == nil || c.Accounts == nil || c.Sessions == nil || c.Logger == nil {
		return nil, errors.New("linesocket: Gate, Accounts, Sessions and Logger are needed")
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	base, cancel := context.WithCancel(context.Background())
	return &Server{c: c, base: base, cancel: cancel}, nil
}

// Serve answers calls, and returns nil after [Server.Shutdown] or the error of the listener. It is called once.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	s.listener = l
	s.mu.Unlock()
	for {
		conn, err := l.Accept()
		if !s.begin() {
			l.Close()
			if err == nil {
				conn.Close()
			}
			return nil
		}
		if err != nil {
			s.calls.Done()
			return fmt.Errorf("linesocket: %w", err)
		}
		go func() {
			defer s.calls.Done()
			defer conn.Close()
			s.answer(conn)
		}()
	}
}

// begin counts a call, unless no more are taken.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.calls.Add(1)
	}
	return !s.closed
}

// Shutdown takes no more calls and waits for those under way. When the context ends it cancels them, and returns the
// context's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	if s.listener != nil {
		s.listener.Close()
	}
	s.mu.Unlock()
	defer s.cancel()
	done := make(chan struct{})
	go func() { s.calls.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer reads a call and writes its answer.
func (s *Server) answer(conn net.Conn) {
	conn.SetReadDeadline(time.Now().Add(s.c.Timeout)) // who connects and says nothing is not waited for
	text, err := readLine(conn, maxCall)
	if err != nil && !errors.Is(err, domain.BodyTooLarge) {
		return // hung up, or silent
	}
	var answer any
	if err == nil {
		answer, err = s.call(conn, text)
	}
	conn.SetWriteDeadline(time.Now().Add(s.c.Timeout))
	io.WriteString(conn, answerLine(answer, err)) // who is gone cannot be told
}

// call runs a call, lets no panic out, and logs what its caller is not told.
func (s *Server) call(conn net.Conn, text string) (answer any, err error) {
	name, wait, args, err := readCall(text)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(s.base, min(wait, s.c.Timeout))
	defer cancel()
	conn.SetReadDeadline(time.Time{})
	go func() {
		conn.Read(make([]byte, 1)) // nothing more is to come: it returns when the caller has hung up, or the answer is out
		cancel()
	}()
	id := rand.Text()
	ctx = application.WithOrigin(ctx, application.Origin{RequestID: id})
	log := s.c.Logger.With("call", name, "request_id", id)
	defer func() {
		if p := recover(); p != nil { // the value may quote what the caller sent; the stack does not
			log.ErrorContext(ctx, "panic", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			answer, err = nil, domain.Unavailable
		}
	}()
	answer, err = s.ask(ctx, name, args)
	if refusal := domain.Unavailable; err != nil && (!errors.As(err, &refusal) || refusal == domain.Unavailable) {
		log.WarnContext(ctx, "failed", "error", err)
	}
	return answer, err
}

// ask is the one table from a call's name to its method.
func (s *Server) ask(ctx context.Context, name string, a []string) (any, error) {
	switch n := len(a); {
	case name == "login" && n == 2:
		return s.c.Gate.Login(ctx, a[0], a[1])
	case name == "refresh" && n == 1:
		return s.c.Gate.Refresh(ctx, a[0])
	case name == "logout" && n == 2:
		return nil, s.c.Gate.Logout(ctx, a[0], domain.Scope(a[1]))
	case name == "authorize" && n >= 1:
		var roles []domain.Role
		for _, role := range a[1:] {
			roles = append(roles, domain.Role(role))
		}
		return s.c.Gate.Authorize(ctx, a[0], roles...)
	case name == "register" && n == 2:
		return s.c.Accounts.Register(ctx, a[0], a[1])
	case name == "change-password" && n == 3:
		return s.c.Accounts.ChangePassword(ctx, a[0], a[1], a[2])
	case name == "change-email" && n == 3:
		return s.c.Accounts.ChangeEmail(ctx, a[0], a[1], a[2])
	case name == "delete-account" && n == 2:
		return nil, s.c.Accounts.DeleteAccount(ctx, a[0], a[1])
	case name == "list-sessions" && n == 1:
		return s.c.Sessions.ListSessions(ctx, a[0])
	case name == "end-session" && n == 2:
		return nil, s.c.Sessions.EndSession(ctx, a[0], domain.SessionID(a[1]))
	}
	return nil, domain.RequestInvalid
}
