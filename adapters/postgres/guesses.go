package postgres

import (
	"context"
	"database/sql"
	"slices"
	"sync"
	"time"

	"github.com/lib/pq"

	"github.com/porteiro/porteiro/domain"
)

// guessed is how many buckets a store remembers.
const guessed = 4096

// guesses is what a store last knew of buckets that have a row. Others may have changed them since. The zero value knows
// none.
type guesses struct {
	mu    sync.Mutex
	empty map[string]time.Time
}

// of returns when the buckets are empty, as far as is known: the zero time for those that nothing is known of.
func (g *guesses) of(buckets []string) []time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	empty := make([]time.Time, len(buckets))
	for i, name := range buckets {
		empty[i] = g.empty[name]
	}
	return empty
}

// learn remembers, in the place of any others when there are too many.
func (g *guesses) learn(buckets []string, empty []time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.empty == nil {
		g.empty = make(map[string]time.Time)
	}
	for i, name := range buckets {
		if empty[i].IsZero() {
			delete(g.empty, name)
		} else {
			g.empty[name] = empty[i]
		}
	}
	for name := range g.empty {
		if len(g.empty) <= guessed {
			break
		}
		delete(g.empty, name)
	}
}

// lanes has those who count in one bucket through one store go one after the other. They would only spoil each other's
// guesses, and wait for a lock of the database with a connection each. The zero value has nobody.
type lanes struct {
	mu    sync.Mutex
	lanes map[string]*lane
}

type lane struct {
	busy chan struct{} // of one
	here int           // who is in it or waits
}

// enter waits until nobody else is in the lanes of the names. Everybody takes them in one order: addresses come before
// accounts in it, so that nobody who waits behind the others of one address holds up those of an account elsewhere.
func (l *lanes) enter(ctx context.Context, names []string) (leave func(), err error) {
	names = slices.Sorted(slices.Values(names))
	slices.Reverse(names)
	taken := 0
	leave = func() {
		for _, name := range names[:taken] {
			<-l.of(name, 0).busy
			l.of(name, -1)
		}
	}
	for _, name := range names {
		select {
		case l.of(name, 1).busy <- struct{}{}:
			taken++
		case <-ctx.Done():
			l.of(name, -1)
			leave()
			return nil, ctx.Err()
		}
	}
	return leave, nil
}

// of returns the lane of a name, in which there are so many more from now on.
func (l *lanes) of(name string, more int) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lanes[name]
	if at == nil {
		if l.lanes == nil {
			l.lanes = make(map[string]*lane)
		}
		at = &lane{busy: make(chan struct{}, 1)}
		l.lanes[name] = at
	}
	if at.here += more; at.here == 0 {
		delete(l.lanes, name)
	}
	return at
}

// difference is what a Count changes: from what the buckets were to what is kept of them.
type difference struct {
	buckets   []string
	was, kept []time.Time
}

// differ returns nil where there is none, as when kept is nil.
func differ(buckets []string, was, kept []time.Time) *difference {
	if kept == nil {
		return nil
	}
	d := &difference{buckets, was, make([]time.Time, len(buckets))}
	for i := range buckets {
		d.kept[i] = domain.Instant(kept[i])
	}
	if slices.EqualFunc(d.was, d.kept, time.Time.Equal) {
		return nil
	}
	return d
}

// arguments are those of countBuckets.
func (d *difference) arguments() []any {
	was := make([]sql.NullString, len(d.buckets))
	emptied, filled, times := pq.StringArray{}, pq.StringArray{}, pq.StringArray{}
	for i, name := range d.buckets {
		if !d.was[i].IsZero() {
			was[i] = sql.NullString{String: string(pq.FormatTimestamp(d.was[i])), Valid: true}
		}
		switch t := d.kept[i]; {
		case t.Equal(d.was[i]):
		case t.IsZero():
			emptied = append(emptied, name)
		default:
			filled, times = append(filled, name), append(times, string(pq.FormatTimestamp(t)))
		}
	}
	return []any{pq.StringArray(d.buckets), pq.Array(was), emptied, filled, times}
}

// instants is an array of them; NULL is nil, and a NULL in it the zero time.
type instants []time.Time

// Scan is sql.Scanner's.
func (a *instants) Scan(src any) error {
	*a = nil
	if src == nil {
		return nil
	}
	var texts []sql.NullString
	if err := (pq.GenericArray{A: &texts}).Scan(src); err != nil {
		return err
	}
	*a = make(instants, len(texts))
	for i, text := range texts {
		if !text.Valid {
			continue
		}
		t, err := pq.ParseTimestamp(time.UTC, text.String)
		if err != nil {
			return err
		}
		(*a)[i] = domain.Instant(t)
	}
	return nil
}
