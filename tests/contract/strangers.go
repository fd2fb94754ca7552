package contract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Codecs is a codec and others that have one thing different each.
type Codecs struct {
	Own application.Tokens
	// Strangers have all that Own has, the keys too where they can, but for the one thing that they are named by: another
	// issuer, another audience, other keys under the same names.
	Strangers map[string]application.Tokens
}

// Strangers proves that a codec reads what is meant for it and nothing else. Tokens issues with one codec and can forge
// only what needs no key; here the function opens a codec and the strangers whose tokens it must refuse.
func Strangers(t *testing.T, open func(t *testing.T) Codecs) {
	t.Helper()
	run(t, "strangers", open, strangerRows())
}

func strangerRows() []row[Codecs] {
	return []row[Codecs]{
		{"a stranger's token is refused",
			"A token of another issuer, for another audience or under other keys is TokenInvalid, for either kind.", strangersRefused},
		{"one's own token is a stranger's elsewhere",
			"What a codec issues is TokenInvalid where the issuer, the audience or the keys are others.", ownRefusedElsewhere},
		{"strangers change nothing",
			"After any number of strangers' tokens a codec reads its own.", strangersChangeNothing},
	}
}

// each calls f for every stranger, in one order.
func (c Codecs) each(f func(name string, stranger application.Tokens) error) error {
	if len(c.Strangers) == 0 {
		return errors.New("no stranger was given")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Strangers)) {
		if err := f(name, c.Strangers[name]); err != nil {
			return err
		}
	}
	return nil
}

// notAcross holds that a token of one codec is refused by another for either kind, and read where it is from.
func notAcross(from, to application.Tokens, what string) error {
	for _, c := range bothKinds() {
		token, err := from.Issue(c)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if _, err := from.Read(c.Kind, token); err != nil {
			return fmt.Errorf("%s: where it was issued a %s token is refused: %w", what, c.Kind, err)
		}
		if err := refused(to, what, token); err != nil {
			return err
		}
	}
	return nil
}

func strangersRefused(_ context.Context, c Codecs) error {
	return c.each(func(name string, stranger application.Tokens) error {
		return notAcross(stranger, c.Own, "a token of "+name)
	})
}

func ownRefusedElsewhere(_ context.Context, c Codecs) error {
	return c.each(func(name string, stranger application.Tokens) error {
		return notAcross(c.Own, stranger, "one's own token where there is "+name)
	})
}

func strangersChangeNothing(_ context.Context, c Codecs) error {
	own := map[domain.Kind]string{}
	for _, claims := range bothKinds() {
		token, err := c.Own.Issue(claims)
		if err != nil {
			return err
		}
		own[claims.Kind] = token
	}
	return c.each(func(name string, stranger application.Tokens) error {
		for _, claims := range bothKinds() {
			token, err := stranger.Issue(claims)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			for range 3 {
				if err := refusedAs(c.Own, claims.Kind, "a token of "+name, token); err != nil {
					return err
				}
				got, err := c.Own.Read(claims.Kind, own[claims.Kind])
				if err != nil {
					return fmt.Errorf("after a token of %s one's own: %w", name, err)
				}
				if err := sameClaims(got, claims); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
