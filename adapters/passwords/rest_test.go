package passwords_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/porteiro/porteiro/adapters/passwords"
)

// Each password takes a tenth of a second, of which the process had a share of the processor.
func TestSlotsRest(t *testing.T) {
	const each = 100 * time.Millisecond
	for name, c := range map[string]struct {
		slots int
		had   float64       // of the processor, for each that works
		rests time.Duration // of a slot before the next one begins
	}{
		"the processor is theirs":        {1, 1, 0},
		"a quarter of it was taken":      {1, 0.75, 0},
		"more than half was taken":       {1, 0.4, each * 6 / 10},
		"two at once, each with its own": {2, 1, 0},
		"two at once on less than one":   {2, 0.4, each * 6 / 10},
		"almost all of it was taken":     {1, 0.01, each * 99 / 100},
	} {
		bubble(t, name, func(t *testing.T) {
			start := time.Now()
			began := make(chan time.Duration, 2*c.slots)
			h := passwords.NewCheap(passwords.Config{
				Slots: c.slots, Queue: 10,
				Spent: func() time.Duration { return time.Duration(c.had * float64(c.slots) * float64(time.Since(start))) },
			}, func(password, salt []byte, t, m uint32, p uint8, n uint32) []byte {
				began <- time.Since(start)
				time.Sleep(each)
				return free(password, salt, t, m, p, n)
			})
			for range 2 {
				var all []<-chan error
				for range c.slots {
					all = append(all, login(context.Background(), h))
				}
				for _, done := range all {
					if err := <-done; err != nil {
						t.Error(err)
					}
				}
			}
			if ended := time.Since(start); ended != 2*each+c.rests {
				t.Errorf("two rounds took %v, want %v", ended, 2*each+c.rests)
			}
			for n := range 2 * c.slots {
				want := time.Duration(n/c.slots) * (each + c.rests)
				if got := <-began; got != want {
					t.Errorf("number %d began after %v, want %v", n, got, want)
				}
			}
		})
	}
}

// A slot rests for a second at most, and has given its answer before.
func TestRestIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := passwords.NewCheap(passwords.Config{Slots: 1, Queue: 1, Spent: func() time.Duration { return 0 }},
			func(password, salt []byte, t, m uint32, p uint8, n uint32) []byte {
				time.Sleep(time.Minute)
				return free(password, salt, t, m, p, n)
			})
		start := time.Now()
		for want := time.Minute; want < 5*time.Minute; want += time.Minute + time.Second {
			if err := <-login(context.Background(), h); err != nil || time.Since(start) != want {
				t.Errorf("%v after %v, want %v", err, time.Since(start), want)
			}
		}
	})
}
