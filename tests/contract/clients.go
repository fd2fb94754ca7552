package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Clients proves a store of clients. The function opens an empty one.
func Clients(t *testing.T, open func(t *testing.T) application.Clients) {
	t.Helper()
	run(t, "clients", open, clientRows())
}

func clientRows() []row[application.Clients] {
	return []row[application.Clients]{
		{"a client comes back as added",
			"Every byte of a digest survives, and the time as an Instant.", clientsSurvive},
		{"clients come in the order of their IDs",
			"Clients shows every client, in the order of their IDs' bytes.", clientsInOrder},
		{"an ID is one client's",
			"AddClient of an ID that is there is false, and the client that is there stays as it is.", clientTaken},
		{"a removed client is gone",
			"RemoveClient removes the one client that it names, and nobody else; its ID may be added again.", clientRemoved},
		{"an unknown client is NotFound",
			"Client and RemoveClient of an ID that nobody has, or nobody can have, are NotFound.", clientUnknown},
		{"additions at once are one",
			"Of additions of one ID at once exactly one is told that it was added, and its digest is kept.", clientsAtOnce},
		{"with a cancelled context clients are a failure",
			"With a cancelled context nothing is read and nothing written.", clientsCancelled},
	}
}

func someClient(id string, fill byte) domain.Client {
	c := domain.Client{ID: domain.ClientID(id), CreatedAt: at(time.Duration(fill) * time.Second)}
	for i := range c.Digest {
		c.Digest[i] = fill + byte(i)
	}
	return c
}

func addClients(ctx context.Context, s application.Clients, clients ...domain.Client) error {
	for _, c := range clients {
		if added, err := s.AddClient(ctx, c); err != nil || !added {
			return fmt.Errorf("AddClient of %s: %t, %v", c.ID, added, err)
		}
	}
	return nil
}

func sameClients(ctx context.Context, s application.Clients, want ...domain.Client) error {
	got, err := s.Clients(ctx)
	if err != nil {
		return fmt.Errorf("Clients: %w", err)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("Clients shows\n\t%v\ninstead of\n\t%v", got, want)
	}
	for _, c := range want {
		if got, err := s.Client(ctx, c.ID); err != nil || got != c {
			return fmt.Errorf("Client shows %v, %v instead of %v", got, err, c)
		}
	}
	return nil
}

func clientsSurvive(ctx context.Context, s application.Clients) error {
	var want []domain.Client
	for i := range 8 { // each value of a byte, at the ends too
		want = append(want, someClient(fmt.Sprintf("c%d", i), byte(32*i)))
	}
	want[0].Digest = [32]byte{}
	want[7].CreatedAt = time.Date(9999, time.December, 31, 23, 59, 59, 999999000, time.UTC)
	long := someClient(strings.Repeat("z", domain.MaxClientID), 7)
	want = append(want, long)
	if err := addClients(ctx, s, want...); err != nil {
		return err
	}
	if err := sameClients(ctx, s, want...); err != nil {
		return err
	}
	finer, elsewhere := someClient("d", 1), time.FixedZone("elsewhere", 3600)
	finer.CreatedAt = at(0).Add(700 * time.Nanosecond).In(elsewhere)
	if err := addClients(ctx, s, finer); err != nil {
		return err
	}
	got, err := s.Client(ctx, finer.ID)
	if err != nil || got.CreatedAt != at(0) {
		return fmt.Errorf("of %v was kept %v, %v", finer.CreatedAt, got.CreatedAt, err)
	}
	return nil
}

func clientsInOrder(ctx context.Context, s application.Clients) error {
	if err := sameClients(ctx, s); err != nil {
		return err
	}
	var want []domain.Client
	for i, id := range []string{"-", ".", "0", "_", "a", "a-b", "a.b", "a0", "a_b", "aa", "b"} { // as bytes, not as words
		want = append(want, someClient(id, byte(i)))
	}
	if err := addClients(ctx, s, want[5:]...); err != nil {
		return err
	}
	if err := addClients(ctx, s, want[:5]...); err != nil {
		return err
	}
	return sameClients(ctx, s, want...)
}

func clientTaken(ctx context.Context, s application.Clients) error {
	first := someClient("gate", 1)
	if err := addClients(ctx, s, first); err != nil {
		return err
	}
	for range 2 {
		if added, err := s.AddClient(ctx, someClient("gate", 2)); err != nil || added {
			return fmt.Errorf("AddClient of an ID that is there: %t, %v", added, err)
		}
	}
	return sameClients(ctx, s, first)
}

func clientRemoved(ctx context.Context, s application.Clients) error {
	a, b, again := someClient("a", 1), someClient("b", 2), someClient("a", 3)
	if err := addClients(ctx, s, a, b); err != nil {
		return err
	}
	if err := s.RemoveClient(ctx, a.ID); err != nil {
		return fmt.Errorf("RemoveClient: %w", err)
	}
	if err := sameClients(ctx, s, b); err != nil {
		return err
	}
	if _, err := s.Client(ctx, a.ID); !errors.Is(err, domain.NotFound) {
		return fmt.Errorf("Client of one that was removed: %v", err)
	}
	if err := addClients(ctx, s, again); err != nil {
		return err
	}
	return sameClients(ctx, s, again, b)
}

func clientUnknown(ctx context.Context, s application.Clients) error {
	known := someClient("gate", 1)
	if err := addClients(ctx, s, known); err != nil {
		return err
	}
	for _, id := range []domain.ClientID{"", "gat", "gate2", "GATE", "gate ", "g%te", "gate\x00", "\xff", "é"} {
		_, err := s.Client(ctx, id)
		if err := expect(fmt.Sprintf("Client of %q", id), err, domain.NotFound); err != nil {
			return err
		}
		if err := expect(fmt.Sprintf("RemoveClient of %q", id), s.RemoveClient(ctx, id), domain.NotFound); err != nil {
			return err
		}
	}
	return sameClients(ctx, s, known)
}

func clientsAtOnce(ctx context.Context, s application.Clients) error {
	const n = 20
	var winner atomic.Int64
	var added atomic.Int64
	err := atOnce(n, func(i int) error {
		ok, err := s.AddClient(ctx, someClient("gate", byte(i)))
		if ok {
			added.Add(1)
			winner.Store(int64(i))
		}
		return err
	})
	if err != nil || added.Load() != 1 {
		return fmt.Errorf("%d of %d were told that they added it, %v", added.Load(), n, err)
	}
	return sameClients(ctx, s, someClient("gate", byte(winner.Load())))
}

func clientsCancelled(ctx context.Context, s application.Clients) error {
	known := someClient("gate", 1)
	if err := addClients(ctx, s, known); err != nil {
		return err
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	added, add := s.AddClient(gone, someClient("other", 2))
	if added {
		return errors.New("AddClient with a cancelled context says that it added")
	}
	_, one := s.Client(gone, known.ID)
	_, all := s.Clients(gone)
	return errors.Join(failed("AddClient", add), failed("Client", one), failed("Clients", all),
		failed("RemoveClient", s.RemoveClient(gone, known.ID)), sameClients(ctx, s, known))
}
