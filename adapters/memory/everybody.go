package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var _ application.Everybody = (*Store)(nil)

// LogOutEach is documented at application.Everybody.
func (s *Store) LogOutEach(
	ctx context.Context, after domain.UserID, n int, f func(*domain.User),
) (last domain.UserID, users int, _ error) {
	if err := s.begin(ctx); err != nil {
		return after, 0, fmt.Errorf("log out each: %w", err)
	}
	defer s.end() // also when f panics
	s.mu.RLock()
	all := maps.Clone(s.users)
	s.mu.RUnlock()
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(id domain.UserID) bool { return id <= after })
	page := ids[:min(max(n, 1), len(ids))]
	changed := map[domain.UserID]domain.User{}
	for _, id := range page {
		user := all[id].Clone()
		f(&user)
		changed[id] = user
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, user := range changed {
		kept := s.users[id]
		kept.LogoutTime, kept.LogoutReason = user.LogoutTime, user.LogoutReason
		s.users[id] = kept
	}
	if len(page) == len(ids) {
		return "", len(page), nil
	}
	return page[len(page)-1], len(page), nil
}
