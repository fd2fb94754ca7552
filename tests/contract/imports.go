package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Importing is a store that remembers who came from another service.
type Importing interface {
	application.Store
	application.Imports
}

// Imports proves what remembers who came from another service. The function opens an empty one.
func Imports(t *testing.T, open func(t *testing.T) Importing) {
	t.Helper()
	run(t, "imports", open, importRows())
}

func importRows() []row[Importing] {
	return []row[Importing]{
		{"an arrival comes back as added",
			"Imported and ImportedAs show every field of what is remembered, and the user as they are.", arrivalsSurvive},
		{"who is known or has a taken email is left out",
			"AddImported leaves out whose email is taken and whose key is known, says so, and keeps nothing of them.", leftOut},
		{"what is remembered is replaced but for its user",
			"SaveImported replaces what is remembered by a key, but not whose it is, and begins nothing.", savedImports},
		{"a deleted user stays remembered",
			"What is remembered of a user who was deleted is there still, with the zero User.", deletedArrivals},
		{"a subject of two is nobody's",
			"ImportedAs is NotFound when nobody or more than one has the subject.", subjectOfTwo},
		{"unknown keys are absent",
			"Keys that are unknown are absent, whatever is in them, and asking for none is no error.", unknownKeys},
		{"with a cancelled context imports are a failure",
			"With a cancelled context nothing is added, saved or shown.", importsCancelled},
		{"imports at once add each user once",
			"Of imports at once that bring the same users one adds each of them.", importsAtOnce},
	}
}

func arrival(n int) domain.Arrival {
	return domain.Arrival{User: person(n), Imported: domain.Imported{
		Key: fmt.Sprint(n + 1), User: userID(n), Subject: fmt.Sprintf("subject %d", n), Address: fmt.Sprintf("address %d", n),
		Password: fmt.Sprintf("password %d", n), Refused: at(time.Duration(n) * time.Microsecond),
	}}
}

// arrive adds arrivals that nothing stands against.
func arrive(ctx context.Context, s application.Imports, arrivals ...domain.Arrival) error {
	added, err := s.AddImported(ctx, arrivals...)
	if err != nil {
		return fmt.Errorf("AddImported: %w", err)
	}
	if len(added) != len(arrivals) || slices.Contains(added, false) {
		return fmt.Errorf("AddImported of %d says %v", len(arrivals), added)
	}
	return nil
}

// showsArrival returns nil when both ways show the arrival.
func showsArrival(ctx context.Context, s application.Imports, want domain.Arrival) error {
	byKey, err := s.Imported(ctx, want.Imported.Key)
	if err != nil {
		return fmt.Errorf("Imported: %w", err)
	}
	bySubject, err := s.ImportedAs(ctx, want.Imported.Subject)
	if err != nil {
		return fmt.Errorf("ImportedAs: %w", err)
	}
	for what, got := range map[string]domain.Arrival{"Imported": byKey[want.Imported.Key], "ImportedAs": bySubject} {
		if !got.Imported.Equal(want.Imported) || got.Imported.Refused != domain.Instant(got.Imported.Refused) {
			return fmt.Errorf("%s shows %+v instead of %+v", what, got.Imported, want.Imported)
		}
		if err := sameUser(what, got.User, want.User); err != nil {
			return err
		}
	}
	return nil
}

func arrivalsSurvive(ctx context.Context, s Importing) error {
	var all []domain.Arrival
	for n, user := range allSorts() {
		a := arrival(n)
		a.User, a.Imported.User = user, user.ID
		all = append(all, a)
	}
	all[1].Imported.Refused = time.Time{}
	if err := arrive(ctx, s, all...); err != nil {
		return err
	}
	for _, a := range all {
		if err := showsArrival(ctx, s, a); err != nil {
			return err
		}
		user, _, err := look(ctx, s, a.User.ID)
		if err := errors.Join(err, sameUser("Change", user, a.User)); err != nil {
			return err
		}
	}
	err := s.Change(ctx, userID(0), func(a *domain.Account) error { a.Disable(at(time.Hour)); return nil })
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	all[0].User, _, err = look(ctx, s, userID(0))
	return errors.Join(err, showsArrival(ctx, s, all[0]))
}

func leftOut(ctx context.Context, s Importing) error {
	if err := errors.Join(people(ctx, s, 1), arrive(ctx, s, arrival(1))); err != nil {
		return err
	}
	taken, known, fresh, twin := arrival(2), arrival(3), arrival(4), arrival(5)
	taken.User.Email, known.Imported.Key, twin.User.Email = person(0).Email, arrival(1).Imported.Key, fresh.User.Email
	added, err := s.AddImported(ctx, taken, known, fresh, twin)
	if err != nil || !slices.Equal(added, []bool{false, false, true, false}) {
		return fmt.Errorf("AddImported says %v, %v", added, err)
	}
	for _, a := range []domain.Arrival{taken, known, twin} {
		_, _, err := look(ctx, s, a.User.ID)
		if err := expect("Change of one who was left out", err, domain.NotFound); err != nil {
			return err
		}
		_, err = s.ImportedAs(ctx, a.Imported.Subject)
		if err := expect("ImportedAs of one who was left out", err, domain.NotFound); err != nil {
			return err
		}
	}
	taken.User.Email = person(2).Email // and nothing of the first try stands in its way
	return errors.Join(showsArrival(ctx, s, arrival(1)), showsArrival(ctx, s, fresh), arrive(ctx, s, taken), showsArrival(ctx, s, taken))
}

