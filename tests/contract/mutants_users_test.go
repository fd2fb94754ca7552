package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func storeSuite() suite[application.Store] {
	var rows []row[application.Store]
	for _, group := range storeRows() {
		rows = append(rows, group...)
	}
	return suite[application.Store]{
		name: "Stores", rows: rows, right: broken("", right).open,
		mutants: slices.Concat(brokenUsers(), brokenChanges(), brokenSessions(), brokenLists(), brokenPurges(), brokenContexts(), brokenStandings(), brokenCrowds()),
	}
}

// keepsUsers changes what is kept of a user.
func keepsUsers(alter func(u *domain.User)) flaw {
	return func(s *flawed) { s.keepUser = func(_, u domain.User) domain.User { alter(&u); return u } }
}

// keepsSessions changes what is kept of a session.
func keepsSessions(alter func(n *domain.Session)) flaw {
	return func(s *flawed) { s.keepSession = func(_, n domain.Session) domain.Session { alter(&n); return n } }
}

// showsUsers changes what is shown of a user.
func showsUsers(alter func(u *domain.User)) flaw {
	return func(s *flawed) { s.showUser = func(u domain.User) domain.User { alter(&u); return u } }
}

// errorsOf changes what Add and Change answer.
func errorsOf(alter func(error) error) flaw {
	return func(s *flawed) {
		s.add = func(ctx context.Context, u domain.User) error { return alter(s.madeUp.Add(ctx, u)) }
		s.change = func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
			return alter(s.madeUp.Change(ctx, id, f, about...))
		}
	}
}

func upToN[T any](n int, all []T) []T { return all[:min(max(n, 0), len(all))] }

func brokenUsers() []mutant[application.Store] {
	return slices.Concat(brokenUserFields(), brokenTakenEmails(), brokenRepeatedAdditions(), brokenLookups(), brokenPages(), brokenUserCopies())
}

func brokenUserFields() []mutant[application.Store] {
	const survives, instants = "a user comes back as added", "times come back as instants"
	return []mutant[application.Store]{
		broken("times of users cut to seconds", keepsUsers(func(u *domain.User) { u.CreatedAt = u.CreatedAt.Truncate(time.Second) }), survives),
		broken("times of users cut to milliseconds", keepsUsers(func(u *domain.User) { u.LoginTime = u.LoginTime.Truncate(time.Millisecond) }), survives),
		broken("times in nanoseconds since the epoch, up to the year 2262", keepsUsers(func(u *domain.User) { u.LogoutTime = time.Unix(0, u.LogoutTime.UnixNano()).UTC() }), survives),
		broken("0 microseconds taken for never", keepsUsers(func(u *domain.User) {
			if u.DisabledAt.UnixMicro() == 0 {
				u.DisabledAt = time.Time{}
			}
		}), survives),
		broken("nothing before 1970", keepsUsers(func(u *domain.User) {
			if !u.LoginTime.IsZero() && u.LoginTime.Unix() < 0 {
				u.LoginTime = time.Unix(0, 0).UTC()
			}
		}), survives),
		broken("hashes cut to 255 bytes", keepsUsers(func(u *domain.User) { u.PasswordHash = u.PasswordHash[:min(255, len(u.PasswordHash))] }), survives),
		broken("hashes trimmed", keepsUsers(func(u *domain.User) { u.PasswordHash = strings.TrimSpace(u.PasswordHash) }), survives),
		broken("roles sorted", keepsUsers(func(u *domain.User) { slices.Sort(u.Roles) }), survives),
		broken("roles joined by colons", keepsUsers(func(u *domain.User) {
			var roles []domain.Role
			for _, r := range u.Roles {
				for _, part := range strings.Split(string(r), ":") {
					roles = append(roles, domain.Role(part))
				}
			}
			u.Roles = roles
		}), survives),
		broken("no verified_at", keepsUsers(func(u *domain.User) { u.VerifiedAt = time.Time{} }), survives),
		broken("no logout reason", keepsUsers(func(u *domain.User) { u.LogoutReason = "" }), survives, "a user's every field can be set and cleared"),
		broken("Page without hashes", pages(func(all []domain.User, after domain.Email, n int) []domain.User {
			for i := range all {
				all[i].PasswordHash = ""
			}
			return upToN(n, afterThat(all, after))
		}), survives),
		broken("emails of 64 bytes at most", keepsUsers(func(u *domain.User) { u.Email = u.Email[:min(64, len(u.Email))] }), survives),
		broken("local times", showsUsers(func(u *domain.User) { u.CreatedAt = u.CreatedAt.In(time.FixedZone("here", 3600)) }), instants),
		broken("a zero time in year 1 of another zone", showsUsers(func(u *domain.User) {
			if u.LogoutTime.IsZero() {
				u.LogoutTime = u.LogoutTime.In(time.FixedZone("here", -3600))
			}
		}), instants),
	}
}

