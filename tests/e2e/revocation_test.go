package e2e_test

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lib/pq"

	"github.com/porteiro/porteiro/adapters/httpapi/client"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

var times = flag.Int("times", 1, "how many times as long TestRevocationAtFullSpeed drives the nodes")

// TestRevocationAtFullSpeed: people and the operator take away what they gave, in every way that there is, on two nodes
// of one PostgreSQL that many ask all the while. A request that was sent after a logout was acknowledged is not let in,
// one that was answered before any began is not refused, and so with roles. Meanwhile transactions stay open, tables are
// vacuumed, keys rotate, and connections are terminated: a 503 is an answer only then.
func TestRevocationAtFullSpeed(t *testing.T) {
	w := newWatch(t)
	var people []*person
	var switches []*handSwitch
	for i := range 3 {
		people = append(people, w.register(fmt.Sprintf("person%d@example.com", i)))
		switches = append(switches, w.install(fmt.Sprintf("switch%d@example.com", i)))
	}
	done := make(chan struct{})
	var changing, asking sync.WaitGroup
	for i := range 2 * len(people) { // two clients each
		changing.Go(func() { w.live(people[i/2], i, 5**times) })
	}
	for i, s := range switches {
		changing.Go(func() { w.turn(s, i, 36**times) })
	}
	changing.Go(func() { w.disturb(switches, 3**times) })
	for i := range 4 {
		asking.Go(func() {
			for n := i; !closed(done); n++ {
				d := w.doors[n%len(w.doors)]
				if n%2 == 0 {
					w.look(d, switches[rand.N(len(switches))])
				} else if v := people[rand.N(len(people))].any(); v != nil {
					w.hold(d, v, v.access())
				}
			}
		})
	}
	changing.Wait()
	close(done)
	asking.Wait()
	t.Logf("%d answers, %d of them 503 while connections were terminated; %d changes were acknowledged",
		w.answers.Load(), w.interrupted.Load(), w.changes.Load())
}

