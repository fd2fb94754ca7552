package contract

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// madeUpClients keeps clients, and has the ways to fall short of what the rows ask for.
type madeUpClients struct {
	mu   sync.Mutex
	kept []domain.Client

	deaf     bool // contexts are not looked at
	replaces bool // what is there already is replaced
	folds    bool // IDs are compared without case and white space
	orphans  bool // whoever is removed takes the rest along
	write    func(domain.Client) domain.Client
	order    func(a, b domain.Client) int
	meet     func() // between asking whether an ID is taken and writing, with the lock given back
}

var _ application.Clients = (*madeUpClients)(nil)

func (m *madeUpClients) hears(ctx context.Context) error {
	if m.deaf {
		return nil
	}
	return ctx.Err()
}

func (m *madeUpClients) at(id domain.ClientID) int {
	return slices.IndexFunc(m.kept, func(c domain.Client) bool {
		if m.folds {
			return strings.EqualFold(string(c.ID), strings.TrimSpace(string(id)))
		}
		return c.ID == id
	})
}

func (m *madeUpClients) AddClient(ctx context.Context, c domain.Client) (bool, error) {
	if err := m.hears(ctx); err != nil {
		return false, err
	}
	c.CreatedAt = domain.Instant(c.CreatedAt)
	if m.write != nil {
		c = m.write(c)
	}
	m.mu.Lock()
	i := m.at(c.ID)
	if m.meet != nil {
		m.mu.Unlock()
		m.meet()
		m.mu.Lock()
	}
	defer m.mu.Unlock()
	switch {
	case i >= 0 && m.replaces:
		m.kept[i] = c
		return false, nil
	case i >= 0:
		return false, nil
	}
	m.kept = append(m.kept, c)
	return true, nil
}

func (m *madeUpClients) Client(ctx context.Context, id domain.ClientID) (domain.Client, error) {
	if err := m.hears(ctx); err != nil {
		return domain.Client{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.at(id); i >= 0 {
		return m.kept[i], nil
	}
	return domain.Client{}, domain.NotFound
}

func (m *madeUpClients) Clients(ctx context.Context) ([]domain.Client, error) {
	if err := m.hears(ctx); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	order := func(a, b domain.Client) int { return cmp.Compare(a.ID, b.ID) }
	if m.order != nil {
		order = m.order
	}
	return slices.SortedFunc(slices.Values(m.kept), order), nil
}

func (m *madeUpClients) RemoveClient(ctx context.Context, id domain.ClientID) error {
	if err := m.hears(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.at(id)
	if i < 0 {
		return domain.NotFound
	}
	if m.kept = slices.Delete(m.kept, i, i+1); m.orphans {
		m.kept = nil
	}
	return nil
}

func clientSuite() suite[application.Clients] {
	broken := func(wrong string, spoil func(m *madeUpClients), rows ...string) mutant[application.Clients] {
		return mutant[application.Clients]{wrong: wrong, rows: rows, open: func(testing.TB) application.Clients {
			m := &madeUpClients{}
			spoil(m)
			return m
		}}
	}
	writes := func(wrong string, alter func(c *domain.Client), rows ...string) mutant[application.Clients] {
		return broken(wrong, func(m *madeUpClients) { m.write = func(c domain.Client) domain.Client { alter(&c); return c } }, rows...)
	}
	const survives, order, one, removed, unknown, atOnce, cancelled = "a client comes back as added", "clients come in the order of their IDs", "an ID is one client's",
		"a removed client is gone", "an unknown client is NotFound", "additions at once are one", "with a cancelled context clients are a failure"
	return suite[application.Clients]{
		name: "Clients", rows: clientRows(), right: broken("", func(*madeUpClients) {}).open,
		mutants: []mutant[application.Clients]{
			writes("times of clients cut to seconds", func(c *domain.Client) { c.CreatedAt = c.CreatedAt.Truncate(time.Second) }, survives),
			writes("times of clients in local time", func(c *domain.Client) { c.CreatedAt = c.CreatedAt.In(time.FixedZone("here", 60)) }, survives),
			writes("a digest without its last byte", func(c *domain.Client) { c.Digest[31] = 0 }, survives),
			broken("clients in a language's order", func(m *madeUpClients) {
				m.order = func(a, b domain.Client) int {
					words := strings.NewReplacer("-", "", ".", "", "_", "")
					return cmp.Or(cmp.Compare(words.Replace(string(a.ID)), words.Replace(string(b.ID))), cmp.Compare(a.ID, b.ID))
				}
			}, order),
			broken("clients in the order of their additions", func(m *madeUpClients) { m.order = func(a, b domain.Client) int { return 0 } }, order),
			broken("what is there is replaced", func(m *madeUpClients) { m.replaces = true }, one, atOnce),
			broken("whoever is removed takes the rest along", func(m *madeUpClients) { m.orphans = true }, removed),
			broken("IDs in any case", func(m *madeUpClients) { m.folds = true }, unknown),
			broken("whether an ID is taken is asked before the lock", func(m *madeUpClients) { m.meet = meeting(0) }, atOnce),
			broken("contexts are not looked at", func(m *madeUpClients) { m.deaf = true }, cancelled),
		},
	}
}
