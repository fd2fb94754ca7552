package contract

import (
	"context"
	"errors"
	"sync"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func brokenCalls() []mutant[*line] {
	const ends, once = "a deadline", "a call is made once"
	return []mutant[*line]{
		onWire("failures tried again", func(w *wire) { w.again = func(err error) bool { return errors.Is(crossing(err), domain.Unavailable) } }, once),
		onWire("refusals tried again", func(w *wire) { w.again = func(err error) bool { return !errors.Is(crossing(err), domain.Unavailable) } }, once),
		onFarSide("every write sent twice", func(s *farSide) {
			end := s.end
			s.end = func(ctx context.Context, t string, id domain.SessionID) error {
				_ = end(ctx, t, id)
				return end(ctx, t, id)
			}
		}, once),
		{wrong: "a timeout that is swallowed", rows: []string{ends}, hangs: true, open: lineOf(func(w *wire) { w.wait = true }, func(*farSide) {})},
		onFarSide("a cancellation as context.Canceled", func(s *farSide) {
			allow := s.allow
			s.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				id, err := allow(ctx, t, r...)
				if ctx.Err() != nil {
					err = ctx.Err()
				}
				return id, err
			}
		}, ends),
	}
}

func brokenMemories() []mutant[*line] {
	const anew = "nothing is remembered"
	return []mutant[*line]{
		onFarSide("who passed once passes for a while", func(s *farSide) {
			allow := s.allow
			var mu sync.Mutex
			kept := map[string]application.Identity{}
			s.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				mu.Lock()
				defer mu.Unlock()
				if id, found := kept[t]; found && len(r) == 0 {
					return id, nil
				}
				id, err := allow(ctx, t, r...)
				if err == nil && len(r) == 0 {
					kept[t] = id
				}
				return id, err
			}
		}, anew),
		onFarSide("who was refused once is refused", func(s *farSide) {
			refresh := s.refresh
			var refused error
			s.refresh = func(ctx context.Context, t string) (application.Grant, error) {
				if refused != nil {
					return application.Grant{}, refused
				}
				g, err := refresh(ctx, t)
				refused = err
				return g, err
			}
		}, anew),
	}
}

func brokenMixtures() []mutant[*line] {
	const mix = "callers do not mix"
	return []mutant[*line]{
		onFarSide("an identity shared by those who ask at once", func(s *farSide) {
			allow := s.allow
			var mu sync.Mutex
			var last application.Identity
			meet := meeting(0)
			s.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				id, err := allow(ctx, t, r...)
				if err != nil {
					return id, err
				}
				mu.Lock()
				last = id
				mu.Unlock()
				meet()
				mu.Lock()
				defer mu.Unlock()
				return last, nil
			}
		}, mix),
		onFarSide("answers in the order of their arrival", func(s *farSide) {
			list := s.list
			var mu sync.Mutex
			var came int
			var answers [][]application.SessionInfo
			overtaken := make(chan struct{}) // whoever comes first is, so that their answer goes to somebody else
			s.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
				l, err := list(ctx, t)
				if err != nil {
					return nil, err
				}
				mu.Lock()
				defer mu.Unlock()
				came++
				answers = append(answers, l)
				switch came {
				case 1:
					mu.Unlock()
					select {
					case <-overtaken:
					case <-ctx.Done(): // nobody else came
					}
					mu.Lock()
				case 2:
					close(overtaken)
				}
				l, answers = answers[0], answers[1:]
				return l, nil
			}
		}, mix),
	}
}

func brokenOrigins() []mutant[*line] {
	const origin = "no origin from a client"
	return []mutant[*line]{
		onWire("the client says where it is from", func(w *wire) {
			w.arrive = func(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
		}, origin),
		onWire("the client names its request", func(w *wire) {
			w.arrive = func(ctx context.Context) context.Context {
				return application.WithOrigin(context.WithoutCancel(ctx), application.Origin{IP: "192.0.2.1", RequestID: application.OriginOf(ctx).RequestID})
			}
		}, origin),
	}
}
