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

	deaf    bool // contexts are not looked at
	late    bool // whether an ID is taken is asked before the lock
	deafTo  bool // what is there already is replaced
	folds   bool // IDs are compared without case and white space
	orphans bool // whoever is removed takes the rest along
	write   func(domain.Client) domain.Client
	order   func(a, b domain.Client) int
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
	if m.late {
		m.mu.Unlock()
		time.Sleep(time.Millisecond)
		m.mu.Lock()
	}
	defer m.mu.Unlock()
	switch {
	case i >= 0 && m.deafTo:
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

func brokenClients() map[string]*madeUpClients {
	return map[string]*madeUpClients{
		"a client comes back as added": {write: func(c domain.Client) domain.Client { c.CreatedAt = c.CreatedAt.Truncate(time.Second); return c }},
		"clients come in the order of their IDs": {order: func(a, b domain.Client) int {
			words := strings.NewReplacer("-", "", ".", "", "_", "")
			return cmp.Or(cmp.Compare(words.Replace(string(a.ID)), words.Replace(string(b.ID))), cmp.Compare(a.ID, b.ID))
		}},
		"an ID is one client's":                          {deafTo: true},
		"a removed client is gone":                       {orphans: true},
		"an unknown client is NotFound":                  {folds: true},
		"additions at once are one":                      {late: true},
		"with a cancelled context clients are a failure": {deaf: true},
	}
}

func TestClients(t *testing.T) {
	Clients(t, func(*testing.T) application.Clients { return &madeUpClients{} })
}

func TestClientRowsRefuseWhatBreaksThem(t *testing.T) {
	broken := brokenClients()
	for _, r := range clientRows() {
		sut, found := broken[r.name]
		if !found {
			t.Errorf("no store breaks the row %q", r.name)
			continue
		}
		if err := r.prove(t.Context(), sut); err == nil {
			t.Errorf("the row %q takes a store that breaks it: %s", r.name, r.why)
		}
	}
	if len(broken) != len(clientRows()) {
		t.Errorf("%d stores break %d rows", len(broken), len(clientRows()))
	}
	cuts := &madeUpClients{write: func(c domain.Client) domain.Client { c.Digest[31] = 0; return c }}
	if err := clientsSurvive(t.Context(), cuts); err == nil {
		t.Error("a digest may be cut")
	}
}
