package passwords

import (
	"context"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// slots bound how many work at once and how many wait for it.
type slots struct {
	places  chan struct{} // one for each caller who works or waits
	working chan struct{}
}

func newSlots(slotCount, queue int) *slots {
	return &slots{places: make(chan struct{}, slotCount+queue), working: make(chan struct{}, slotCount)}
}

// take waits for a slot, which the caller gives back. The error is [domain.Unavailable], at once when the queue is full,
// and then it is also ctx's own when ctx has ended.
func (s *slots) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return ended(err)
	}
	select {
	case s.places <- struct{}{}:
	default:
		return fmt.Errorf("the queue is full: %w", domain.Unavailable)
	}
	select {
	case s.working <- struct{}{}:
		// select chooses by lot when both are ready: nobody works for a caller who is gone.
		if ctx.Err() == nil {
			return nil
		}
		<-s.working
	case <-ctx.Done():
	}
	<-s.places
	return ended(ctx.Err())
}

func (s *slots) give() {
	<-s.working
	<-s.places
}

// busy is how many work and how many wait. The two are not counted in one instant.
func (s *slots) busy() (working, waiting int) {
	working = len(s.working)
	return working, max(len(s.places)-working, 0)
}

func ended(err error) error {
	return fmt.Errorf("waiting for a slot: %w: %w", domain.Unavailable, err)
}
