package tokens_test

import (
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/tokens"
)

// TestSeen: who asks what the last look showed gets no secret.
func TestSeen(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	s := &keyStore{keys: ring(t)}
	l := live(t, s, tokens.LiveConfig{Clock: func() time.Time { return at }})
	for range 2 {
		keys, seen := l.Seen()
		if len(keys) != len(s.keys) || !seen.Equal(at) {
			t.Errorf("%d keys at %v, want %d at %v", len(keys), seen, len(s.keys), at)
		}
		for i, k := range keys {
			if k.Private != nil || k.ID != s.keys[i].ID {
				t.Errorf("got %s with %d secret bytes", k.ID, len(k.Private))
			}
		}
	}
}
