package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// plainTokens signs nothing: rows about stores present no forged token.
type plainTokens struct{}

func (plainTokens) Issue(c domain.Claims) (string, error) {
	text, err := json.Marshal(c)
	return string(text), err
}

func (plainTokens) Read(kind domain.Kind, token string) (domain.Claims, error) {
	var c domain.Claims
	if err := json.Unmarshal([]byte(token), &c); err != nil || c.Kind != kind {
		return domain.Claims{}, domain.TokenInvalid
	}
	return c, nil
}

// plainPasswords hashes nothing: rows about stores guess no password.
type plainPasswords struct{}

func (plainPasswords) Hash(_ context.Context, password string) (string, error) { return password, nil }

func (plainPasswords) Verify(_ context.Context, password, hash string) (ok, stale bool, err error) {
	return hash != "" && password == hash, false, nil
}

// core is a node whose clock is off by so much.
func core(s application.Store, off time.Duration) (*application.Core, error) {
	return application.New(application.Deps{
		Store: s, Tokens: plainTokens{}, Passwords: plainPasswords{},
		Clock:  func() time.Time { return at(off) },
		Leeway: 2 * time.Hour, // so that nothing is refused for its token's own times

		LoginLimit: application.Unlimited(), AddressLimit: application.Unlimited(), RegisterLimit: application.Unlimited(),
	})
}

func clocksApart(ctx context.Context, n nodes) error {
	for i, off := range []time.Duration{time.Hour, -time.Hour, 0} {
		a, err := core(n.a, off)
		if err != nil {
			return err
		}
		b, err := core(n.b, 0)
		if err != nil {
			return err
		}
		if err := n.a.Add(ctx, person(i)); err != nil {
			return fmt.Errorf("Add: %w", err)
		}
		if err := twoCores(ctx, a, b, string(person(i).Email)); err != nil {
			return fmt.Errorf("with a clock %v ahead: %w", off, err)
		}
	}
	return nil
}

// twoCores logs in on either core, out on either, and looks on both, over and over.
func twoCores(ctx context.Context, a, b application.Gate, email string) error {
	gates := []application.Gate{a, b}
	var dead []application.Grant
	for round := range 8 {
		login, logout := gates[round&1], gates[round>>1&1]
		var grants []application.Grant
		for range 2 {
			grant, err := login.Login(ctx, email, verified)
			if err != nil {
				return err
			}
			grants = append(grants, grant)
		}
		for _, gate := range gates {
			for _, grant := range grants {
				if _, err := gate.Authorize(ctx, grant.AccessToken); err != nil {
					return fmt.Errorf("a session that was opened after the last logout: %w", err)
				}
			}
		}
		if err := logout.Logout(ctx, grants[0].AccessToken, domain.Others); err != nil {
			return err
		}
		for _, gate := range gates {
			if _, err := gate.Authorize(ctx, grants[0].AccessToken); err != nil {
				return fmt.Errorf("the session that logged out the others: %w", err)
			}
		}
		if err := allDead(ctx, gates, append(dead, grants[1])); err != nil {
			return err
		}
		if err := logout.Logout(ctx, grants[0].AccessToken, domain.Global); err != nil {
			return err
		}
		dead = append(dead, grants...)
		if err := allDead(ctx, gates, dead); err != nil {
			return err
		}
	}
	return nil
}

func allDead(ctx context.Context, gates []application.Gate, grants []application.Grant) error {
	for _, gate := range gates {
		for _, grant := range grants {
			_, err := gate.Authorize(ctx, grant.AccessToken)
			if err := expect("Authorize of a session that was logged out", err, domain.TokenRevoked); err != nil {
				return err
			}
			_, err = gate.Refresh(ctx, grant.RefreshToken)
			if err := expect("Refresh of a session that was logged out", err, domain.TokenRevoked); err != nil {
				return err
			}
		}
	}
	return nil
}
