package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi/client"
	"github.com/porteiro/porteiro/domain"
)

const passed = `{"id":"018f0000-0000-7000-8000-000000000001","email":"ana@example.com","roles":[],` +
	`"login_time":"2030-01-02T03:04:05Z","session":"018f0000-0000-7000-8000-000000000002"}`

// writes is every call that changes something, by its route.
func writes() map[string]func(context.Context, *client.Client) error {
	return map[string]func(context.Context, *client.Client) error{
		"POST /login": func(ctx context.Context, c *client.Client) error {
			_, err := c.Login(ctx, "a@example.com", "p")
			return err
		},
		"POST /refresh": func(ctx context.Context, c *client.Client) error { _, err := c.Refresh(ctx, "R"); return err },
		"POST /logout":  func(ctx context.Context, c *client.Client) error { return c.Logout(ctx, "A", domain.Local) },
		"POST /register": func(ctx context.Context, c *client.Client) error {
			_, err := c.Register(ctx, "a@example.com", "p")
			return err
		},
		"POST /password": func(ctx context.Context, c *client.Client) error {
			_, err := c.ChangePassword(ctx, "A", "p", "q")
			return err
		},
		"POST /me/email": func(ctx context.Context, c *client.Client) error {
			_, err := c.ChangeEmail(ctx, "A", "p", "b@example.com")
			return err
		},
		"DELETE /me": func(ctx context.Context, c *client.Client) error { return c.DeleteAccount(ctx, "A", "p") },
		"DELETE /sessions/018f0000-0000-7000-8000-000000000002": func(ctx context.Context, c *client.Client) error {
			return c.EndSession(ctx, "A", "018f0000-0000-7000-8000-000000000002")
		},
	}
}

// reads is every call that changes nothing.
func reads() map[string]func(context.Context, *client.Client) error {
	return map[string]func(context.Context, *client.Client) error{
		"GET /authorize": func(ctx context.Context, c *client.Client) error { _, err := c.Authorize(ctx, "A"); return err },
		"GET /sessions":  func(ctx context.Context, c *client.Client) error { _, err := c.ListSessions(ctx, "A"); return err },
	}
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func dial(t *testing.T, c client.Config) *client.Client {
	t.Helper()
	far, err := client.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return far
}

func unavailable(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, domain.Unavailable) {
		t.Errorf("%s: %v, want unavailable", what, err)
	}
}
