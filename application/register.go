package application

import (
	"context"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// Register is documented at Accounts.
func (c *Core) Register(ctx context.Context, email, password string) (r Registered, err error) {
	e := Event{Name: EventRegister}
	defer c.record(ctx, &e, &err)
	if err := Readable(email, password); err != nil {
		return Registered{}, fmt.Errorf("register: %w", err)
	}
	address, err := domain.ParseEmail(email)
	e.Account = digest(address)
	if !c.d.Registration {
		return Registered{}, fmt.Errorf("register: %w", domain.RegistrationClosed)
	}
	if err != nil {
		return Registered{}, fmt.Errorf("register: %w", err)
	}
	if err := c.d.PasswordPolicy.Check(password, address); err != nil {
		return Registered{}, fmt.Errorf("register: %w", err)
	}
	ctx, leave, err := c.place(ctx)
	if err != nil {
		return Registered{}, fmt.Errorf("register: %w", err)
	}
	defer leave()
	if err := c.chargeRegistration(ctx); err != nil { // what the policy refuses costs nothing and counts for nothing
		return Registered{}, fmt.Errorf("register: %w", err)
	}
	user, err := c.add(ctx, email, password)
	if err != nil {
		return Registered{}, fmt.Errorf("register: %w", err)
	}
	e.User = user.ID
	return Registered{User: user.ID, Email: user.Email}, nil
}

func (c *Core) add(ctx context.Context, email, password string, roles ...domain.Role) (domain.User, error) {
	address, err := domain.ParseEmail(email)
	if err != nil {
		return domain.User{}, err
	}
	hash, err := c.newHash(ctx, password, address)
	if err != nil {
		return domain.User{}, err
	}
	now := c.d.Clock()
	account := domain.NewAccount(domain.User{
		ID: newUserID(now), Email: address, PasswordHash: hash, CreatedAt: domain.Instant(now),
	})
	account.SetRoles(roles...)
	if err := c.d.Store.Add(ctx, account.User); err != nil {
		return domain.User{}, failure(err)
	}
	return account.User, nil
}

// newHash applies the policy, then hashes.
func (c *Core) newHash(ctx context.Context, password string, email domain.Email) (string, error) {
	if err := c.d.PasswordPolicy.Check(password, email); err != nil {
		return "", err
	}
	hash, err := c.d.Passwords.Hash(ctx, password)
	return hash, failure(err)
}
