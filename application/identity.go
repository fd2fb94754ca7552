package application

import (
	"context"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Identity is who passed.
type Identity struct {
	User      domain.UserID
	Email     domain.Email
	Roles     []domain.Role // sorted
	Session   domain.SessionID
	LoginTime time.Time // of the session
}

type identityKey struct{}

// WithIdentity returns a context that carries who passed. A guard puts it there, once a Gate has said yes; who calls it
// without one vouches for the identity.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// IdentityOf returns who passed, and false where no guard let anybody in: a handler that must have an identity stops
// then.
func IdentityOf(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(identityKey{}).(Identity)
	return id, ok
}
