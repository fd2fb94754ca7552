package contract

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func walksAtOnce(ctx context.Context, s application.Store) error { return walkBeside(ctx, s, s) }

// walkBeside lets walkers go on until everybody else is done: each user logs in, refreshes and logs out, over and over,
// on a clock that goes on by an hour each time, while the walkers remove what has been over for two. Whatever stands is
// there, and the last walk finds nothing that the others should have found.
func walkBeside(ctx context.Context, handles ...application.Store) error {
	const users, rounds, walkers = 4, 12, 2
	if err := people(ctx, handles[0], users); err != nil {
		return err
	}
	var turns [users]atomic.Int64 // the round that each has done
	var rest atomic.Int64
	rest.Store(users)
	err := atOnce(users+walkers, func(i int) error {
		s := handles[i%len(handles)]
		if i < users {
			defer rest.Add(-1)
			for round := range rounds {
				if err := liveOn(ctx, s, i, round); err != nil {
					return fmt.Errorf("user %d in round %d: %w", i, round, err)
				}
				turns[i].Store(int64(round))
			}
			return nil
		}
		for rest.Load() > 0 {
			slowest := turns[0].Load()
			for u := range turns {
				slowest = min(slowest, turns[u].Load())
			}
			before := at(time.Duration(slowest)*time.Hour - 2*time.Hour)
			if _, _, err := purge(ctx, s, before, 3); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if _, _, err := purge(ctx, handles[0], at((rounds-2)*time.Hour), 3); err != nil {
		return err
	}
	return onlyYoung(ctx, handles[0], users, rounds, rounds-2)
}

// liveOn logs in three times and refreshes each session once. The first of them is logged out, and in some rounds the
// last one logs out all the others. What must stand does.
func liveOn(ctx context.Context, s application.Store, u, round int) error {
	now := at(time.Duration(round) * time.Hour)
	var sessions [perRound]domain.Session
	for k := range perRound {
		var err error
		if sessions[k], err = signIn(ctx, s, now, userID(u), sessionOf(u, round, k)); err != nil {
			return err
		}
		if _, err := refresh(ctx, s, now, sessions[k], 0); err != nil {
			return fmt.Errorf("a refresh: %w", err)
		}
	}
	if err := logOut(ctx, s, now, sessions[0], domain.Local); err != nil {
		return err
	}
	if othersGo(round) {
		if err := logOut(ctx, s, now, sessions[perRound-1], domain.Others); err != nil {
			return err
		}
	}
	return expect("the last session", stands(ctx, s, now, sessions[perRound-1].ID), nil)
}

const perRound = 3 // sessions of a round

func sessionOf(u, round, k int) domain.SessionID { return sessionID(1000*u + perRound*round + k) }

func othersGo(round int) bool { return round%5 == 4 }

// overAfter returns in which round a session of liveOn is over: refreshed, it may rest for an hour, which is a round.
func overAfter(round, k int) int {
	if k == 0 || k < perRound-1 && othersGo(round) {
		return round
	}
	return round + 1
}

// onlyYoung holds that of the sessions of liveOn those that were over before a round are gone, and no others.
func onlyYoung(ctx context.Context, s application.Store, users, rounds, before int) error {
	for u := range users {
		for round := range rounds {
			for k := range perRound {
				id := sessionOf(u, round, k)
				found, err := s.Standings(ctx, id)
				if err != nil {
					return fmt.Errorf("Standings: %w", err)
				}
				_, known := found[id]
				if gone := overAfter(round, k) < before; known == gone {
					return fmt.Errorf("session %d of round %d is there: %t, and it was over in round %d", k, round, known, overAfter(round, k))
				}
			}
		}
	}
	return nil
}
