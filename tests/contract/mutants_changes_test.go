package contract

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

type changing = func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error

// changes replaces Change; it is given the right one.
func changes(with func(s *flawed, right changing) changing) flaw {
	return func(s *flawed) { s.change = with(s, s.madeUp.Change) }
}

// alters changes what is written of a change.
func alters(alter func(c *domain.Changes)) flaw {
	return func(s *flawed) { s.alter = alter }
}

// takenIsNil answers nil where an email is taken.
var takenIsNil = errorsOf(func(err error) error {
	if errors.Is(err, domain.EmailTaken) {
		return nil
	}
	return err
})

// lenient takes what only looks like an ID of somebody.
func lenient(id domain.UserID) domain.UserID {
	return domain.UserID(strings.ToLower(strings.TrimSpace(strings.Trim(strings.TrimPrefix(string(id), "urn:uuid:"), "{}"))))
}

var savesAnyway = changes(func(s *flawed, right changing) changing {
	return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
		var mine error
		if err := right(ctx, id, func(a *domain.Account) error { mine = f(a); return nil }, about...); err != nil {
			return err
		}
		return mine
	}
})

func brokenChanges() []mutant[application.Store] {
	return slices.Concat(
		brokenChangesOfNobody(), brokenRefusedChanges(), brokenWholeChanges(), brokenFields(), brokenEmailChanges(), brokenPanickedChanges(),
		brokenDeletions(), brokenSharing(),
	)
}

func brokenChangesOfNobody() []mutant[application.Store] {
	const nobody = "a user who does not exist is not found"
	return []mutant[application.Store]{
		broken("a change of nobody is nil", errorsOf(func(err error) error {
			if errors.Is(err, domain.NotFound) {
				return nil
			}
			return err
		}), nobody),
		broken("IDs in any form", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				return right(ctx, lenient(id), f, about...)
			}
		}), nobody),
		broken("what is no ID is a failure", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				if len(id) != 36 {
					return errors.New("invalid input syntax for type uuid")
				}
				return right(ctx, id, f, about...)
			}
		}), nobody),
		broken("f is called for nobody", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				err := right(ctx, id, f, about...)
				if errors.Is(err, domain.NotFound) {
					_ = f(domain.NewAccount(domain.User{}))
				}
				return err
			}
		}), nobody),
	}
}

func brokenRefusedChanges() []mutant[application.Store] {
	const refused = "an error of f comes back as it is and nothing is saved"
	return []mutant[application.Store]{
		broken("an update saved although f refused", savesAnyway, refused),
		broken("errors of f wrapped", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				return errors.Join(right(ctx, id, f, about...))
			}
		}), refused),
		broken("an error of f swallowed", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				var mine error
				err := right(ctx, id, func(a *domain.Account) error { mine = f(a); return mine }, about...)
				if mine != nil {
					return nil
				}
				return err
			}
		}), refused),
		broken("sessions saved before f was asked", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				return right(ctx, id, func(a *domain.Account) error {
					err := f(a)
					s.mu.Lock()
					defer s.mu.Unlock()
					for _, n := range a.Changes().Opened {
						s.madeUp.sessions[n.ID] = n
					}
					if err == nil {
						for _, n := range a.Changes().Opened {
							delete(s.madeUp.sessions, n.ID)
						}
					}
					return err
				}, about...)
			}
		}), refused),
	}
}

