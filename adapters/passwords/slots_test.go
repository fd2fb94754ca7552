package passwords_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/domain"
)

func TestSlots(t *testing.T) {
	ctx := context.Background()

	bubble(t, "no more than the slots work, the queue waits, the next is refused at once", func(t *testing.T) {
		h, begun, gate := gated(2, 3)
		var callers []<-chan error
		for range 5 {
			callers = append(callers, login(ctx, h))
		}
		synctest.Wait()
		if len(begun) != 2 {
			t.Errorf("%d work, want 2", len(begun))
		}
		if working, waiting := h.Busy(); working != 2 || waiting != 3 {
			t.Errorf("it says that %d work and %d wait, want 2 and 3", working, waiting)
		}
		start := time.Now()
		_, errHash := h.Hash(ctx, "password")
		for _, err := range []error{errHash, <-login(ctx, h)} {
			if !errors.Is(err, domain.Unavailable) || time.Since(start) != 0 {
				t.Errorf("got %v after %v, want unavailable at once", err, time.Since(start))
			}
		}
		gate <- struct{}{}
		synctest.Wait()
		if len(begun) != 3 {
			t.Errorf("%d began after one ended, want 3", len(begun))
		}
		close(gate)
		for _, done := range callers {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := <-login(ctx, h); err != nil || len(begun) != 6 {
			t.Errorf("afterwards: %v, %d began", err, len(begun))
		}
		if working, waiting := h.Busy(); working != 0 || waiting != 0 {
			t.Errorf("afterwards it says that %d work and %d wait", working, waiting)
		}
	})

	bubble(t, "whoever leaves the queue has not worked, and leaves a place", func(t *testing.T) {
		h, begun, gate := gated(1, 1)
		first := login(ctx, h)
		synctest.Wait()
		impatient, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		start := time.Now()
		err := <-login(impatient, h)
		if !errors.Is(err, domain.Unavailable) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v, want unavailable at the deadline", err, time.Since(start))
		}
		next := login(ctx, h)
		close(gate)
		if errFirst, errNext := <-first, <-next; errFirst != nil || errNext != nil || len(begun) != 2 {
			t.Errorf("first: %v, next: %v, %d began", errFirst, errNext, len(begun))
		}
	})

	bubble(t, "the end before the slot", func(t *testing.T) {
		h, begun, gate := gated(1, 1)
		first := login(ctx, h)
		synctest.Wait()
		goer, cancel := context.WithCancel(ctx)
		gone := login(goer, h)
		synctest.Wait()
		cancel()
		close(gate)
		errFirst, errGone := <-first, <-gone
		if errFirst != nil || !errors.Is(errGone, domain.Unavailable) || len(begun) != 1 {
			t.Errorf("first: %v, gone: %v, %d began", errFirst, errGone, len(begun))
		}
	})

}

func TestSlotsAreGivenBack(t *testing.T) {
	ctx := context.Background()

	bubble(t, "the end and the slot at the same moment", func(t *testing.T) {
		h, begun, gate := gated(1, 1)
		close(gate)
		for range 100 {
			if err := <-login(&leaving{Context: ctx}, h); !errors.Is(err, domain.Unavailable) {
				t.Fatalf("got %v, want unavailable", err)
			}
		}
		if err := <-login(ctx, h); err != nil || len(begun) != 1 {
			t.Errorf("afterwards: %v, %d began", err, len(begun))
		}
	})

	bubble(t, "a caller who has gone before is refused though slots are free", func(t *testing.T) {
		h, begun, gate := gated(1, 1)
		close(gate)
		gone, cancel := context.WithCancel(ctx)
		cancel()
		for range 10 {
			_, errHash := h.Hash(gone, "password")
			for _, err := range []error{errHash, <-login(gone, h)} {
				if !errors.Is(err, domain.Unavailable) || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			}
		}
		if err := <-login(ctx, h); err != nil || len(begun) != 1 {
			t.Errorf("afterwards: %v, %d began", err, len(begun))
		}
	})

	bubble(t, "a panic gives the slot back", func(t *testing.T) {
		h := passwords.NewCheap(passwords.Config{Slots: 1, Queue: 1}, func(password, salt []byte, t, m uint32, p uint8, n uint32) []byte {
			panic("argon2: out of luck")
		})
		for range 3 {
			func() {
				defer func() { recover() }()
				_, _, err := h.Verify(ctx, "password", "")
				t.Errorf("got %v, want the panic", err)
			}()
		}
	})
}

// leaving is a context that ends as soon as it has been asked once.
type leaving struct {
	context.Context
	asked bool
}

func (l *leaving) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

func (l *leaving) Err() error {
	if l.asked {
		return context.Canceled
	}
	l.asked = true
	return nil
}

func bubble(t *testing.T, name string, f func(*testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}
