package contract

import (
	"context"
	"errors"
	"fmt"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// snapshots is how often a reader looks while a writer writes.
const snapshots = 150

// watch looks at the sessions again and again while the writer logs the others out, which writes the user and the one
// session together, and gives each snapshot to see.
func watch(ctx context.Context, reader, writer application.Store, see func(map[domain.SessionID]domain.Standing) error) error {
	by, err := look1(ctx, writer, userID(0), sessionID(0))
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	wrote := make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				wrote <- nil
				return
			default:
			}
			if err := safely(func() error { return logOut(ctx, writer, at(0), by, domain.Others) }); err != nil {
				wrote <- err
				return
			}
		}
	}()
	var seen error
	for range snapshots {
		found, err := reader.Standings(ctx, sessionID(0), sessionID(1))
		if err != nil {
			seen = fmt.Errorf("Standings: %w", err)
		} else {
			seen = see(found)
		}
		if seen != nil {
			break
		}
	}
	close(stop)
	return errors.Join(seen, <-wrote)
}

func look1(ctx context.Context, s application.Store, u domain.UserID, id domain.SessionID) (domain.Session, error) {
	_, sessions, err := look(ctx, s, u, id)
	if err != nil || len(sessions) != 1 {
		return domain.Session{}, fmt.Errorf("Change shows %d sessions, %v", len(sessions), err)
	}
	return sessions[0], nil
}

func standingsNeverHalf(ctx context.Context, s application.Store) error { return neverHalf(ctx, s, s) }

func neverHalf(ctx context.Context, reader, writer application.Store) error {
	if err := people(ctx, writer, 1); err != nil {
		return err
	}
	first, err := signIn(ctx, writer, at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	if err := logOut(ctx, writer, at(0), first, domain.Others); err != nil {
		return err
	}
	return watch(ctx, reader, writer, func(found map[domain.SessionID]domain.Standing) error {
		// By the hybrid clock the login that remains is one tick after the logout, each time.
		if st := found[sessionID(0)]; st.LoginTime.Sub(st.LogoutTime) != domain.Tick {
			return fmt.Errorf("the session began %v after its user's logout, which half a write shows", st.LoginTime.Sub(st.LogoutTime))
		}
		return nil
	})
}

func oneSnapshot(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for i := range 2 {
		if _, err := signIn(ctx, s, at(0), userID(0), sessionID(i)); err != nil {
			return err
		}
	}
	return watch(ctx, s, s, func(found map[domain.SessionID]domain.Standing) error {
		one, other := found[sessionID(0)].LogoutTime, found[sessionID(1)].LogoutTime
		if !one.Equal(other) {
			return fmt.Errorf("one query shows the user's logout at %v and at %v", one, other)
		}
		return nil
	})
}
