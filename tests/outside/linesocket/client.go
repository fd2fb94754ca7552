package linesocket

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Client drives a porteiro behind a socket. It is safe for concurrent use, and there is nothing to close.
type Client struct{ path string }

var (
	_ application.Gate     = (*Client)(nil)
	_ application.Accounts = (*Client)(nil)
	_ application.Sessions = (*Client)(nil)
)

// NewClient returns a client of the socket at a path. It connects to nothing.
func NewClient(path string) *Client { return &Client{path} }

const patience = time.Minute // of a call whose context has no end

// call makes a call and returns its answer. Whatever keeps an answer from arriving is Unavailable.
func call[T any](ctx context.Context, c *Client, name string, args ...string) (answer T, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	deadline, _ := ctx.Deadline()
	said := callLine(name, time.Until(deadline), args...)
	if len(said) > maxCall {
		return answer, fmt.Errorf("%s: %w", name, domain.BodyTooLarge)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", c.path)
	if err != nil {
		return answer, fmt.Errorf("%s: %w: %w", name, domain.Unavailable, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })() // which the server sees
	if _, err := io.WriteString(conn, said); err != nil {
		return answer, fmt.Errorf("%s: %w: %w", name, domain.Unavailable, err)
	}
	text, err := readLine(conn, maxAnswer)
	if err != nil {
		return answer, fmt.Errorf("%s: %w: no answer: %v", name, domain.Unavailable, err)
	}
	if answer, err = readAnswer[T](text); err != nil {
		return answer, fmt.Errorf("%s: %w", name, err)
	}
	return answer, nil
}

// callAs is call with a token, which may be anything.
func callAs[T any](ctx context.Context, c *Client, name, token string, args ...string) (answer T, _ error) {
	if len(token) > maxToken {
		return answer, fmt.Errorf("%s: %w", name, domain.TokenInvalid)
	}
	return call[T](ctx, c, name, append([]string{token}, args...)...)
}

// Login is documented at application.Gate.
func (c *Client) Login(ctx context.Context, email, password string) (application.Grant, error) {
	return call[application.Grant](ctx, c, "login", email, password)
}

// Refresh is documented at application.Gate.
func (c *Client) Refresh(ctx context.Context, refresh string) (application.Grant, error) {
	return callAs[application.Grant](ctx, c, "refresh", refresh)
}

// Logout is documented at application.Gate.
func (c *Client) Logout(ctx context.Context, access string, scope domain.Scope) error {
	scope, err := domain.ParseScope(string(scope)) // what "" means is said once, in the domain
	if err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	_, err = callAs[any](ctx, c, "logout", access, string(scope))
	return err
}

// Authorize is documented at application.Gate.
func (c *Client) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (application.Identity, error) {
	var roles []string
	for _, role := range anyOf {
		roles = append(roles, string(role))
	}
	return callAs[application.Identity](ctx, c, "authorize", access, roles...)
}

// Register is documented at application.Accounts.
func (c *Client) Register(ctx context.Context, email, password string) (application.Registered, error) {
	return call[application.Registered](ctx, c, "register", email, password)
}

// ChangePassword is documented at application.Accounts.
func (c *Client) ChangePassword(ctx context.Context, access, current, next string) (application.Grant, error) {
	return callAs[application.Grant](ctx, c, "change-password", access, current, next)
}

// ChangeEmail is documented at application.Accounts.
func (c *Client) ChangeEmail(ctx context.Context, access, password, email string) (application.Registered, error) {
	return callAs[application.Registered](ctx, c, "change-email", access, password, email)
}

// DeleteAccount is documented at application.Accounts.
func (c *Client) DeleteAccount(ctx context.Context, access, password string) error {
	_, err := callAs[any](ctx, c, "delete-account", access, password)
	return err
}

// ListSessions is documented at application.Sessions.
func (c *Client) ListSessions(ctx context.Context, access string) ([]application.SessionInfo, error) {
	return callAs[[]application.SessionInfo](ctx, c, "list-sessions", access)
}

// EndSession is documented at application.Sessions.
func (c *Client) EndSession(ctx context.Context, access string, id domain.SessionID) error {
	_, err := callAs[any](ctx, c, "end-session", access, string(id))
	return err
}
