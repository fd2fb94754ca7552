package domain_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/domain"
)

var handover = domain.Handover{Notice: 5 * time.Minute, Keep: time.Hour}

func newKey(id string, purpose domain.Kind) domain.Key {
	return domain.Key{ID: id, Purpose: purpose, Algorithm: "EdDSA", Private: []byte("secret of " + id)}
}

// begun is a key that signs from noon on, or so long after.
func begun(id string, purpose domain.Kind, after time.Duration) domain.Key {
	k := newKey(id, purpose)
	k.CreatedAt, k.ActiveFrom = noon.Add(after), noon.Add(after)
	return k
}

func retiredAt(k domain.Key, after time.Duration) domain.Key {
	k.RetiredAt = noon.Add(after)
	return k
}

func ids(keys []domain.Key) []string {
	var all []string
	for _, k := range keys {
		all = append(all, k.ID)
	}
	return all
}

func TestRingFirst(t *testing.T) {
	r := domain.NewRing()
	odd := newKey("a", domain.Access)
	odd.RetiredAt = noon
	if !r.First(noon.Add(123), odd) || r.First(noon, newKey("b", domain.Access)) || !r.First(noon, newKey("r", domain.Refresh)) {
		t.Error("of the first keys not the first ones were taken")
	}
	want := []domain.Key{begun("a", domain.Access, 0), begun("r", domain.Refresh, 0)}
	if diff := cmp.Diff(domain.RingChanges{Added: want}, r.Changes()); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	gone := domain.NewRing(retiredAt(begun("a", domain.Access, -time.Hour), -time.Minute))
	if gone.First(noon, newKey("b", domain.Access)) || !gone.Changes().None() {
		t.Error("a retired key was replaced behind somebody's back")
	}
}

func TestRingRotate(t *testing.T) {
	r := domain.NewRing(begun("a", domain.Access, -time.Hour), begun("r", domain.Refresh, -time.Hour))
	added, err := r.Rotate(noon, newKey("b", domain.Access), handover)
	if err != nil {
		t.Fatal(err)
	}
	want := begun("b", domain.Access, 0)
	want.ActiveFrom = noon.Add(5 * time.Minute)
	a := retiredAt(begun("a", domain.Access, -time.Hour), 65*time.Minute)
	if diff := cmp.Diff(domain.RingChanges{Added: []domain.Key{want}, Changed: []domain.Key{a}}, r.Changes()); diff != "" || !added.Equal(want) {
		t.Errorf("changes (-want +got), and it returned %v:\n%s", added, diff)
	}
	// A clock that is behind rotates after one that is ahead: the order in which they rotated stays.
	behind, err := r.Rotate(noon.Add(-time.Minute), newKey("c", domain.Access), handover)
	if err != nil || !behind.ActiveFrom.Equal(want.ActiveFrom.Add(domain.Tick)) {
		t.Errorf("behind the other it begins at %v, %v", behind.ActiveFrom, err)
	}
	if _, err := r.Rotate(noon, newKey("r", domain.Access), handover); !errors.Is(err, domain.ErrKeyThere) {
		t.Errorf("with the id of another: %v", err)
	}
	gone := domain.NewRing(retiredAt(begun("a", domain.Access, -time.Hour), 0))
	if k, err := gone.Rotate(noon, newKey("b", domain.Access), handover); err != nil || !k.ActiveFrom.Equal(noon) {
		t.Errorf("with nobody to wait for it begins at %v, %v", k.ActiveFrom, err)
	}
}

func TestRingDue(t *testing.T) {
	a := begun("a", domain.Access, 0)
	next := begun("b", domain.Access, day)
	for _, row := range []struct {
		name     string
		keys     []domain.Key
		interval time.Duration
		now      time.Duration
		want     bool
	}{
		{"so early that the next one begins when the interval is over", []domain.Key{a}, day, day - 5*time.Minute, true},
		{"not before", []domain.Key{a}, day, day - 5*time.Minute - 1, false},
		{"never", []domain.Key{a}, 0, 1000 * day, false},
		{"a next one is there", []domain.Key{a, next}, day, day, false},
		{"the next one's time has come", []domain.Key{next, a}, day, 2 * day, true},
		{"an interval shorter than the notice: when the newest has begun", []domain.Key{a}, time.Second, 0, true},
		{"and not before", []domain.Key{a}, time.Second, -1, false},
		{"an empty ring", nil, day, 1000 * day, false},
		{"keys of the other purpose", []domain.Key{begun("r", domain.Refresh, 0)}, day, 1000 * day, false},
		{"a retired key", []domain.Key{retiredAt(next, 2*day), a}, day, 2 * day, true},
	} {
		if got := domain.NewRing(row.keys...).Due(noon.Add(row.now), domain.Access, row.interval, handover); got != row.want {
			t.Errorf("%s: %v", row.name, got)
		}
	}
}

