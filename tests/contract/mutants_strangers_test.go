package contract

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// bound is a codec of an issuer and an audience, which can leave out to look at either.
type bound struct {
	madeUpTokens
	issuer, audience, key string
	blind                 string // what is not looked at
	confused              *bool  // by a stranger's token, from then on
}

func (b bound) Issue(c domain.Claims) (string, error) {
	token, err := b.madeUpTokens.plainIssue(c)
	end := strings.Join([]string{b.issuer, b.audience, b.key}, "~")
	return token + "." + base64.RawURLEncoding.EncodeToString([]byte(end)) + "." + mac(token+end), err
}

func (b bound) Read(kind domain.Kind, token string) (domain.Claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 5 {
		return domain.Claims{}, domain.TokenInvalid
	}
	inner := strings.Join(parts[:3], ".")
	end, err := base64.RawURLEncoding.DecodeString(parts[3])
	if err != nil || parts[4] != mac(inner+string(end)) {
		return domain.Claims{}, domain.TokenInvalid
	}
	says := strings.Split(string(end), "~")
	for i, own := range []string{b.issuer, b.audience, b.key} {
		if says[i] != own && b.blind != []string{"iss", "aud", "key"}[i] {
			if b.confused != nil {
				*b.confused = true
			}
			return domain.Claims{}, domain.TokenInvalid
		}
	}
	if b.confused != nil && *b.confused {
		return domain.Claims{}, domain.Unavailable
	}
	return b.plainRead(kind, inner)
}

func strangerSuite() suite[Codecs] {
	codecs := func(blind string, forgets bool) Codecs {
		var confused *bool
		if forgets {
			confused = new(bool)
		}
		codec := func(issuer, audience, key string) application.Tokens {
			return bound{issuer: issuer, audience: audience, key: key, blind: blind}
		}
		return Codecs{
			Own:       bound{issuer: "i", audience: "a", key: "k", blind: blind, confused: confused},
			Strangers: map[string]application.Tokens{"another issuer": codec("j", "a", "k"), "another audience": codec("i", "b", "k"), "another key": codec("i", "a", "l")},
		}
	}
	broken := func(wrong, blind string, forgets bool, rows ...string) mutant[Codecs] {
		return mutant[Codecs]{wrong: wrong, rows: rows, open: func(testing.TB) Codecs { return codecs(blind, forgets) }}
	}
	const refused, elsewhere, nothing = "a stranger's token is refused", "one's own token is a stranger's elsewhere", "strangers change nothing"
	return suite[Codecs]{
		name: "Strangers", rows: strangerRows(), right: broken("", "", false).open,
		mutants: []mutant[Codecs]{
			broken("a codec that skips aud", "aud", false, refused, elsewhere),
			broken("a codec that skips iss", "iss", false, refused, elsewhere),
			broken("a codec that takes any key", "key", false, refused, elsewhere),
			broken("a codec that a stranger confuses", "", true, nothing),
			{wrong: "no stranger at all", rows: []string{refused}, open: func(testing.TB) Codecs { return Codecs{Own: madeUpTokens{}} }},
		},
	}
}
