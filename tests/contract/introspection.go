package contract

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Inspected is a running service as [Introspections] drives it: a Service that programs may ask about tokens.
type Inspected struct {
	Service
	Introspection application.Introspection
	// Registry prepares clients. No transport carries it, so it is always the near one.
	Registry application.Registry
}

// Introspections proves what a service tells programs of tokens, and how they revoke them. open is as for [Services].
func Introspections(t *testing.T, open func(t *testing.T, clock application.Clock) Inspected) {
	t.Helper()
	run(t, "Introspection", func(t *testing.T) *inspected {
		s := &inspected{stage: newStage()}
		i := open(t, s.clock)
		s.Service, s.Introspection, s.Registry = i.Service, i.Introspection, i.Registry
		return s
	}, inspectionRows())
}

// inspected is a stage with a client.
type inspected struct {
	*stage
	Introspection application.Introspection
	Registry      application.Registry
	by            application.Credentials
}

func inspectionRows() []row[*inspected] {
	return []row[*inspected]{
		{"an access token that passes", "Introspect tells of a token that passes whose it is, of which session, from when and until when.", accessIsActive},
		{"a refresh token that refreshes", "A refresh token is active, is called one, and tells neither email nor roles: it is nobody's pass.", refreshIsActive},
		{"what is inactive looks alike", "Forged, expired, revoked, of a user who is disabled or gone: nothing is told but that it is inactive.", inactiveAlike},
		{"active is what passes", "Through a story of logins and logouts a token is active exactly while Authorize lets it pass.", activeIsPass},
		{"asking changes nothing", "An old refresh token is inactive, and asking about it ends no session; the current one stays current.", askingChangesNothing},
		{"credentials that do not hold", "Unknown id, wrong secret, none at all, of a client that was deleted: InvalidClient, whatever the token, and nothing is revoked.", clientsRefused},
		{"no token", "The token \"\" is RequestInvalid and names its field.", noTokenAsked},
		{"a revoked refresh token", "Revoking a refresh token ends its session at once, access tokens included, and no other session (T096).", refreshRevoked},
		{"a revoked access token", "Revoking an access token, expired or not, ends its session, and no other one.", accessRevoked},
		{"revoking what is over", "Revoking what is revoked, logged out, forged, no token or of a user who is gone is nil and changes nothing.", revokedTwice},
		{"clients are listed and taken once", "ListClients shows them in order; an ID that is taken or is none is refused, and one that is gone is NotFound.", registered},
	}
}

// begin signs Ana in n times, and adds a client.
func (s *inspected) begin(ctx context.Context, n int) ([]application.Grant, error) {
	var err error
	if s.by, err = s.client(ctx, "gate"); err != nil {
		return nil, err
	}
	return s.ana(ctx, n)
}

func (s *inspected) client(ctx context.Context, id string) (application.Credentials, error) {
	c, secret, err := s.Registry.AddClient(ctx, id)
	if err != nil || string(c.ID) != id {
		return application.Credentials{}, fmt.Errorf("AddClient: %v, %v", c, err)
	}
	return application.Credentials{ID: id, Secret: secret}, nil
}

// tells compares what is told with what should be.
func (s *inspected) tells(ctx context.Context, what, token string, want application.TokenInfo) error {
	got, err := s.Introspection.Introspect(ctx, s.by, token)
	if err != nil {
		return fmt.Errorf("Introspect of %s: %w", what, err)
	}
	got.IssuedAt, got.Expires = got.IssuedAt.UTC(), got.Expires.UTC()
	got.ID = "" // made up by the service; looked at on its own
	if len(got.Roles) == 0 {
		got.Roles = nil
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("of %s Introspect tells\n\t%+v\ninstead of\n\t%+v", what, got, want)
	}
	return nil
}

func (s *inspected) inactive(ctx context.Context, what string, tokens ...string) error {
	for _, token := range tokens {
		got, err := s.Introspection.Introspect(ctx, s.by, token)
		if err != nil || !reflect.DeepEqual(got, application.TokenInfo{}) {
			return fmt.Errorf("of %s Introspect tells %+v, %v", what, got, err)
		}
	}
	return nil
}

func clientsRefused(ctx context.Context, s *inspected) error {
	g, err := s.begin(ctx, 1)
	if err != nil {
		return err
	}
	other, err := s.client(ctx, "other")
	if err != nil {
		return err
	}
	if err := s.Registry.DeleteClient(ctx, "other"); err != nil {
		return err
	}
	for _, by := range []application.Credentials{
		{}, {ID: s.by.ID}, {Secret: s.by.Secret}, {ID: "other", Secret: s.by.Secret}, other, {ID: s.by.ID, Secret: other.Secret},
		{ID: s.by.ID, Secret: s.by.Secret + "x"}, {ID: s.by.ID, Secret: s.by.Secret[1:]}, {ID: "GATE", Secret: s.by.Secret},
		{ID: s.by.ID + " ", Secret: s.by.Secret}, {ID: "g\x00:%+é", Secret: "\x00:%+é"}, {ID: ana, Secret: password},
	} {
		for _, token := range []string{g[0].AccessToken, g[0].RefreshToken, "x", ""} {
			info, err := s.Introspection.Introspect(ctx, by, token)
			if !errors.Is(err, domain.InvalidClient) || info.Active {
				return fmt.Errorf("Introspect by %q: %v, %v", by.ID, info, err)
			}
			if err := is("Revoke", s.Introspection.Revoke(ctx, by, token), domain.InvalidClient); err != nil {
				return err
			}
		}
	}
	return s.passes(ctx, "the session", g[0])
}

func noTokenAsked(ctx context.Context, s *inspected) error {
	if _, err := s.begin(ctx, 0); err != nil {
		return err
	}
	_, err := s.Introspection.Introspect(ctx, s.by, "")
	return errors.Join(atFault("Introspect", err, domain.RequestInvalid, "token"),
		atFault("Revoke", s.Introspection.Revoke(ctx, s.by, ""), domain.RequestInvalid, "token"))
}

func registered(ctx context.Context, s *inspected) error {
	b, err := s.client(ctx, "b")
	if err != nil {
		return err
	}
	a, err := s.client(ctx, "a.1_2-3")
	if err != nil {
		return err
	}
	if a.Secret == b.Secret || len(a.Secret) < 43 {
		return fmt.Errorf("secrets of %d characters, alike: %t", len(a.Secret), a.Secret == b.Secret)
	}
	_, _, taken := s.Registry.AddClient(ctx, "b")
	if err := errors.Join(is("AddClient of a taken ID", taken, domain.RequestInvalid), expect("AddClient of a taken ID", taken, domain.ErrClientTaken)); err != nil {
		return err
	}
	for _, id := range []string{"", "A", "a b", "a:b", "é"} {
		_, _, err := s.Registry.AddClient(ctx, id)
		if err := atFault(fmt.Sprintf("AddClient of %q", id), err, domain.RequestInvalid, "client_id"); err != nil {
			return err
		}
	}
	all, err := s.Registry.ListClients(ctx)
	ids := []domain.ClientID{}
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	if err != nil || !slices.Equal(ids, []domain.ClientID{"a.1_2-3", "b"}) {
		return fmt.Errorf("ListClients shows %v, %v", ids, err)
	}
	return errors.Join(expect("DeleteClient", s.Registry.DeleteClient(ctx, "b"), nil),
		is("DeleteClient again", s.Registry.DeleteClient(ctx, "b"), domain.NotFound),
		is("DeleteClient of what is no ID", s.Registry.DeleteClient(ctx, "B\x00"), domain.NotFound))
}