func TestRingKeep(t *testing.T) {
	soon := retiredAt(begun("a", domain.Access, -day), 10*time.Minute) // somebody thought that tokens live ten minutes
	long := retiredAt(begun("b", domain.Access, -day/2), 10*day)
	past := retiredAt(begun("z", domain.Access, -2*day), -1)
	r := domain.NewRing(begun("c", domain.Access, 0), past, long, soon, retiredAt(begun("r", domain.Refresh, -day), time.Minute))
	r.Keep(noon, domain.Access, domain.Handover{Keep: day})
	want := retiredAt(soon, day/2) // a day after b began
	if diff := cmp.Diff(domain.RingChanges{Changed: []domain.Key{want}}, r.Changes()); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestRingRetire(t *testing.T) {
	old := retiredAt(begun("old", domain.Access, -day), day)
	now := retiredAt(begun("now", domain.Access, -time.Hour), 2*day)
	next := begun("next", domain.Access, time.Minute)
	gone := retiredAt(begun("gone", domain.Access, -2*day), -time.Hour)
	refresh := begun("r", domain.Refresh, -day)
	promoted := next
	promoted.ActiveFrom = noon
	lone := begun("lone", domain.Access, -day)
	for _, row := range []struct {
		name  string
		keys  []domain.Key
		id    string
		inUse bool
		err   error
		want  []domain.Key
	}{
		{"an unknown one", []domain.Key{old, now, next}, "x", true, domain.NotFound, nil},
		{"the only one", []domain.Key{lone, refresh}, "lone", true, domain.ErrLastKey, nil},
		{"the only one that stays", []domain.Key{old, now, next}, "next", true, domain.ErrLastKey, nil},
		{"the one that signs", []domain.Key{old, now, next}, "now", false, domain.ErrKeyInUse, nil},
		{"the one that signs, wanted", []domain.Key{old, now, next}, "now", true, nil, []domain.Key{retiredAt(now, 0), promoted}},
		{"one that verifies", []domain.Key{old, now, next}, "old", false, domain.ErrKeyInUse, nil},
		{"one that verifies, wanted", []domain.Key{old, now, next}, "old", true, nil, []domain.Key{retiredAt(old, 0)}},
		{"one that has signed nothing", []domain.Key{lone, next}, "next", false, nil, []domain.Key{retiredAt(next, 0)}},
		{"one that is about to sign", []domain.Key{lone, begun("next", domain.Access, 30*time.Second)}, "next", false, domain.ErrKeyInUse, nil},
		{"the one that signs, and the next is to go too", []domain.Key{lone, retiredAt(next, day), begun("last", domain.Access, time.Hour)}, "lone", true, nil,
			[]domain.Key{retiredAt(lone, 0), retiredAt(promoted, day)}},
		{"a retired one", []domain.Key{gone, lone}, "gone", false, nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := domain.NewRing(row.keys...)
			if err := r.Retire(noon, row.id, row.inUse, 30*time.Second); !errors.Is(err, row.err) {
				t.Errorf("Retire: %v, want %v", err, row.err)
			}
			if diff := cmp.Diff(domain.RingChanges{Changed: row.want}, r.Changes()); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStateOf(t *testing.T) {
	keys := []domain.Key{
		retiredAt(begun("a", domain.Access, -day), 0), retiredAt(begun("b", domain.Access, -time.Hour), 1), begun("c", domain.Access, 0),
		begun("d", domain.Access, 1), begun("r", domain.Refresh, time.Hour), begun("s", domain.Refresh, 2*time.Hour),
	}
	want := []domain.KeyState{domain.KeyRetired, domain.KeyVerifying, domain.KeySigning, domain.KeyNext, domain.KeySigning, domain.KeyNext}
	for i, k := range keys {
		if got := domain.StateOf(k, keys, noon); got != want[i] {
			t.Errorf("%s is %s, want %s", k.ID, got, want[i])
		}
	}
}

func TestRingSharesNothing(t *testing.T) {
	given := []domain.Key{begun("a", domain.Access, 0)}
	r := domain.NewRing(given...)
	put := begun("b", domain.Access, 0)
	r.Put(put)
	given[0].Private[0], put.Private[0] = 'X', 'X'
	for _, k := range slices.Concat(r.Keys(), r.Changes().Added) {
		if k.Private[0] == 'X' {
			t.Errorf("%s is shared", k.ID)
		}
		k.Private[0] = 'X'
	}
	if c := r.Changes(); len(c.Changed) > 0 || len(c.Added) != 1 || c.Added[0].Private[0] == 'X' {
		t.Errorf("after what was returned was changed: %v", c)
	}
}

func TestSignerOfNobody(t *testing.T) {
	if k, found := domain.Signer([]domain.Key{begun("a", domain.Access, 0)}, domain.Refresh, noon); found || k.ID != "" {
		t.Errorf("refresh tokens are signed by %q", k.ID)
	}
	if got := ids(domain.Unretired([]domain.Key{retiredAt(begun("a", domain.Access, 0), 0), begun("b", domain.Access, 0)}, noon)); fmt.Sprint(got) != "[b]" {
		t.Errorf("not retired are %v", got)
	}
}
