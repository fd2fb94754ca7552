package application

import (
	"context"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// PurgeStep is how many sessions one call of Purge looks at, at most.
const PurgeStep = 1000

// Purge removes a little of what nobody needs any more: sessions that are over for longer than the retention, which
// answers "why was I signed out?" until then, and buckets of attempts that are empty. It returns where the next call
// goes on, "" from the beginning. Every node may call it at any time.
func (c *Core) Purge(ctx context.Context, after domain.SessionID) (domain.SessionID, error) {
	now := c.d.Clock()
	last, _, err := c.d.Store.Purge(ctx, domain.Instant(now.Add(-c.d.Retention)), after, PurgeStep)
	if err != nil {
		return after, fmt.Errorf("purge: %w", failure(err))
	}
	if c.d.Attempts == nil {
		return last, nil
	}
	if _, err := c.d.Attempts.Forget(ctx, domain.Instant(now.Add(-c.d.Leeway)), PurgeStep); err != nil {
		return last, fmt.Errorf("purge: attempts: %w", failure(err))
	}
	return last, nil
}
