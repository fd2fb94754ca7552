package contract

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Standing proves what stands between Authorize and a store's Standings. The function puts it before the given store,
// which is scripted here.
func Standing(t *testing.T, over func(t *testing.T, store application.Standings) application.Standing) {
	t.Helper()
	open := func(t *testing.T) *desk {
		d := &desk{}
		d.asks = over(t, d)
		return d
	}
	run(t, "standing", open, deskRows())
}

func deskRows() []row[*desk] {
	return []row[*desk]{
		{"an answer is the store's", "A session's standing is what the store shows of it; one that is unknown, or is no ID, is the zero Standing.", answersAreTheStores},
		{"an answer is fresh", "Every answer comes from a query that began after it was asked for.", answersAreFresh},
		{"callers at once do not mix", "Each caller at the same time gets their own session's standing.", standingsDoNotMix},
		{"what came back is nobody else's", "A standing that was returned shares nothing with another caller's.", standingsAreCopies},
		{"a failure is everybody's", "When the store fails every caller is told Unavailable, and the next question is asked anew.", failuresAreEverybodys},
		{"a store does not refuse", "An error of the store is Unavailable, even one that looks like a refusal.", storesDoNotRefuse},
		{"who leaves touches nobody", "A caller whose context ends comes back at once, and the others are answered.", leavingTouchesNobody},
		{"a call that is over asks nothing", "With a context that has ended a call is Unavailable.", overBeforeItBegan},
	}
}

// desk is a store that counts. Each query and each request takes the next number; a standing carries, as its LoginTime,
// the number with which its query began.
type desk struct {
	asks  application.Standing
	clock atomic.Int64

	mu      sync.Mutex
	err     error
	hold    chan struct{}
	arrived chan struct{}
	queries int
}

func (d *desk) tick() time.Time { return time.UnixMicro(d.clock.Add(1)).UTC() }

func (d *desk) Standings(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
	began := d.tick()
	d.mu.Lock()
	d.queries++
	hold, arrived := d.hold, d.arrived
	d.mu.Unlock()
	if hold != nil {
		arrived <- struct{}{}
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return nil, d.err
	}
	found := map[domain.SessionID]domain.Standing{}
	for _, id := range ids {
		if _, err := domain.ParseSessionID(string(id)); err == nil && id != sessionID(unknownSession) {
			found[id] = domain.Standing{Session: id, LoginTime: began, Roles: []domain.Role{"reader"}}
		}
	}
	return found, nil
}

const unknownSession = 1 << 20

func (d *desk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

// silence makes queries wait until the returned function is called; each tells of its arrival.
func (d *desk) silence() (arrived <-chan struct{}, release func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hold, d.arrived = make(chan struct{}), make(chan struct{}, 1000)
	hold := d.hold
	return d.arrived, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.hold = nil
		close(hold)
	}
}

func answersAreTheStores(ctx context.Context, d *desk) error {
	for _, id := range []domain.SessionID{sessionID(0), sessionID(1), sessionID(0)} {
		got, err := d.asks.Standing(ctx, id)
		if err != nil || got.Session != id || len(got.Roles) != 1 {
			return fmt.Errorf("the standing of %s is %+v, %w", id, got, err)
		}
	}
	for _, id := range append(strangers(string(sessionID(0))), string(sessionID(unknownSession))) {
		got, err := d.asks.Standing(ctx, domain.SessionID(id))
		if err != nil || got.Session != "" || got.Refuse(at(0)) == nil {
			return fmt.Errorf("the standing of %q is %+v, %w", id, got, err)
		}
	}
	return nil
}

func answersAreFresh(ctx context.Context, d *desk) error {
	return atOnce(64, func(i int) error {
		for n := range 200 {
			asked := d.tick()
			got, err := d.asks.Standing(ctx, sessionID((i*n)%7))
			if err != nil {
				return err
			}
			if !got.LoginTime.After(asked) {
				return fmt.Errorf("a question with the number %d was answered by query %d", asked.UnixMicro(), got.LoginTime.UnixMicro())
			}
		}
		return nil
	})
}

func standingsDoNotMix(ctx context.Context, d *desk) error {
	return atOnce(64, func(i int) error {
		for n := range 100 {
			id := sessionID(i*100 + n)
			if got, err := d.asks.Standing(ctx, id); err != nil || got.Session != id {
				return fmt.Errorf("the standing of %s is that of %s, %w", id, got.Session, err)
			}
		}
		return nil
	})
}

func standingsAreCopies(ctx context.Context, d *desk) error {
	return atOnce(64, func(int) error {
		for range 100 {
			got, err := d.asks.Standing(ctx, sessionID(0))
			if err != nil {
				return err
			}
			if len(got.Roles) != 1 || got.Roles[0] != "reader" {
				return errors.New("a caller sees what another one wrote into theirs")
			}
			got.Roles[0] = "admin"
		}
		return nil
	})
}

func failuresAreEverybodys(ctx context.Context, d *desk) error {
	d.fail(errors.New("the other side is silent"))
	err := atOnce(64, func(i int) error {
		_, err := d.asks.Standing(ctx, sessionID(i))
		return is("a question to a store that fails", err, domain.Unavailable)
	})
	if err != nil {
		return err
	}
	d.fail(nil)
	_, err = d.asks.Standing(ctx, sessionID(0))
	return err
}

func storesDoNotRefuse(ctx context.Context, d *desk) error {
	for _, refusal := range []error{domain.TokenRevoked, fmt.Errorf("inside: %w", domain.NotFound)} {
		d.fail(refusal)
		got, err := d.asks.Standing(ctx, sessionID(0))
		var r domain.Refusal
		if !errors.As(err, &r) || r != domain.Unavailable || got.Session != "" {
			return fmt.Errorf("a store that answers %w gives %+v, %w", refusal, got, err)
		}
	}
	return nil
}

func leavingTouchesNobody(ctx context.Context, d *desk) error {
	arrived, release := d.silence()
	const n = 32
	leaving, leave := context.WithCancel(ctx)
	defer leave()
	left, stayed := make(chan error, n), make(chan error, n)
	for i := range n {
		go func() {
			left <- safely(func() error {
				_, err := d.asks.Standing(leaving, sessionID(i))
				return is("a call whose context ended", err, domain.Unavailable)
			})
		}()
		go func() {
			stayed <- safely(func() error {
				got, err := d.asks.Standing(ctx, sessionID(i))
				if err == nil && got.Session != sessionID(i) {
					err = fmt.Errorf("the standing of %s is that of %s", sessionID(i), got.Session)
				}
				return err
			})
		}()
	}
	select {
	case <-arrived:
	case <-ctx.Done():
		return errors.New("the store was not asked")
	}
	leave()
	for range n {
		if err := <-left; err != nil {
			return err
		}
	}
	release()
	for range n {
		if err := <-stayed; err != nil {
			return fmt.Errorf("a caller who stayed: %w", err)
		}
	}
	return nil
}

func overBeforeItBegan(ctx context.Context, d *desk) error {
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, err := d.asks.Standing(over, sessionID(0))
	return is("a call that is over", err, domain.Unavailable)
}
