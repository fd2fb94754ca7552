package tokens_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

// at makes a key of the ring that was made and begins so long after the start.
func at(k domain.Key, made, begins time.Duration) domain.Key {
	k.CreatedAt, k.ActiveFrom = start.Add(made), start.Add(begins)
	return k
}

func retired(k domain.Key, after time.Duration) domain.Key {
	k.RetiredAt = start.Add(after)
	return k
}

// Every node has to choose the same, in whatever order its store shows the ring.
func TestTheNewestKeyThatHasBegunSigns(t *testing.T) {
	const hour = time.Hour
	a1, a2, a3 := accessKey(t, "a1", 1), accessKey(t, "a2", 2), accessKey(t, "a3", 3)
	rows := []struct {
		name string
		keys []domain.Key
		now  time.Duration
		want string
	}{
		{"one", []domain.Key{at(a1, 0, 0)}, 0, "a1"},
		{"the newer one", []domain.Key{at(a1, 0, 0), at(a2, 0, hour)}, 2 * hour, "a2"},
		{"from its first instant on", []domain.Key{at(a1, 0, 0), at(a2, 0, hour)}, hour, "a2"},
		{"not before", []domain.Key{at(a1, 0, 0), at(a2, 0, hour)}, hour - 1, "a1"},
		{"the one that began last, not the one made last", []domain.Key{at(a1, hour, 0), at(a2, 0, hour)}, 2 * hour, "a2"},
		{"made last, when they began at once", []domain.Key{at(a1, hour, 2*hour), at(a2, 0, 2*hour)}, 3 * hour, "a1"},
		{"by its id, when they were made at once", []domain.Key{at(a1, 0, 0), at(a3, 0, 0), at(a2, 0, 0)}, 0, "a3"},
		{"the first to begin, when none has", []domain.Key{at(a1, 0, 2*hour), at(a2, 0, hour), at(a3, 0, 3*hour)}, 0, "a2"},
		{"not a retired one", []domain.Key{at(a1, 0, 0), retired(at(a2, 0, hour), 2*hour)}, 2 * hour, "a1"},
		{"one that will be retired", []domain.Key{at(a1, 0, 0), retired(at(a2, 0, hour), 3*hour)}, 3*hour - 1, "a2"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for range len(row.keys) {
				row.keys = append(row.keys[1:], row.keys[0])
				keys := append(slices.Clone(row.keys), refreshKey("r1", 101))
				claims := accessClaims()
				claims.IssuedAt = start.Add(row.now)
				claims.Expires = claims.IssuedAt.Add(time.Minute)
				h, _, _ := parts(issue(t, codec(t, keys, tokens.Config{At: start.Add(row.now)}), claims))
				if got := decoded(t, h)["kid"]; got != row.want {
					t.Errorf("%v signs, want %s", got, row.want)
				}
			}
		})
	}
}

func TestKeysVerifyUntilTheyAreRetired(t *testing.T) {
	old := []domain.Key{accessKey(t, "a1", 1), refreshKey("r1", 101)}
	fresh := []domain.Key{at(accessKey(t, "a2", 2), 0, time.Hour), at(refreshKey("r2", 102), 0, time.Hour)}
	both := append(slices.Clone(old), fresh...)
	before := codec(t, both, tokens.Config{At: start})
	after := codec(t, both, tokens.Config{At: start.Add(time.Hour)})
	later := func(c domain.Claims) domain.Claims {
		c.IssuedAt, c.Expires = c.IssuedAt.Add(time.Hour), c.Expires.Add(time.Hour)
		return c
	}
	retiredOld := []domain.Key{retired(old[0], 2*time.Hour), retired(old[1], 2*time.Hour), fresh[0], fresh[1]}
	last := codec(t, retiredOld, tokens.Config{At: start.Add(2*time.Hour - 1)})
	gone := codec(t, retiredOld, tokens.Config{At: start.Add(2 * time.Hour)})
	for _, claims := range []domain.Claims{accessClaims(), refreshClaims()} {
		first, second := issue(t, before, claims), issue(t, before, later(claims)) // it goes on to the next key by itself
		if h1, h2 := strings.Split(first, ".")[0], strings.Split(second, ".")[0]; h1 == h2 {
			t.Errorf("a second %s key changed nothing", claims.Kind)
		}
		if issue(t, after, claims) != first || issue(t, before, claims) != first {
			t.Errorf("a repeated %s token is another one after the next key has begun", claims.Kind)
		}
		accept(t, gone, claims.Kind, issue(t, gone, claims)) // repeated when its key is retired: by the one that signs now
		for _, c := range []*tokens.Codec{before, after, last} {
			accept(t, c, claims.Kind, first)
			accept(t, c, claims.Kind, second)
		}
		accept(t, gone, claims.Kind, second)
		refuse(t, gone, first)
		refuse(t, codec(t, old, tokens.Config{}), second) // not in that ring
	}
}

// A retired key is looked at no more: it may be of an algorithm that nobody reads any longer.
func TestRetiredKeysNeedNotBeUsable(t *testing.T) {
	odd := domain.Key{ID: "x", Purpose: domain.Access, Algorithm: "RS1", RetiredAt: start}
	codec(t, append(ring(t), odd), tokens.Config{})
}