func savedImports(ctx context.Context, s Importing) error {
	if err := arrive(ctx, s, arrival(0), arrival(1)); err != nil {
		return err
	}
	want := arrival(0)
	want.Imported.Subject, want.Imported.Address, want.Imported.Password, want.Imported.Refused = "s", "a", "p", at(time.Hour)
	other, unknown := want.Imported, arrival(7).Imported
	other.User = userID(1)
	if err := s.SaveImported(ctx, other, unknown); err != nil {
		return fmt.Errorf("SaveImported: %w", err)
	}
	_, err := s.ImportedAs(ctx, unknown.Subject)
	return errors.Join(showsArrival(ctx, s, want), showsArrival(ctx, s, arrival(1)),
		expect("ImportedAs of one that was saved and never added", err, domain.NotFound))
}

func deletedArrivals(ctx context.Context, s Importing) error {
	if err := arrive(ctx, s, arrival(0)); err != nil {
		return err
	}
	if err := s.Change(ctx, userID(0), func(a *domain.Account) error { a.Delete(); return nil }); err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	gone := arrival(0)
	gone.User = domain.User{}
	if err := showsArrival(ctx, s, gone); err != nil {
		return err
	}
	again := arrival(0)
	again.User.ID, again.Imported.User = userID(9), userID(9)
	added, err := s.AddImported(ctx, again)
	if err != nil || !slices.Equal(added, []bool{false}) {
		return fmt.Errorf("AddImported of one who was deleted says %v, %v", added, err)
	}
	return nil
}

func subjectOfTwo(ctx context.Context, s Importing) error {
	twin := arrival(1)
	twin.Imported.Subject = arrival(0).Imported.Subject
	if err := arrive(ctx, s, arrival(0), twin, arrival(2)); err != nil {
		return err
	}
	for _, subject := range []string{twin.Imported.Subject, "", "SUBJECT 2", "subject 2 ", "subject_2", "\x00", "\xff"} {
		_, err := s.ImportedAs(ctx, subject)
		if err := expect(fmt.Sprintf("ImportedAs of %q", subject), err, domain.NotFound); err != nil {
			return err
		}
	}
	return nil
}

func unknownKeys(ctx context.Context, s Importing) error {
	if err := arrive(ctx, s, arrival(0)); err != nil {
		return err
	}
	for _, keys := range [][]string{nil, {"2"}, {"01", " 1", "1 ", "", "%", "_", "'", "\"", "\x00", "\xff", strings.Repeat("1", 1000)}} {
		found, err := s.Imported(ctx, keys...)
		if err != nil || len(found) != 0 {
			return fmt.Errorf("Imported of %q shows %v, %v", keys, found, err)
		}
	}
	found, err := s.Imported(ctx, "1", "2", "1")
	if err != nil || len(found) != 1 {
		return fmt.Errorf("Imported of one that is known shows %v, %v", found, err)
	}
	added, err := s.AddImported(ctx)
	if err != nil || len(added) != 0 {
		return fmt.Errorf("AddImported of none says %v, %v", added, err)
	}
	return expect("SaveImported of none", s.SaveImported(ctx), nil)
}

func importsCancelled(ctx context.Context, s Importing) error {
	if err := arrive(ctx, s, arrival(0)); err != nil {
		return err
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, add := s.AddImported(gone, arrival(1))
	_, byKey := s.Imported(gone, "1")
	_, bySubject := s.ImportedAs(gone, arrival(0).Imported.Subject)
	changed := arrival(0).Imported
	changed.Password = "another"
	save := s.SaveImported(gone, changed)
	err := errors.Join(failed("AddImported", add), failed("Imported", byKey), failed("ImportedAs", bySubject), failed("SaveImported", save))
	if err != nil {
		return err
	}
	_, err = s.ImportedAs(ctx, arrival(1).Imported.Subject)
	return errors.Join(expect("ImportedAs of what was not added", err, domain.NotFound), showsArrival(ctx, s, arrival(0)))
}

// keptUntil opens four sessions of tokens of another service, each over at an hour after noon in its own way but the
// last, and asks what is left before and after the time until which they are to be kept.
func keptUntil(ctx context.Context, s application.Store) error {
	const keep = 10 * time.Hour
	if err := people(ctx, s, 4); err != nil {
		return err
	}
	for i, until := range []time.Duration{keep, time.Hour, keep, keep} {
		err := s.Change(ctx, userID(i), func(a *domain.Account) error {
			_, err := a.Adopt(at(time.Minute), domain.Adoption{ID: sessionID(i), LoggedIn: at(0), Until: at(until), Keep: at(keep)})
			return err
		})
		if err != nil {
			return fmt.Errorf("Change: %w", err)
		}
	}
	var shown []domain.Session
	for i := range 4 {
		_, sessions, err := look(ctx, s, userID(i), sessionID(i))
		if err != nil || len(sessions) != 1 || !sessions[0].KeepUntil.Equal(at(keep)) {
			return fmt.Errorf("a session that is to be kept is shown as %+v, %v", sessions, err)
		}
		_, list, err := s.Sessions(ctx, userID(i), 1)
		if err != nil || len(list) != 1 || !list[0].Equal(sessions[0]) {
			return fmt.Errorf("Sessions shows %+v, %v", list, err)
		}
		shown = append(shown, sessions[0])
	}
	err := errors.Join(logOut(ctx, s, at(time.Hour), shown[0], domain.Local), logOut(ctx, s, at(time.Hour), shown[2], domain.Global))
	if err != nil {
		return err
	}
	for _, step := range []struct {
		before time.Duration
		left   []int
	}{{time.Hour + domain.Tick, []int{0, 1, 3}}, {keep, []int{0, 1, 3}}, {keep + domain.Tick, nil}} {
		if _, _, err := purge(ctx, s, at(step.before), 100); err != nil {
			return err
		}
		if err := left(ctx, s, 4, step.left...); err != nil {
			return fmt.Errorf("before %v: %w", at(step.before), err)
		}
	}
	return nil
}
