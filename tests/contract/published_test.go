package contract

import (
	"encoding/json"
	"testing"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

// Whichever algorithm a service signs with, its tokens are verified by the key that it publishes, and by no other.
func TestPublishedKeysVerify(t *testing.T) {
	for _, algorithm := range []string{"EdDSA", "ES256", "RS256"} {
		var maker tokens.Maker
		issue := func() (token string, key map[string]any) {
			access, err1 := maker.Make(domain.Access, algorithm)
			refresh, err2 := maker.Make(domain.Refresh, "")
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			c := accessClaims()
			for _, k := range []*domain.Key{&access, &refresh} {
				k.CreatedAt, k.ActiveFrom = c.IssuedAt, c.IssuedAt
			}
			codec, err := tokens.New([]domain.Key{access, refresh}, tokens.Config{At: c.IssuedAt})
			if err != nil {
				t.Fatal(err)
			}
			if token, err = codec.Issue(c); err != nil {
				t.Fatal(err)
			}
			published, err := maker.Publish([]domain.Key{access})
			if err != nil {
				t.Fatal(err)
			}
			var set struct{ Keys []map[string]any }
			if err := json.Unmarshal(published, &set); err != nil || len(set.Keys) != 1 {
				t.Fatalf("%s, %v", published, err)
			}
			return token, set.Keys[0]
		}
		token, key := issue()
		_, other := issue()
		if err := verifies(token, key); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
		if err := verifies(token, other); err == nil {
			t.Errorf("%s: a token verifies under another key", algorithm)
		}
	}
}
