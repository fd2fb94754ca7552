package application

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Former is a user as the service before keeps them. Zero times are never.
type Former struct {
	ID         int64
	Email      string
	Hash       string
	LoginTime  time.Time
	LogoutTime time.Time
	Unreadable string // what of the row cannot be read, in words; "" when all can
}

// ImportStep is how many users are read, and added, at once.
const ImportStep = 500

// LeftOut is a user of the service before who could not be taken, and why, in words for whoever runs the service.
type LeftOut struct {
	ID    int64
	Email string
	Why   string
}

// ImportSummary counts what became of the users of the service before.
type ImportSummary struct {
	Added     int // new here
	Updated   int // here already, and had changed there
	Unchanged int
	Deleted   int // deleted here since, and not brought back
	LeftOut   int
}

// Import takes over the users of the service before, with their hashes and times, and can be called again: then users who
// are new there are added, a later logout there counts here too, and a password or an email that has not been touched
// here follows the one there. Roles, being disabled and being deleted stay. left is told of each who cannot be taken. The
// summary is right also when the import is cut off by an error; what it counts has been saved.
func (c *Core) Import(ctx context.Context, from Roster, left func(LeftOut)) (ImportSummary, error) {
	reads, ok := c.d.Passwords.(Hashes)
	switch {
	case !ok:
		return ImportSummary{}, errors.New("import: Passwords that say which hashes they read are needed")
	case c.d.Imports == nil:
		return ImportSummary{}, fmt.Errorf("import: %w", ErrNoImports)
	}
	i := &importing{Core: c, reads: reads.Reads, left: left}
	now, err := from.Now(ctx)
	if err != nil {
		return ImportSummary{}, fmt.Errorf("import: the source: %w", err)
	}
	i.readAt = domain.Instant(now)
	for after := int64(math.MinInt64); ; {
		users, err := from.Page(ctx, after, ImportStep)
		if err != nil {
			return i.sum, fmt.Errorf("import: the source: %w", err)
		}
		if len(users) == 0 {
			return i.sum, nil
		}
		if err := i.batch(ctx, users); err != nil {
			return i.sum, fmt.Errorf("import: after ID %d of the source: %w", after, failure(err))
		}
		after = users[len(users)-1].ID
	}
}

// importing is one run.
type importing struct {
	*Core
	reads  func(hash string) bool
	left   func(LeftOut)
	readAt time.Time // by the source's clock, before anything was read
	saves  []domain.Imported
	sum    ImportSummary
}

func (i *importing) leave(u Former, why string) {
	i.sum.LeftOut++
	i.left(LeftOut{u.ID, u.Email, why})
}

func (i *importing) batch(ctx context.Context, users []Former) error {
	keys := keysOf(users)
	known, err := i.d.Imports.Imported(ctx, keys...)
	if err != nil {
		return err
	}
	var fresh []Former
	var arrivals []domain.Arrival
	for n, u := range users {
		if was, again := known[keys[n]]; again {
			if err := i.again(ctx, was, u); err != nil {
				return err
			}
			continue
		}
		if email, why := i.takes(u); why != "" {
			i.leave(u, why)
		} else {
			fresh, arrivals = append(fresh, u), append(arrivals, i.arrival(u, email))
		}
	}
	if err := i.add(ctx, fresh, arrivals); err != nil {
		return err
	}
	return i.save(ctx)
}

// save writes what is to be remembered of those who came before. What a crash keeps from it comes up the next time.
func (i *importing) save(ctx context.Context) error {
	if len(i.saves) == 0 {
		return nil
	}
	defer func() { i.saves = nil }()
	return i.d.Imports.SaveImported(ctx, i.saves...)
}

// takes reads the email of a user, or says why the user cannot be taken.
func (i *importing) takes(u Former) (domain.Email, string) {
	email, err := domain.ParseEmail(u.Email)
	switch {
	case u.Unreadable != "":
		return "", u.Unreadable
	case err != nil:
		return "", "not an email address that porteiro takes: ASCII, at most 254 bytes, international domains in their xn-- form"
	case u.Hash == "":
		return "", "there is no password hash"
	case !i.reads(u.Hash):
		return "", "a password hash that porteiro does not read"
	}
	return email, ""
}

func (i *importing) arrival(u Former, email domain.Email) domain.Arrival {
	id := newUserID(i.d.Clock())
	user := domain.User{
		ID: id, Email: email, PasswordHash: u.Hash, LoginTime: domain.Instant(u.LoginTime),
		LogoutTime: domain.Instant(u.LogoutTime), CreatedAt: domain.Instant(i.d.Clock()),
	}
	if !user.LogoutTime.IsZero() {
		user.LogoutReason = domain.ByLogout
	}
	return domain.Arrival{User: user, Imported: i.remember(u, email, id)}
}

func (i *importing) remember(u Former, email domain.Email, id domain.UserID) domain.Imported {
	return domain.Imported{
		Key: key(u), User: id, Subject: remembered(u.Email), Address: remembered(string(email)), Password: remembered(u.Hash),
		Refused: i.refused(u),
	}
}

// refused is until when the service before refuses the tokens of a user as things stand there: of one who was logged out
// and has not logged in since, all that there can be. It looks at the user and not at the token, so that a token which it
// issued a moment after a logout may be among them.
func (i *importing) refused(u Former) time.Time {
	if u.LogoutTime.IsZero() || u.LogoutTime.Before(u.LoginTime) {
		return time.Time{}
	}
	return i.readAt
}

func (i *importing) add(ctx context.Context, users []Former, arrivals []domain.Arrival) error {
	if len(arrivals) == 0 {
		return nil
	}
	added, err := i.d.Imports.AddImported(ctx, arrivals...)
	if err != nil {
		return err
	}
	var others []Former
	for n, ok := range added {
		if !ok {
			others = append(others, users[n])
			continue
		}
		i.sum.Added++
		i.tell(ctx, "import", arrivals[n].User)
	}
	return i.notAdded(ctx, others)
}

// notAdded tells those whom another import has added since this one looked from those whose email is taken.
func (i *importing) notAdded(ctx context.Context, users []Former) error {
	if len(users) == 0 {
		return nil
	}
	known, err := i.d.Imports.Imported(ctx, keysOf(users)...)
	if err != nil {
		return err
	}
	for _, u := range users {
		was, again := known[key(u)]
		if !again {
			i.leave(u, "another user has that email already, if in another spelling")
		} else if err := i.again(ctx, was, u); err != nil {
			return err
		}
	}
	return nil
}

func key(u Former) string { return strconv.FormatInt(u.ID, 10) }

func keysOf(users []Former) []string {
	keys := make([]string, len(users))
	for n, u := range users {
		keys[n] = key(u)
	}
	return keys
}
