package contract

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// asking is a Standing over a store, straight, and the ways to fall short of it.
type asking func(ctx context.Context, store application.Standings, id domain.SessionID) (domain.Standing, error)

// madeUpStanding asks the store.
type madeUpStanding struct {
	store application.Standings
	ask   asking
}

func (m madeUpStanding) Standing(ctx context.Context, id domain.SessionID) (domain.Standing, error) {
	return m.ask(ctx, m.store, id)
}

// straight is right.
func straight(ctx context.Context, store application.Standings, id domain.SessionID) (domain.Standing, error) {
	found, err := store.Standings(ctx, id)
	if err != nil {
		return domain.Standing{}, domain.Unavailable
	}
	return found[id], ctxOver(ctx)
}

func ctxOver(ctx context.Context) error {
	if ctx.Err() != nil {
		return domain.Unavailable
	}
	return nil
}

// remembering keeps answers for a while.
func remembering(alter func(st domain.Standing) domain.Standing) func() asking {
	return func() asking {
		var mu sync.Mutex
		kept := map[domain.SessionID]domain.Standing{}
		return func(ctx context.Context, store application.Standings, id domain.SessionID) (domain.Standing, error) {
			mu.Lock()
			st, known := kept[id]
			mu.Unlock()
			if known {
				return alter(st), nil
			}
			st, err := straight(ctx, store, id)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				kept[id] = st
			}
			return st, err
		}
	}
}

// deskOf opens a desk that asks in its own way.
func deskOf(ask func() asking) func(testing.TB) *desk {
	return func(testing.TB) *desk {
		d := &desk{}
		d.asks = madeUpStanding{d, ask()}
		return d
	}
}

// ofDesk is a mutant of a desk.
func ofDesk(wrong string, ask func() asking, rows ...string) mutant[*desk] {
	return mutant[*desk]{wrong: wrong, rows: rows, open: deskOf(ask)}
}

// simply keeps nothing from one desk to the next.
func simply(ask asking) func() asking { return func() asking { return ask } }

func deskSuite() suite[*desk] {
	return suite[*desk]{
		name: "Standing", rows: deskRows(), right: deskOf(simply(straight)),
		mutants: slices.Concat(brokenDeskAnswers(), brokenDeskFailures()),
	}
}

func brokenDeskAnswers() []mutant[*desk] {
	const store, fresh, mix, copies = "an answer is the store's", "an answer is fresh", "callers at once do not mix", "what came back is nobody else's"
	return []mutant[*desk]{
		ofDesk("a cache", remembering(func(st domain.Standing) domain.Standing { return st }), fresh, copies),
		ofDesk("an unknown session is NotFound", simply(func(ctx context.Context, s application.Standings, id domain.SessionID) (domain.Standing, error) {
			st, err := straight(ctx, s, id)
			if err == nil && st.Session == "" {
				err = domain.NotFound
			}
			return st, err
		}), store),
		ofDesk("an unknown session stands", simply(func(ctx context.Context, s application.Standings, id domain.SessionID) (domain.Standing, error) {
			st, err := straight(ctx, s, id)
			st.Session = id
			return st, err
		}), store),
		ofDesk("the first of a batch is everybody's", func() asking {
			var mu sync.Mutex
			first := domain.SessionID("")
			return func(ctx context.Context, s application.Standings, id domain.SessionID) (domain.Standing, error) {
				mu.Lock()
				if first == "" {
					first = id
				}
				mine := first
				mu.Unlock()
				return straight(ctx, s, mine)
			}
		}, mix, store),
	}
}

func brokenDeskFailures() []mutant[*desk] {
	const fails, refuses, leaves, over = "a failure is everybody's", "a store does not refuse", "who leaves touches nobody", "a call that is over asks nothing"
	return []mutant[*desk]{
		ofDesk("an error is the unknown session", simply(func(ctx context.Context, s application.Standings, id domain.SessionID) (domain.Standing, error) {
			st, _ := straight(ctx, s, id)
			return st, nil
		}), fails, refuses, over),
		ofDesk("a failure is remembered", func() asking {
			var failed sync.Map
			return func(ctx context.Context, s application.Standings, id domain.SessionID) (domain.Standing, error) {
				if _, before := failed.Load(id); before {
					return domain.Standing{}, domain.Unavailable
				}
				st, err := straight(ctx, s, id)
				if err != nil {
					failed.Store(id, true)
				}
				return st, err
			}
		}, fails),
		ofDesk("the store's refusals come through", simply(func(ctx context.Context, s application.Standings, id domain.SessionID) (domain.Standing, error) {
			found, err := s.Standings(ctx, id)
			return found[id], err
		}), refuses, fails),
		{wrong: "a timeout that is swallowed", rows: []string{leaves}, hangs: true, open: deskOf(simply(func(ctx context.Context, s application.Standings, id domain.SessionID) (domain.Standing, error) {
			return straight(context.WithoutCancel(ctx), s, id)
		}))},
		ofDesk("when one leaves all are failed", func() asking {
			gone := make(chan struct{})
			var once sync.Once
			return func(ctx context.Context, s application.Standings, id domain.SessionID) (domain.Standing, error) {
				batch, cancel := context.WithCancel(ctx)
				defer cancel()
				stop := context.AfterFunc(ctx, func() { once.Do(func() { close(gone) }) })
				defer stop()
				go func() {
					select {
					case <-gone:
						cancel()
					case <-batch.Done():
					}
				}()
				return straight(batch, s, id)
			}
		}, leaves),
		ofDesk("a call that is over is answered", simply(func(ctx context.Context, s application.Standings, id domain.SessionID) (domain.Standing, error) {
			return straight(context.WithoutCancel(ctx), s, id)
		}), over),
	}
}
