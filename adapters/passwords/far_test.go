package passwords_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

// room is a configuration with places for so many, under the parameters that cost the least.
func room(slots, queue int) passwords.Config {
	return passwords.Config{Slots: slots, Queue: queue}
}

// apart is passwords that are worked on by h at the other end of a pipe, again after the pipe was cut.
func apart(t *testing.T, c passwords.Config, h *passwords.Hasher) (far *passwords.Far, cut func()) {
	t.Helper()
	var there net.Conn
	far, err := passwords.NewFar(c, func() (io.ReadWriteCloser, error) {
		var here net.Conn
		here, there = net.Pipe()
		conn := there
		go func() {
			if err := passwords.Serve(conn, h); err != nil && !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("the other end: %v", err)
			}
		}()
		return here, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	return far, func() { _ = there.Close() }
}

func TestContractApart(t *testing.T) {
	contract.Passwords(t, func(t *testing.T) application.Passwords {
		far, _ := apart(t, passwords.Config{}, passwords.NewCheap(passwords.Config{Params: cheap}, nil))
		return far
	})
}

// Whoever leaves, and a crowd, are no work at the other end.
func TestApart(t *testing.T) {
	ctx := context.Background()

	bubble(t, "whoever leaves is not worked for, and leaves a place", func(t *testing.T) {
		h, begun, gate := gated(1, 3)
		far, _ := apart(t, room(1, 1), h)
		first := login(ctx, far)
		synctest.Wait()
		impatient, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		start := time.Now()
		err := <-login(impatient, far)
		if !errors.Is(err, domain.Unavailable) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v, want unavailable at the deadline", err, time.Since(start))
		}
		next := login(ctx, far)
		synctest.Wait()
		close(gate)
		if errFirst, errNext := <-first, <-next; errFirst != nil || errNext != nil || len(begun) != 2 {
			t.Errorf("first: %v, next: %v, %d began", errFirst, errNext, len(begun))
		}
	})

	bubble(t, "nobody is worked for of a crowd that leaves at once", func(t *testing.T) {
		h, begun, gate := gated(1, 10)
		far, _ := apart(t, room(1, 8), h)
		first := login(ctx, far)
		synctest.Wait()
		impatient, cancel := context.WithCancel(ctx)
		var crowd []<-chan error
		for range 8 {
			crowd = append(crowd, login(impatient, far))
		}
		synctest.Wait()
		cancel()
		for _, done := range crowd {
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		synctest.Wait()
		close(gate)
		if errFirst, errNext := <-first, <-login(ctx, far); errFirst != nil || errNext != nil || len(begun) != 2 {
			t.Errorf("first: %v, next: %v, %d began", errFirst, errNext, len(begun))
		}
	})

	bubble(t, "a crowd is refused here", func(t *testing.T) {
		h, begun, gate := gated(1, 3)
		far, _ := apart(t, room(1, 1), h)
		callers := []<-chan error{login(ctx, far), login(ctx, far)}
		synctest.Wait()
		if working, waiting := far.Busy(); working != 1 || waiting != 1 {
			t.Errorf("it says that %d work and %d wait, want 1 and 1", working, waiting)
		}
		if err := <-login(ctx, far); !errors.Is(err, domain.Unavailable) {
			t.Errorf("got %v", err)
		}
		close(gate)
		for _, done := range callers {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if working, waiting := far.Busy(); working != 0 || waiting != 0 || len(begun) != 2 {
			t.Errorf("afterwards it says that %d work and %d wait, and %d began", working, waiting, len(begun))
		}
	})

}

// The other end may go away, or not listen.
func TestTheOtherEnd(t *testing.T) {
	ctx := context.Background()

	bubble(t, "the other end goes away: unavailable, and there is another one within a second", func(t *testing.T) {
		h, begun, gate := gated(1, 3)
		far, cut := apart(t, room(1, 1), h)
		pending := login(ctx, far)
		synctest.Wait()
		cut()
		for _, err := range []error{<-pending, <-login(ctx, far)} {
			if !errors.Is(err, domain.Unavailable) {
				t.Errorf("got %v, want unavailable", err)
			}
		}
		<-time.After(time.Second) // of the bubble's clock
		close(gate)
		if err := <-login(ctx, far); err != nil || len(begun) < 2 {
			t.Errorf("a second later: %v, %d began", err, len(begun))
		}
	})

	bubble(t, "a panic there is that caller's", func(t *testing.T) {
		far, _ := apart(t, room(1, 1), passwords.NewCheap(room(1, 1), func(password, salt []byte, t, m uint32, p uint8, n uint32) []byte {
			if string(password) == "password" {
				panic("a secret")
			}
			return free(password, salt, t, m, p, n)
		}))
		if err := <-login(ctx, far); !errors.Is(err, domain.Unavailable) || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v, want unavailable", err)
		}
		if _, err := far.Hash(ctx, "another password"); err != nil {
			t.Errorf("and then: %v", err)
		}
	})

	bubble(t, "nothing is started after the end", func(t *testing.T) {
		h, _, gate := gated(1, 1)
		close(gate)
		far, _ := apart(t, room(1, 1), h)
		if err := <-login(ctx, far); err != nil {
			t.Fatal(err)
		}
		_ = far.Close()
		<-time.After(time.Minute) // of the bubble's clock
		if err := <-login(ctx, far); !errors.Is(err, domain.Unavailable) {
			t.Errorf("got %v, want unavailable", err)
		}
	})

	bubble(t, "an end that does not listen holds nobody up past their deadline", func(t *testing.T) {
		here, deaf := net.Pipe()
		defer deaf.Close()
		far, err := passwords.NewFar(room(1, 1), func() (io.ReadWriteCloser, error) { return here, nil })
		if err != nil {
			t.Fatal(err)
		}
		defer far.Close()
		for range 3 {
			impatient, cancel := context.WithTimeout(ctx, time.Second)
			if err := <-login(impatient, far); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			cancel()
		}
	})
}

func TestApartThatCannotBeStarted(t *testing.T) {
	cannot := errors.New("no such file")
	if _, err := passwords.NewFar(passwords.Config{}, func() (io.ReadWriteCloser, error) { return nil, cannot }); !errors.Is(err, cannot) {
		t.Errorf("got %v", err)
	}
}
