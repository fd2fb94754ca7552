package client

import (
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// answer is a body that knows what it lacks to be the service's, "" where that is nothing. What stands between client and
// service (a proxy, the page of a hotel) may answer 200 as well, and must be no yes.
type answer interface{ lacks() string }

type (
	tokensAnswer   struct{ wire.Tokens }
	accountAnswer  struct{ wire.Account }
	identityAnswer struct{ wire.Identity }
	sessionsAnswer struct{ wire.SessionList }
	messageAnswer  struct{ wire.Message }

	introspectedAnswer struct {
		Active *bool `json:"active"` // in place of that below
		wire.Introspected
	}
)

func (t *tokensAnswer) lacks() string {
	return unless(t.AccessToken != "" && t.RefreshToken != "", "tokens: the service runs with cookies, or another one answers")
}

func (a *accountAnswer) lacks() string { return unless(isUser(a.ID) && a.Email != "", "a user") }

func (i *identityAnswer) lacks() string {
	_, err := domain.ParseSessionID(i.Session)
	return unless(err == nil && isUser(i.ID) && i.Email != "", "an identity")
}

func (s *sessionsAnswer) lacks() string { return unless(s.Sessions != nil, "sessions") }

func (m *messageAnswer) lacks() string { return unless(m.Msg != "", "a message") }

func (i *introspectedAnswer) lacks() string {
	_, err := domain.ParseSessionID(i.Session)
	use := i.TokenUse == wire.UseAccess || i.TokenUse == wire.UseRefresh
	return unless(i.Active != nil && (!*i.Active || use && err == nil && isUser(i.Subject)), "what the token is good for")
}

func unless(there bool, what string) string {
	if there {
		return ""
	}
	return what
}

func isUser(id string) bool {
	_, err := domain.ParseUserID(id)
	return err == nil
}

func grant(t tokensAnswer) application.Grant {
	return application.Grant{
		AccessToken: t.AccessToken, RefreshToken: t.RefreshToken, ExpiresIn: time.Duration(t.ExpiresIn) * time.Second,
		RefreshExpiresIn: time.Duration(t.RefreshExpiresIn) * time.Second,
	}
}

func identity(id identityAnswer) application.Identity {
	roles := make([]domain.Role, len(id.Roles))
	for i, r := range id.Roles {
		roles[i] = domain.Role(r)
	}
	return application.Identity{
		User: domain.UserID(id.ID), Email: domain.Email(id.Email), Roles: roles,
		Session: domain.SessionID(id.Session), LoginTime: id.LoginTime,
	}
}

func registered(a accountAnswer) application.Registered {
	return application.Registered{User: domain.UserID(a.ID), Email: domain.Email(a.Email)}
}