func brokenTakenEmails() []mutant[application.Store] {
	const taken = "an email that another user has is taken"
	return []mutant[application.Store]{
		broken("emails that are taken are some failure", errorsOf(func(err error) error {
			if errors.Is(err, domain.EmailTaken) {
				return errors.New("duplicate key value violates unique constraint")
			}
			return err
		}), taken, "one address in two spellings is one account", "an email at once goes to one", "an email moves with its user", "a change to a taken email writes nothing"),
		broken("refusals lose themselves in text", errorsOf(func(err error) error {
			if err != nil {
				return fmt.Errorf("store: %s", err)
			}
			return nil
		}), taken, "a user who does not exist is not found", "an error of f comes back as it is and nothing is saved"),
		broken("an email that is taken is taken over", func(s *flawed) {
			s.add = func(ctx context.Context, u domain.User) error {
				err := s.madeUp.Add(ctx, u)
				if errors.Is(err, domain.EmailTaken) {
					s.mu.Lock()
					defer s.mu.Unlock()
					old, _ := s.owner(u.Email)
					delete(s.users, old.ID)
					s.users[u.ID] = u
				}
				return err
			}
		}, taken),
		broken("no unique index on emails", func(s *flawed) {
			s.add = func(ctx context.Context, u domain.User) error {
				s.mu.Lock()
				defer s.mu.Unlock()
				if _, there := s.users[u.ID]; !there {
					s.users[u.ID] = u.Clone()
				}
				return ctx.Err()
			}
		}, taken, "one address in two spellings is one account"),
		broken("the address as it was typed", func(s *flawed) {
			n := 0
			s.add = func(ctx context.Context, u domain.User) error {
				n++ // a store that tells spellings apart keeps what each Add brings
				if n > 1 {
					u.Email += " "
				}
				return s.madeUp.Add(ctx, u)
			}
		}, "one address in two spellings is one account"),
	}
}

func brokenRepeatedAdditions() []mutant[application.Store] {
	const again = "the same user again changes nothing"
	return []mutant[application.Store]{
		broken("the same user again is EmailTaken", func(s *flawed) {
			s.add = func(ctx context.Context, u domain.User) error {
				if old, err := s.madeUp.ByEmail(ctx, u.Email); err == nil && old.ID == u.ID {
					return domain.EmailTaken
				}
				return s.madeUp.Add(ctx, u)
			}
		}, again, "one addition sent often adds one user"),
		broken("the same user again is written over", func(s *flawed) {
			s.add = func(ctx context.Context, u domain.User) error {
				err := s.madeUp.Add(ctx, u)
				s.mu.Lock()
				defer s.mu.Unlock()
				if err == nil {
					s.users[u.ID] = u.Clone()
				}
				return err
			}
		}, again),
		broken("the same user again is a duplicate key", func(s *flawed) {
			s.add = func(ctx context.Context, u domain.User) error {
				s.mu.Lock()
				_, there := s.users[u.ID]
				s.mu.Unlock()
				if there {
					return errors.New("duplicate key")
				}
				return s.madeUp.Add(ctx, u)
			}
		}, again, "one addition sent often adds one user"),
	}
}

func brokenLookups() []mutant[application.Store] {
	const unknown = "an unknown email is not found"
	return []mutant[application.Store]{
		broken("an unknown email is nobody and no error", func(s *flawed) {
			s.byEmail = func(ctx context.Context, email domain.Email) (domain.User, error) {
				u, err := s.madeUp.ByEmail(ctx, email)
				if errors.Is(err, domain.NotFound) {
					return domain.User{}, nil
				}
				return u, err
			}
		}, unknown),
		broken("LIKE in place of =", func(s *flawed) {
			s.byEmail = func(ctx context.Context, email domain.Email) (domain.User, error) {
				if stem, any := strings.CutSuffix(string(email), "%"); any {
					all, _ := s.madeUp.Page(ctx, "", 100)
					for _, u := range all {
						if strings.HasPrefix(string(u.Email), stem) {
							return u, nil
						}
					}
				}
				return s.madeUp.ByEmail(ctx, email)
			}
		}, unknown),
		broken("NotFound as sql.ErrNoRows", func(s *flawed) {
			s.byEmail = func(ctx context.Context, email domain.Email) (domain.User, error) {
				u, err := s.madeUp.ByEmail(ctx, email)
				if err != nil {
					err = errors.New("sql: no rows in result set")
				}
				return u, err
			}
		}, unknown),
		broken("a panic where there is no row", func(s *flawed) {
			s.byEmail = func(ctx context.Context, email domain.Email) (domain.User, error) {
				u, err := s.madeUp.ByEmail(ctx, email)
				if err != nil {
					panic("runtime error: index out of range")
				}
				return u, nil
			}
		}, unknown),
	}
}

func brokenUserCopies() []mutant[application.Store] {
	const copies = "what came back is the caller's"
	return []mutant[application.Store]{
		broken("no copies", func(s *flawed) { s.clone = false }, copies, "standings that came back are the caller's"),
		broken("a cache of users that hands out what it has", func(s *flawed) {
			cache := map[domain.Email]domain.User{}
			s.byEmail = func(ctx context.Context, email domain.Email) (domain.User, error) {
				if u, found := cache[email]; found {
					return u, nil
				}
				u, err := s.madeUp.ByEmail(ctx, email)
				if err == nil {
					cache[email] = u
				}
				return u, err
			}
		}, copies),
	}
}
