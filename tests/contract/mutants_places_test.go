package contract

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// madeUpPlaces has room for two, and the ways to fall short of it.
type madeUpPlaces struct {
	madeUpPasswords
	room    chan struct{}
	full    error // Place's, when there is no room
	forgets bool  // that a context has a place
	keeps   bool  // the place of one who left
	always  bool  // works, place or not
	twice   bool  // who leaves twice gives back two
}

type madeUpPlace struct{}

func (p madeUpPlaces) Place(ctx context.Context) (context.Context, func(), error) {
	if !p.forgets && ctx.Value(madeUpPlace{}) != nil {
		return ctx, func() {}, nil
	}
	select {
	case p.room <- struct{}{}:
	default:
		return nil, nil, p.full
	}
	leave := func() {
		select {
		case <-p.room:
		default:
		}
	}
	switch {
	case p.keeps:
		leave = func() {}
	case !p.twice:
		leave = sync.OnceFunc(leave)
	}
	return context.WithValue(ctx, madeUpPlace{}, true), leave, nil
}

func (p madeUpPlaces) Hash(ctx context.Context, password string) (string, error) {
	_, leave, err := p.Place(ctx)
	if err != nil && !p.always {
		return "", err
	}
	if err == nil {
		defer leave()
	}
	return p.madeUpPasswords.Hash(ctx, password)
}

func (p madeUpPlaces) Verify(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	_, leave, err := p.Place(ctx)
	if err != nil && !p.always {
		return false, false, err
	}
	if err == nil {
		defer leave()
	}
	return p.madeUpPasswords.Verify(ctx, password, hash)
}

func brokenPlacesOfPasswords() []mutant[application.Passwords] {
	places := func(wrong string, flaw func(*madeUpPlaces), rows ...string) mutant[application.Passwords] {
		return mutant[application.Passwords]{wrong: wrong, rows: rows, open: func(testing.TB) application.Passwords {
			p := madeUpPlaces{room: make(chan struct{}, 2), full: domain.Unavailable}
			flaw(&p)
			return p
		}}
	}
	const row = "places"
	return []mutant[application.Passwords]{
		places("a place that the work does not know of", func(p *madeUpPlaces) { p.forgets = true }, row),
		places("a place that is never given back", func(p *madeUpPlaces) { p.keeps = true }, "a hash verifies", row),
		places("work without a place", func(p *madeUpPlaces) { p.always = true }, row),
		places("who leaves twice lets two in", func(p *madeUpPlaces) { p.twice = true }, row),
		places("no room is no refusal", func(p *madeUpPlaces) { p.full = errors.New("full") }, row),
	}
}
