package tokens

import (
	"fmt"
	"strings"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Maker makes and publishes keys.
type Maker struct{}

var _ application.KeyMaker = Maker{}

// Make is documented at application.KeyMaker. The ID of an asymmetric key is the thumbprint of its public half
// (RFC 7638), which is what others compute too; that of a secret is random.
func (Maker) Make(purpose domain.Kind, algorithm string) (domain.Key, error) {
	a, found := algorithmOf(purpose, algorithm)
	if !found {
		return domain.Key{}, fmt.Errorf("tokens: no %q tokens are signed with %q: %w", purpose, algorithm, domain.RequestInvalid)
	}
	for {
		id, private, err := a.generate()
		if err != nil {
			return domain.Key{}, fmt.Errorf("tokens: making a key for %s tokens: %w", purpose, err)
		}
		if !strings.HasPrefix(id, "-") { // a command line would take it for a flag
			return domain.Key{ID: id, Purpose: purpose, Algorithm: a.method.Alg(), Private: private}, nil
		}
	}
}

// Publish is documented at application.KeyMaker.
func (Maker) Publish(keys []domain.Key) ([]byte, error) { return publish(keys) }