func closed(done chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// watch is two nodes, the ways into them, and what came of asking.
type watch struct {
	*testing.T
	ctx   context.Context
	url   string
	db    *sql.DB // the operator's own
	doors []door

	killing                       atomic.Int64 // odd while connections are being terminated
	answers, interrupted, changes atomic.Int64
}

// door is a way into a node: what people can do there.
type door struct {
	name string
	application.Gate
	application.Sessions
	application.Accounts
}

func newWatch(t *testing.T) *watch {
	w := &watch{T: t, ctx: t.Context(), url: postgrestest.URL(t)}
	settings := append(soon(), "--login-limit", "off", "--address-limit", "off", "--register-limit", "off",
		"--refresh-retry", "1m", "--request-timeout", "25s", "--log-level", "warn") // to be slow is no fault here
	a, b := serve(t, w.url, settings...), serve(t, w.url, append(settings, "--grpc-listen", "127.0.0.1:0")...)
	saysIfFailed(a)
	saysIfFailed(b)
	for name, n := range map[string]*node{"A": a, "B": b} {
		far, err := client.New(client.Config{URL: n.url})
		if err != nil {
			t.Fatal(err)
		}
		w.doors = append(w.doors, door{name, far, far, far})
	}
	_, far := b.dial()
	w.doors = append(w.doors, door{"B over gRPC", far, far, far})
	connector, err := pq.NewConnector(w.url)
	if err != nil {
		t.Fatal(err)
	}
	w.db = sql.OpenDB(connector)
	t.Cleanup(func() { w.db.Close() })
	return w
}

// saysIfFailed puts into the log of a test that failed what the node said first.
func saysIfFailed(n *node) {
	n.t.Cleanup(func() {
		if n.t.Failed() {
			n.t.Logf("%s says %.9999s", n.url, n.stderr)
		}
	})
}

func (w *watch) anyDoor() door { return w.doors[rand.N(len(w.doors))] }

// ask reports whether a token is let in, and as whom. There may be no answer while connections are terminated.
func (w *watch) ask(d door, token string, anyOf ...domain.Role) (id application.Identity, in, answered bool) {
	before := w.killing.Load()
	id, err := d.Authorize(w.ctx, token, anyOf...)
	w.answers.Add(1)
	switch {
	case err == nil:
		return id, true, true
	case errors.Is(err, domain.TokenRevoked), len(anyOf) > 0 && errors.Is(err, domain.InsufficientRole):
		return id, false, true
	case w.excused(before, err):
	default:
		w.Errorf("%s answers %v", d.name, err)
	}
	return id, false, false
}

// excused reports whether there is no answer because connections were terminated after the request was sent, or then.
func (w *watch) excused(killing int64, err error) bool {
	if !errors.Is(err, domain.Unavailable) || killing%2 == 0 && w.killing.Load() == killing {
		return false
	}
	w.interrupted.Add(1)
	return true
}

// acknowledged repeats a change until it is answered: without an answer it may have happened, or not.
func (w *watch) acknowledged(f func() error) error {
	for {
		before := w.killing.Load()
		if err := f(); !w.excused(before, err) {
			return err
		}
	}
}

// operate runs a command of porteiro.
func (w *watch) operate(args ...string) error {
	return w.acknowledged(func() error {
		_, errs, code := porteiro(w.T, "", append(args, "--database-url", w.url)...)
		if code != 0 {
			return fmt.Errorf("%v: exit %d: %s%w", args, code, errs, domain.Unavailable)
		}
		return nil
	})
}

// byHand sends a statement as an operator does who knows SQL. How differs from one time to the next: alone, below a
// savepoint, in a transaction that saw an older state, or one that stays open while meanwhile runs. Before is called
// when it is about to be sent, or committed.
func (w *watch) byHand(how int, before, meanwhile func(), statement string, args ...any) error {
	if how %= 4; how == 0 {
		before()
		_, err := w.db.ExecContext(w.ctx, statement, args...)
		return err
	}
	level := sql.LevelReadCommitted
	if how == 2 {
		level = sql.LevelRepeatableRead
	}
	tx, err := w.db.BeginTx(w.ctx, &sql.TxOptions{Isolation: level})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	steps := []string{"SELECT pg_current_xact_id()"}
	if how == 1 {
		steps = append(steps, "SAVEPOINT one", "UPDATE users SET verified_at = NULL WHERE false", "SAVEPOINT two")
	}
	for _, s := range steps {
		if _, err := tx.ExecContext(w.ctx, s); err != nil {
			return err
		}
	}
	if how == 3 {
		meanwhile()
	}
	if _, err := tx.ExecContext(w.ctx, statement, args...); err != nil {
		return err
	}
	if how != 0 {
		meanwhile()
	}
	before()
	return tx.Commit()
}

// disturb does what goes on beside a service: a transaction that nobody ends, vacuum, new keys, lost connections.
func (w *watch) disturb(switches []*handSwitch, rounds int) {
	for r := range rounds {
		tx, err := w.db.BeginTx(w.ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
		if err == nil {
			_, err = tx.ExecContext(w.ctx, "SELECT pg_current_xact_id(), count(*) FROM changes")
		}
		if err == nil {
			_, err = w.db.ExecContext(w.ctx, "VACUUM ANALYZE users, sessions, changes")
		}
		if err == nil {
			err = w.terminate()
		}
		if err == nil && r%2 == 0 {
			err = w.operate(append([]string{"key", "rotate"}, soon()...)...)
		}
		for i := range 100 {
			w.look(w.anyDoor(), switches[i%len(switches)])
		}
		if err := errors.Join(err, tx.Rollback()); err != nil {
			w.Error(err)
			return
		}
	}
}

// terminate ends every connection of the nodes, and returns when they are no more.
func (w *watch) terminate() error {
	w.killing.Add(1)
	defer w.killing.Add(1)
	var pids pq.Int64Array
	err := w.db.QueryRowContext(w.ctx, `SELECT array_agg(pid) FROM (SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'porteiro') ended`).Scan(&pids)
	for left := 1; err == nil && left > 0; {
		err = w.db.QueryRowContext(w.ctx, "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ($1)", pids).Scan(&left)
	}
	return err
}
