package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var _ application.Introspection = (*Client)(nil)

// Introspect is documented at application.Introspection.
func (c *Client) Introspect(ctx context.Context, by application.Credentials, token string) (application.TokenInfo, error) {
	var told introspectedAnswer
	if err := c.ask(ctx, wire.Introspect, by, token, &told); err != nil {
		return application.TokenInfo{}, fmt.Errorf("introspect: %w", err)
	}
	if !*told.Active {
		return application.TokenInfo{}, nil
	}
	info := application.TokenInfo{
		Active: true, Kind: domain.Access, User: domain.UserID(told.Subject), Session: domain.SessionID(told.Session), ID: told.ID,
		IssuedAt: time.Unix(told.IssuedAt, 0).UTC(), Expires: time.Unix(told.Expires, 0).UTC(), Email: domain.Email(told.Username),
	}
	if told.TokenUse == wire.UseRefresh {
		info.Kind = domain.Refresh
	}
	for _, role := range told.Roles {
		info.Roles = append(info.Roles, domain.Role(role))
	}
	return info, nil
}

// Revoke is documented at application.Introspection.
func (c *Client) Revoke(ctx context.Context, by application.Credentials, token string) error {
	if err := c.ask(ctx, wire.Revoke, by, token, &messageAnswer{}); err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	return nil
}

// ask sends a form with a token in it.
func (c *Client) ask(ctx context.Context, path string, by application.Credentials, token string, into answer) error {
	if _, err := domain.ParseClientID(by.ID); err != nil || len(by.Secret) > wire.MaxToken {
		return domain.InvalidClient // nobody's, and maybe longer than a header may be
	}
	if token != "" && sendable(token) != nil {
		token = "-" // no token either, and what is to be said of it needs the credentials looked at
	}
	form := strings.NewReader(url.Values{"token": {token}}.Encode())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, form)
	if err != nil {
		return fmt.Errorf("%w: %w", domain.Unavailable, err)
	}
	r.Header.Set("Accept", wire.JSON)
	r.Header.Set("Content-Type", wire.Form)
	r.SetBasicAuth(url.QueryEscape(by.ID), url.QueryEscape(by.Secret))
	return c.send(r, into)
}
