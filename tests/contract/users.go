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

func userRows() []row[application.Store] {
	return []row[application.Store]{
		{"a user comes back as added",
			"Every field of a user survives, to the microsecond, however long and in whatever script.", usersSurvive},
		{"times come back as instants",
			"Times are Instants: UTC, no monotonic reading, and a zero time stays zero.", timesAreInstants},
		{"an email that another user has is taken",
			"Add answers EmailTaken when another user has the email, and keeps nothing of the second one.", emailIsTaken},
		{"one address in two spellings is one account",
			"One address is one account, in whatever case and with whatever space around it was typed.", oneAddressOneAccount},
		{"the same user again changes nothing",
			"Adding the same ID again changes nothing and is nil: an addition whose answer was lost can be repeated.", sameUserAgain},
		{"an unknown email is not found",
			"ByEmail answers NotFound when nobody has the email.", unknownEmail},
		{"pages come in the order of bytes",
			"Page orders emails by their bytes, not by the rules of a language.", pagesInOrder},
		{"a page begins after its argument and keeps its bound",
			"Page returns at most n users whose emails come after the given one, which need not be anybody's.", pagesInBounds},
		{"what came back is the caller's",
			"A user that was returned shares nothing with the one that is kept.", returnedUsersAreCopies},
	}
}

// allSorts is users that a careless store would cut, fold or confuse.
func allSorts() []domain.User {
	full := domain.User{
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", Roles: []domain.Role{"writer", "admin", "billing:read"},
		LoginTime: at(time.Microsecond), LogoutTime: at(2 * time.Microsecond), LogoutReason: domain.ByPassword,
		DisabledAt: at(3 * time.Microsecond), VerifiedAt: at(4 * time.Microsecond), CreatedAt: at(999999 * time.Microsecond),
	}
	last := time.Date(9999, time.December, 31, 23, 59, 59, 999999000, time.UTC)
	epoch := time.Unix(0, 0).UTC()
	users := []domain.User{
		full,
		{}, // nothing but an ID and an email
		{LoginTime: last, LogoutTime: last, DisabledAt: last, VerifiedAt: last, CreatedAt: last},
		{LoginTime: epoch, LogoutTime: epoch, DisabledAt: epoch, VerifiedAt: epoch, CreatedAt: epoch},
		{LoginTime: epoch.Add(-time.Microsecond), CreatedAt: epoch.Add(time.Microsecond)},
		{Roles: []domain.Role{"admin"}, CreatedAt: at(0)},
		{Roles: []domain.Role{domain.Role(strings.Repeat("r", 64)), "0"}, CreatedAt: at(0)},
		{PasswordHash: strings.Repeat("$señal é 🚪 ", 1000) + " '\"\\;--%_\t\n ", CreatedAt: at(0)},
	}
	for i := range users {
		users[i].ID, users[i].Email = person(i).ID, person(i).Email
	}
	users[1].Email = domain.Email(strings.Repeat("l", 64) + "@" + strings.Repeat("d234567890.", 16) + "xn--p1a")
	users[5].Email = "o'hara+%_\u0060{|}~!#$&*-/=?^@xn--bcher-kva.example"
	return users
}

func usersSurvive(ctx context.Context, s application.Store) error {
	for _, want := range allSorts() {
		if err := expect("Add", s.Add(ctx, want), nil); err != nil {
			return err
		}
	}
	for _, want := range allSorts() {
		got, err := s.ByEmail(ctx, want.Email)
		if err != nil {
			return fmt.Errorf("ByEmail: %w", err)
		}
		if err := sameUser("ByEmail", got, want); err != nil {
			return err
		}
		if got, _, err = look(ctx, s, want.ID); err != nil {
			return fmt.Errorf("Change: %w", err)
		}
		if err := sameUser("Change", got, want); err != nil {
			return err
		}
	}
	page, err := s.Page(ctx, "", 100)
	if err != nil {
		return fmt.Errorf("Page: %w", err)
	}
	return sameUsers(page, allSorts())
}

func sameUsers(got, want []domain.User) error {
	slices.SortFunc(want, func(a, b domain.User) int { return strings.Compare(string(a.Email), string(b.Email)) })
	if len(got) != len(want) {
		return fmt.Errorf("Page shows %d users instead of %d", len(got), len(want))
	}
	for i := range got {
		if err := sameUser("Page", got[i], want[i]); err != nil {
			return err
		}
	}
	return nil
}

