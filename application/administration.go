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
	e := Event{Name: EventAdmin, Detail: "add"}
	defer func() { c.record(ctx, &e, &err) }()
	if err := parseRoles(roles); err != nil {
		return domain.User{}, fmt.Errorf("add: %w", err)
	}
	if err := Readable(email, password); err != nil {
		return domain.User{}, fmt.Errorf("add: %w", err)
	}
	user, err := c.add(ctx, email, password, roles...)
	if err != nil {
		return domain.User{}, fmt.Errorf("add: %w", err)
	}
	e.User, e.Account = user.ID, digest(user.Email)
	return user, nil
}

// Disable is documented at Administration.
func (c *Core) Disable(ctx context.Context, email string) error {
	return c.administer(ctx, "disable", email, func(a *domain.Account) { a.Disable(c.d.Clock()) })
}

// Enable is documented at Administration.
func (c *Core) Enable(ctx context.Context, email string) error {
	return c.administer(ctx, "enable", email, func(a *domain.Account) { a.Enable() })
}

// SetPassword is documented at Administration.
func (c *Core) SetPassword(ctx context.Context, email, password string) error {
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
	return c.administer(ctx, "set password", email, func(a *domain.Account) { a.SetPassword(c.d.Clock(), hash) })
}

// SetRoles is documented at Administration.
func (c *Core) SetRoles(ctx context.Context, email string, roles ...domain.Role) error {
	if err := parseRoles(roles); err != nil {
		return fmt.Errorf("set roles: %w", err)
	}
	return c.administer(ctx, "set roles", email, func(a *domain.Account) { a.SetRoles(roles...) })
}

// LogOut is documented at Administration.
func (c *Core) LogOut(ctx context.Context, email string) error {
	return c.administer(ctx, "log out", email, func(a *domain.Account) { a.LogOutEverywhere(c.d.Clock()) })
}

// Delete is documented at Administration.
func (c *Core) Delete(ctx context.Context, email string) error {
	return c.administer(ctx, "delete", email, func(a *domain.Account) { a.Delete() })
}

// administer applies one decision to the user that the email names.
func (c *Core) administer(ctx context.Context, what, email string, decide func(*domain.Account)) (err error) {
	e := Event{Name: EventAdmin, Detail: what}
	defer func() { c.record(ctx, &e, &err) }()
	user, err := c.Find(ctx, email)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	e.User, e.Account = user.ID, digest(user.Email)
	err = c.d.Store.Change(ctx, user.ID, func(a *domain.Account) error {
		decide(a)
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, failure(err))
	}
	return nil
}

func parseRoles(roles []domain.Role) error {
	for _, role := range roles {
		if _, err := domain.ParseRole(string(role)); err != nil {
			return err
		}
	}
	return nil
}
