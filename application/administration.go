package application

import (
	"context"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// Find is documented at Administration.
func (c *Core) Find(ctx context.Context, email string) (domain.User, error) {
	address, err := domain.ParseEmail(email)
	if err != nil {
		return domain.User{}, fmt.Errorf("find: %w", err)
	}
	user, err := c.d.Store.ByEmail(ctx, address)
	if err != nil {
		return domain.User{}, fmt.Errorf("find: %w", failure(err))
	}
	return user, nil
}

// SessionsOf is documented at Administration.
func (c *Core) SessionsOf(ctx context.Context, email string) (domain.User, []domain.Session, error) {
	user, err := c.Find(ctx, email)
	if err != nil {
		return domain.User{}, nil, fmt.Errorf("sessions of: %w", err)
	}
	user, sessions, err := c.d.Store.Sessions(ctx, user.ID, MaxSessions)
	if err != nil {
		return domain.User{}, nil, fmt.Errorf("sessions of: %w", failure(err))
	}
	return user, sessions, nil
}

// List is documented at Administration.
func (c *Core) List(ctx context.Context, after string, n int) ([]domain.User, error) {
	users, err := c.d.Store.Page(ctx, domain.Email(after), n)
	if err != nil {
		return nil, fmt.Errorf("list: %w", failure(err))
	}
	return users, nil
}

// Add is documented at Administration.
func (c *Core) Add(ctx context.Context, email, password string, roles ...domain.Role) (u domain.User, err error) {
	e := administering("add", email)
	defer c.record(ctx, &e, &err)
	if err := parseRoles(roles); err != nil {
		return domain.User{}, fmt.Errorf("add: %w", err)
	}
	e.with(roles)
	if err := Readable(email, password); err != nil {
		return domain.User{}, fmt.Errorf("add: %w", err)
	}
	user, err := c.add(ctx, email, password, roles...)
	if err != nil {
		return domain.User{}, fmt.Errorf("add: %w", err)
	}
	e.User = user.ID
	return user, nil
}

// Disable is documented at Administration.
func (c *Core) Disable(ctx context.Context, email string) error {
	return c.decide(ctx, "disable", email, func(a *domain.Account) { a.Disable(c.d.Clock()) })
}

// Enable is documented at Administration.
func (c *Core) Enable(ctx context.Context, email string) error {
	return c.decide(ctx, "enable", email, func(a *domain.Account) { a.Enable() })
}

// SetPassword is documented at Administration.
func (c *Core) SetPassword(ctx context.Context, email, password string) (err error) {
	e := administering("set password", email)
	defer c.record(ctx, &e, &err)
	if err := Readable(email, password); err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	address, err := domain.ParseEmail(email)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	hash, err := c.newHash(ctx, password, address)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return c.administer(ctx, "set password", &e, email, func(a *domain.Account) { a.SetPassword(c.d.Clock(), hash) })
}

// SetRoles is documented at Administration.
func (c *Core) SetRoles(ctx context.Context, email string, roles ...domain.Role) (err error) {
	e := administering("set roles", email)
	defer c.record(ctx, &e, &err)
	if err := parseRoles(roles); err != nil {
		return fmt.Errorf("set roles: %w", err)
	}
	e.with(roles)
	return c.administer(ctx, "set roles", &e, email, func(a *domain.Account) { a.SetRoles(roles...) })
}

// LogOut is documented at Administration.
func (c *Core) LogOut(ctx context.Context, email string) error {
	return c.decide(ctx, "log out", email, func(a *domain.Account) { a.LogOutEverywhere(c.d.Clock()) })
}

// Delete is documented at Administration.
func (c *Core) Delete(ctx context.Context, email string) error {
	return c.decide(ctx, "delete", email, func(a *domain.Account) { a.Delete() })
}

// decide is administer for a decision that needs nothing else, with its event.
func (c *Core) decide(ctx context.Context, what, email string, decide func(*domain.Account)) (err error) {
	e := administering(what, email)
	defer c.record(ctx, &e, &err)
	return c.administer(ctx, what, &e, email, decide)
}

// administer applies one decision to the user that the email names.
func (c *Core) administer(ctx context.Context, what string, e *Event, email string, decide func(*domain.Account)) error {
	user, err := c.Find(ctx, email)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	e.User = user.ID
	err = c.d.Store.Change(ctx, user.ID, func(a *domain.Account) error {
		decide(a)
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, failure(err))
	}
	return nil
}

// administering begins the event of a decision of whoever runs the service.
func administering(what, email string) Event {
	address, _ := domain.ParseEmail(email)
	return Event{Name: EventAdmin, Detail: what, Account: digest(address)}
}

// with adds the roles that a decision gives, which have been parsed.
func (e *Event) with(roles []domain.Role) {
	separator := " "
	for _, r := range roles {
		e.Detail += separator + string(r)
		separator = ","
	}
}

func parseRoles(roles []domain.Role) error {
	for _, role := range roles {
		if _, err := domain.ParseRole(string(role)); err != nil {
			return err
		}
	}
	return nil
}
