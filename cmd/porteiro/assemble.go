package main

import (
	"errors"
	"time"

	"github.com/porteiro/porteiro/adapters/coalesce"
	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// names are what tokens say of who made them and whom they are for. All nodes must agree on them, so they never come
// from the listening address.
type names struct {
	issuer   string
	audience []string
	clientID string
}

// assemble puts the core together over an open store, with a hasher of default settings and reads of standing that are
// shared where d has none.
func assemble(s application.Store, t application.Tokens, d application.Deps) (*application.Core, error) {
	if d.Passwords == nil {
		hasher, err := passwords.New(passwords.Config{})
		if err != nil {
			return nil, err
		}
		d.Passwords = hasher
	}
	if d.Standing == nil {
		standing, err := coalesce.New(s, coalesce.Config{})
		if err != nil {
			return nil, err
		}
		d.Standing = standing
	}
	d.Store, d.Tokens, d.Clock = s, t, time.Now
	return application.New(d)
}

// noTokens is for administration, which neither issues tokens nor reads any: so it needs no keys and opens none.
type noTokens struct{}

var errNoTokens = errors.New("this process has no keys")

func (noTokens) Issue(domain.Claims) (string, error) { return "", errNoTokens }

func (noTokens) Read(domain.Kind, string) (domain.Claims, error) {
	return domain.Claims{}, errNoTokens
}
