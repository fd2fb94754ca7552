// Package client is the far side of httpapi: it implements the driving ports over HTTP, so that whoever holds one
// cannot tell it from the core. It retries nothing and follows no redirect.
package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Client drives a porteiro that is elsewhere. It is safe for concurrent use.
type Client struct {
	base string
	http *http.Client
}

var (
	_ application.Gate     = (*Client)(nil)
	_ application.Accounts = (*Client)(nil)
	_ application.Sessions = (*Client)(nil)
)

// call sends one request and decodes its answer; with nothing to decode into, only a 204 is one. The error of an answer
// that is no success is its refusal.
func (c *Client) call(ctx context.Context, method, path, token string, body any, into answer) error {
	r, err := c.request(ctx, method, path, token, body)
	if err != nil {
		return err
	}
	return c.send(r, into)
}

// send sends a request and decodes its answer, as call does.
func (c *Client) send(r *http.Request, into answer) error {
	response, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %w", domain.Unavailable, withoutURL(err))
	}
	defer response.Body.Close()
	b, err := io.ReadAll(io.LimitReader(response.Body, wire.MaxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", domain.Unavailable, withoutURL(err))
	case len(b) > wire.MaxAnswer:
		return fmt.Errorf("%w: the answer is longer than %d bytes", domain.Unavailable, wire.MaxAnswer)
	case response.StatusCode/100 != 2:
		return refusal(response, b)
	case into == nil && response.StatusCode == http.StatusNoContent:
		return nil
	case into == nil:
		return fmt.Errorf("%w: status %d where 204 is the answer", domain.Unavailable, response.StatusCode)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%w: the answer cannot be read: %w", domain.Unavailable, err)
	}
	if what := into.lacks(); what != "" {
		return fmt.Errorf("%w: the answer lacks %s", domain.Unavailable, what)
	}
	return nil
}

func (c *Client) request(ctx context.Context, method, path, token string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, domain.RequestInvalid
		}
		content = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", domain.Unavailable, err)
	}
	r.Header.Set("Accept", wire.JSON+", "+wire.Problem)
	if body != nil {
		r.Header.Set("Content-Type", wire.JSON)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r, nil
}

// sendable refuses a token that HTTP would change or not carry: white space at its end would be trimmed.
func sendable(token string) error {
	outside := func(c rune) bool { return c <= ' ' || c >= 0x7f }
	if len(token) > wire.MaxToken || strings.IndexFunc(token, outside) >= 0 {
		return domain.TokenInvalid
	}
	return nil
}

// refusal reads a problem document. Whatever is not one of ours comes from something in between, and is Unavailable.
func refusal(response *http.Response, body []byte) error {
	var p wire.Refused
	if err := json.Unmarshal(body, &p); err != nil || !domain.Refusal(p.Code).Known() {
		return fmt.Errorf("%w: status %d", domain.Unavailable, response.StatusCode)
	}
	seconds, _ := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 31) // the most there is for more, 0 for what is no number
	if seconds == 0 && p.Field == "" {
		return domain.Refusal(p.Code)
	}
	return &domain.Denied{Refusal: domain.Refusal(p.Code), RetryAfter: time.Duration(seconds) * time.Second, Field: p.Field}
}

// withoutURL keeps the cause: the URL of a request has no place in an error.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
