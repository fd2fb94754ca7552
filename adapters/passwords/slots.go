package passwords

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// slots bound how many work at once and how many have a place: to work, to wait for that, or for what they need before.
type slots struct {
	places  chan struct{} // one for each caller who has a place, or works without having taken one before
	working chan struct{}
	rests   *rests // nil: a slot never rests
}

// newSlots returns slots that rest when it is told what this process has spent of the processor.
func newSlots(slotCount, queue int, spent func() time.Duration) *slots {
	s := &slots{places: make(chan struct{}, slotCount+queue), working: make(chan struct{}, slotCount)}
	if spent != nil {
		s.rests = &rests{spent: spent}
	}
	return s
}

// held is the key of the slots that a context has a place in.
type held struct{}

// place takes a place. The error is [domain.Unavailable], at once when there is none, and then it is also ctx's own when
// ctx has ended.
func (s *slots) place(ctx context.Context) (context.Context, func(), error) {
	if ctx.Value(held{}) == s {
		return ctx, func() {}, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, ended(err)
	}
	select {
	case s.places <- struct{}{}:
		return context.WithValue(ctx, held{}, s), sync.OnceFunc(func() { <-s.places }), nil
	default:
		return nil, nil, fmt.Errorf("the queue is full: %w", domain.Unavailable)
	}
}

// take waits for a slot, which the caller gives back. The error is that of place, or at the end of ctx.
func (s *slots) take(ctx context.Context) (give func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, ended(err)
	}
	_, leave, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	select {
	case s.working <- struct{}{}:
		// select chooses by lot when both are ready: nobody works for a caller who is gone.
		if ctx.Err() == nil {
			rest := s.rests.begin()
			return func() { leave(); s.free(rest()) }, nil
		}
		<-s.working
	case <-ctx.Done():
	}
	leave()
	return nil, ended(ctx.Err())
}

// free frees a slot after a while.
func (s *slots) free(after time.Duration) {
	if after == 0 {
		<-s.working
		return
	}
	time.AfterFunc(after, func() { <-s.working })
}

// busy is how many work and how many wait. The two are not counted in one instant.
func (s *slots) busy() (working, waiting int) {
	working = len(s.working)
	return working, max(len(s.places)-working, 0)
}

func ended(err error) error {
	return fmt.Errorf("waiting for a slot: %w: %w", domain.Unavailable, err)
}
