package inprocess_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
	"github.com/porteiro/porteiro/tests/inprocess"
)

// quick hashes with a salt and costs nothing: what is proved here is no hash.
type quick struct{}

func (quick) Hash(_ context.Context, password string) (string, error) {
	return salted(rand.Text(), password), nil
}

func (quick) Verify(_ context.Context, password, hash string) (ok, stale bool, err error) {
	salt, _, _ := strings.Cut(hash, "$")
	return hash != "" && hash == salted(salt, password), false, nil
}

func salted(salt, password string) string {
	return fmt.Sprintf("%s$%x", salt, sha256.Sum256([]byte(salt+password)))
}

// TestHTTP runs the contract that holds for every running service on the handler, below a path.
func TestHTTP(t *testing.T) {
	var store application.Store
	core := inprocess.Core(t, func(d *application.Deps) {
		store, d.Passwords = d.Store, quick{}
		d.LoginLimit, d.AddressLimit, d.RegisterLimit = application.Unlimited(), application.Unlimited(), application.Unlimited()
	})
	keys, err := application.NewKeyRing(application.KeyRingDeps{Store: store.(application.KeyStore), Maker: tokens.Maker{}, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	handler := inprocess.Handler(t, core, func(c *httpapi.Config) {
		c.BasePath, c.RequestTimeout, c.Public = "/auth", time.Minute, keys.Public
	})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	contract.HTTP(t, contract.Target{
		URL: server.URL + "/auth/",
		GiveRole: func(ctx context.Context, email, role string) error {
			return core.SetRoles(ctx, email, domain.Role(role))
		},
	})
}