func brokenWholeChanges() []mutant[application.Store] {
	const whole = "everything f changed is saved together"
	return []mutant[application.Store]{
		broken("the user saved and the session lost", alters(func(c *domain.Changes) {
			if c.User != nil {
				c.Changed = nil
			}
		}), whole, "a session comes back as changed", "a change is seen whole or not at all"),
		broken("the session saved and the user lost", alters(func(c *domain.Changes) {
			if len(c.Changed)+len(c.Opened) > 0 {
				c.User = nil
			}
		}), whole, "a session comes back as changed"),
		broken("one session a change", alters(func(c *domain.Changes) { c.Opened, c.Changed = upToN(1, c.Opened), upToN(1, c.Changed) }), whole, "hundreds are shown at once"),
		broken("a change ends all sessions of the user when it ends one", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				var ended []domain.Session
				err := right(ctx, id, func(a *domain.Account) error {
					err := f(a)
					ended = slices.DeleteFunc(a.Changes().Changed, func(n domain.Session) bool { return !n.Ended() })
					return err
				}, about...)
				for _, n := range s.all(id) {
					if err == nil && len(ended) > 0 && !n.Ended() {
						n.EndedAt, n.EndReason = ended[0].EndedAt, ended[0].EndReason
						s.mu.Lock()
						s.madeUp.sessions[n.ID] = n
						s.mu.Unlock()
					}
				}
				return err
			}
		}), whole),
		broken("one of the named sessions at most", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				return right(ctx, id, f, upToN(1, about)...) // LIMIT 1
			}
		}), whole, "f is shown the named sessions only", "different users at once all finish"),
	}
}

func brokenFields() []mutant[application.Store] {
	const fields, empty = "a user's every field can be set and cleared", "a change of nothing is nil and changes nothing"
	return []mutant[application.Store]{
		broken("COALESCE keeps what was cleared", func(s *flawed) {
			s.keepUser = func(old, u domain.User) domain.User {
				if u.DisabledAt.IsZero() {
					u.DisabledAt = old.DisabledAt
				}
				return u
			}
		}, fields, "a standing follows every change at once"),
		broken("roles are added and never removed", func(s *flawed) {
			s.keepUser = func(old, u domain.User) domain.User {
				for _, r := range old.Roles {
					if !slices.Contains(u.Roles, r) {
						u.Roles = append(u.Roles, r)
					}
				}
				return u
			}
		}, fields, "roles and email are as they are now"),
		broken("an UPDATE without created_at", func(s *flawed) {
			s.keepUser = func(old, u domain.User) domain.User {
				if old.ID != "" {
					u.CreatedAt = old.CreatedAt
				}
				return u
			}
		}, fields),
		broken("a change of nothing is an error", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				var c domain.Changes
				err := right(ctx, id, func(a *domain.Account) error { err := f(a); c = a.Changes(); return err }, about...)
				if err == nil && c.User == nil && len(c.Changed)+len(c.Opened) == 0 && !c.Deleted {
					return errors.New("no rows were affected")
				}
				return err
			}
		}), empty),
		broken("logouts in seconds", keepsUsers(func(u *domain.User) { u.LogoutTime = u.LogoutTime.Truncate(time.Second) }),
			"what was opened before a logout is dead", "a session comes back as changed"),
	}
}

func brokenEmailChanges() []mutant[application.Store] {
	const moves, taken = "an email moves with its user", "a change to a taken email writes nothing"
	return []mutant[application.Store]{
		broken("an email that is taken is nil", takenIsNil, moves, taken, "a changed email at once goes to one", "an email that another user has is taken"),
		broken("of a change to a taken email all but the email is written", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				err := right(ctx, id, f, about...)
				if errors.Is(err, domain.EmailTaken) {
					_ = right(ctx, id, func(a *domain.Account) error {
						email := a.User.Email
						err := f(a)
						a.User.Email = email
						return err
					}, about...)
				}
				return err
			}
		}), taken),
		broken("an index of emails that keeps the old one", func(s *flawed) {
			old := map[domain.Email]domain.UserID{}
			s.keepUser = func(was, u domain.User) domain.User { old[was.Email] = u.ID; return u }
			s.byEmail = func(ctx context.Context, email domain.Email) (domain.User, error) {
				u, err := s.madeUp.ByEmail(ctx, email)
				if id := old[email]; err != nil && id != "" {
					return s.user(s.users[id]), nil
				}
				return u, err
			}
		}, moves),
	}
}
