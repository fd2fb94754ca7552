package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// version is the number in a role.
func version(roles []domain.Role) (n int) {
	if len(roles) == 1 {
		_, _ = fmt.Sscanf(string(roles[0]), "r%d", &n)
	}
	return n
}

// TestMemoryLaw: many write and read at once; whatever was acknowledged before a question is in its answer.
func TestMemoryLaw(t *testing.T) {
	t.Parallel()
	const n = 8
	url := postgrestest.URL(t)
	first, second := open(t, postgres.Config{URL: url}), open(t, postgres.Config{URL: url})
	people(t, first, n)
	var (
		mu   sync.Mutex
		seen = make([]int, n) // the version that was acknowledged last
		all  sync.WaitGroup
	)
	stop := time.Now().Add(3 * time.Second)
	for w := range 3 {
		all.Go(func() {
			for time.Now().Before(stop) && !t.Failed() {
				k := rand.N(n)
				var number int
				err := second.Change(t.Context(), userID(k), func(a *domain.Account) error {
					number = version(a.User.Roles) + 1
					a.SetRoles(domain.Role(fmt.Sprintf("r%d", number)))
					return nil
				})
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				mu.Lock()
				seen[k] = max(seen[k], number)
				mu.Unlock()
			}
		})
	}
	for range 4 {
		all.Go(func() {
			for time.Now().Before(stop) && !t.Failed() {
				k := rand.N(n)
				mu.Lock()
				least := seen[k]
				mu.Unlock()
				found, err := first.Standings(t.Context(), sessionID(k), sessionID((k+1)%n))
				if err != nil {
					t.Error(err)
					return
				}
				if got := version(found[sessionID(k)].Roles); got < least {
					t.Errorf("session %d is shown as of %d when %d was acknowledged", k, got, least)
				}
			}
		})
	}
	all.Wait()
}
