package tokens_test

import (
	"testing"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestStrangers(t *testing.T) {
	contract.Strangers(t, func(t *testing.T) contract.Codecs {
		others := []domain.Key{accessKey(t, "a1", 7), refreshKey("r1", 107)}
		renamed := []domain.Key{accessKey(t, "a2", 1), refreshKey("r2", 101)}
		return contract.Codecs{
			Own: codec(t, ring(t), tokens.Config{}),
			Strangers: map[string]application.Tokens{
				"another issuer":                  codec(t, ring(t), tokens.Config{Issuer: "porteiro2"}),
				"an issuer in another case":       codec(t, ring(t), tokens.Config{Issuer: "Porteiro"}),
				"another audience":                codec(t, ring(t), tokens.Config{Audience: []string{"billing"}}),
				"an audience that begins alike":   codec(t, ring(t), tokens.Config{Audience: []string{"porteiro2"}}),
				"other keys under the same names": codec(t, others, tokens.Config{}),
				"the same keys under other names": codec(t, renamed, tokens.Config{}),
			},
		}
	})
}
