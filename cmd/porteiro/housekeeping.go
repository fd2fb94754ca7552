package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// housekeeping removes what nobody needs any more, a little at a time, for as long as a node serves. Every node does it:
// whoever comes to a piece first removes it, and no node has to be the one.
type housekeeping struct {
	purge func(context.Context, domain.SessionID) (domain.SessionID, error) // application.Core's
	log   *slog.Logger
	soon  time.Duration // before the first step, about
	step  time.Duration // between two steps, about
	rest  time.Duration // after the last one, about
	limit time.Duration // of one step
}

func newHousekeeping(purge func(context.Context, domain.SessionID) (domain.SessionID, error), log *slog.Logger, limit time.Duration) *housekeeping {
	return &housekeeping{purge: purge, log: log, soon: time.Second, step: 10 * time.Second, rest: time.Minute, limit: limit}
}

// run goes on until ctx ends. It logs the first failure and the first success after it, not every one in between.
func (h *housekeeping) run(ctx context.Context) {
	var at domain.SessionID
	failing := false
	for pause := h.soon; wait(ctx, jitter(pause)); {
		next, err := h.once(ctx, at)
		if ctx.Err() != nil {
			return
		}
		switch {
		case err != nil && !failing:
			h.log.Warn("sessions that are over cannot be removed", "error", err.Error())
		case err == nil && failing:
			h.log.Info("sessions that are over are removed again")
		}
		failing = err != nil
		at, pause = next, h.step
		if at == "" && err == nil {
			pause = h.rest
		}
	}
}

func (h *housekeeping) once(ctx context.Context, at domain.SessionID) (domain.SessionID, error) {
	ctx, cancel := context.WithTimeout(ctx, h.limit)
	defer cancel()
	return h.purge(ctx, at)
}

// jitter keeps nodes that started together apart: half of d to one and a half.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// wait reports whether the time went by before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