func timesAreInstants(ctx context.Context, s application.Store) error {
	for _, want := range allSorts() {
		if err := expect("Add", s.Add(ctx, want), nil); err != nil {
			return err
		}
		got, err := s.ByEmail(ctx, want.Email)
		if err != nil {
			return fmt.Errorf("ByEmail: %w", err)
		}
		for _, t := range []time.Time{got.LoginTime, got.LogoutTime, got.DisabledAt, got.VerifiedAt, got.CreatedAt} {
			if t != domain.Instant(t) {
				return fmt.Errorf("ByEmail shows %v (%s), which is no Instant", t, t.Location())
			}
		}
	}
	return nil
}

func emailIsTaken(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	second := person(1)
	second.Email = person(0).Email
	if err := expect("Add", s.Add(ctx, second), domain.EmailTaken); err != nil {
		return err
	}
	if _, _, err := look(ctx, s, second.ID); err != nil {
		if err := expect("Change of the second user", err, domain.NotFound); err != nil {
			return err
		}
	} else {
		return fmt.Errorf("the second user was added")
	}
	got, err := s.ByEmail(ctx, person(0).Email)
	if err != nil {
		return fmt.Errorf("ByEmail: %w", err)
	}
	return sameUser("ByEmail", got, person(0))
}

func oneAddressOneAccount(ctx context.Context, s application.Store) error {
	for i, typed := range []string{"Ana.Maria@Example.COM", " ana.maria@example.com\t", "ANA.MARIA@EXAMPLE.COM"} {
		email, err := domain.ParseEmail(typed)
		if err != nil {
			return fmt.Errorf("ParseEmail of %q: %w", typed, err)
		}
		user := person(i)
		user.Email = email
		want := error(domain.EmailTaken)
		if i == 0 {
			want = nil
		}
		if err := expect("Add of "+typed, s.Add(ctx, user), want); err != nil {
			return err
		}
		if user, err = s.ByEmail(ctx, email); err != nil {
			return fmt.Errorf("ByEmail of %q: %w", typed, err)
		}
		if user.ID != person(0).ID || user.Email != "ana.maria@example.com" {
			return fmt.Errorf("ByEmail of %q shows user %s with %s", typed, user.ID, user.Email)
		}
	}
	return nil
}

func sameUserAgain(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	other := person(0)
	other.PasswordHash, other.Roles, other.CreatedAt = "another hash", nil, at(time.Hour)
	renamed := person(0)
	renamed.Email = person(1).Email
	if err := expect("Add with another email", s.Add(ctx, renamed), nil); err != nil {
		return err
	}
	if _, err := s.ByEmail(ctx, renamed.Email); !errors.Is(err, domain.NotFound) {
		return fmt.Errorf("ByEmail of an email that nobody was given answered %w", err)
	}
	for _, again := range []domain.User{person(0), other} {
		if err := expect("Add", s.Add(ctx, again), nil); err != nil {
			return err
		}
		got, err := s.ByEmail(ctx, again.Email)
		if err != nil {
			return fmt.Errorf("ByEmail: %w", err)
		}
		if err := sameUser("ByEmail", got, person(0)); err != nil {
			return err
		}
	}
	return nil
}

func unknownEmail(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for _, email := range []domain.Email{"", "nobody@example.com", "person-_@example.com", "person-%", person(0).Email + "x"} {
		_, err := s.ByEmail(ctx, email)
		if err := expect(fmt.Sprintf("ByEmail of %q", email), err, domain.NotFound); err != nil {
			return err
		}
	}
	return nil
}

func returnedUsersAreCopies(ctx context.Context, s application.Store) error {
	given := person(0)
	if err := expect("Add", s.Add(ctx, given), nil); err != nil {
		return err
	}
	given.Roles[0] = "altered"
	for range 2 {
		user, err := s.ByEmail(ctx, given.Email)
		if err != nil {
			return fmt.Errorf("ByEmail: %w", err)
		}
		if err := sameUser("ByEmail", user, person(0)); err != nil {
			return err
		}
		user.Roles[0] = "altered"
		page, err := s.Page(ctx, "", 1)
		if err != nil || len(page) != 1 {
			return fmt.Errorf("Page shows %d users, %w", len(page), err)
		}
		if err := sameUser("Page", page[0], person(0)); err != nil {
			return err
		}
		page[0].Roles[0] = "altered"
	}
	return nil
}
