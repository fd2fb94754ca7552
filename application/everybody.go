package application

import (
	"context"
	"errors"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// everybodyStep is how many users are logged out in one transaction: each is locked for as long as that takes.
const everybodyStep = 500

// LogOutAll is documented at Administration. It walks by ID, which no user ever changes: one who changes the email
// meanwhile is not missed. Whoever is added meanwhile is new.
func (c *Core) LogOutAll(ctx context.Context, after domain.UserID) (users int, last domain.UserID, err error) {
	e := Event{Name: EventAdmin, Detail: "log out all"}
	defer c.record(ctx, &e, &err)
	store, ok := c.d.Store.(Everybody)
	if !ok {
		return 0, after, fmt.Errorf("log out all: %w", failure(errors.New("the store cannot")))
	}
	for last = after; ; {
		next, n, err := store.LogOutEach(ctx, last, everybodyStep, func(u *domain.User) {
			u.LogOut(c.d.Clock(), domain.ByAdministrator)
		})
		if err != nil {
			e.Detail = fmt.Sprintf("log out all: %d users, up to %s", users, last)
			return users, last, fmt.Errorf("log out all: %w", failure(err))
		}
		users += n
		e.Detail = fmt.Sprintf("log out all: %d users", users)
		if next == "" {
			return users, "", nil
		}
		last = next
	}
}
