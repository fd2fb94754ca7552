package application_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// reading is passwords that know every hash but one.
type reading struct{ *passwords }

func (reading) Reads(hash string) bool { return hash != "unknown" }

// roster is users of a service before, of whom it can fail to show those past some ID.
type roster struct {
	users []application.Former
	fails int64
	pages int
}

func (r *roster) Now(context.Context) (time.Time, error) { return noon, nil }

func (r *roster) Page(_ context.Context, after int64, n int) (page []application.Former, _ error) {
	r.pages++
	if r.fails != 0 && after >= r.fails {
		return nil, errBroken
	}
	for _, u := range r.users {
		if u.ID > after && len(page) < n {
			page = append(page, u)
		}
	}
	return page, nil
}

// formerTokens reads "access SUBJECT" and "refresh SUBJECT" as tokens of the service before, issued at a time.
type formerTokens struct {
	*tokens
	issued time.Time
}

func (f formerTokens) Read(kind domain.Kind, token string) (domain.Claims, error) {
	head, subject, _ := strings.Cut(token, " ")
	if head != string(kind) {
		return f.tokens.Read(kind, token)
	}
	return domain.Claims{
		Kind: kind, Session: "0196a0c0-0000-8000-9000-00000000000" + domain.SessionID(fmt.Sprint(len(kind))), Count: -1, IssuedAt: f.issued,
		Expires: f.issued.Add(time.Hour), Former: &domain.Former{Subject: subject, LoggedIn: f.issued, Keep: f.issued.Add(time.Hour)},
	}, nil
}

// broken is a store whose memory of imports fails.
type broken struct {
	*memory.Store
	on bool
}

func (b *broken) ImportedAs(ctx context.Context, subject string) (domain.Arrival, error) {
	if b.on {
		return domain.Arrival{}, errBroken
	}
	return b.Store.ImportedAs(ctx, subject)
}

func formerCore(t *testing.T, s application.Store) *application.Core {
	t.Helper()
	core, err := application.New(application.Deps{
		Store: s, Tokens: formerTokens{&tokens{}, noon.Add(-time.Minute).Truncate(second)}, Passwords: reading{&passwords{}},
		Clock: func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	return core
}

func many(n int) []application.Former {
	users := make([]application.Former, n)
	for i := range users {
		users[i] = application.Former{ID: int64(i + 1), Email: fmt.Sprintf("user-%d@example.com", i), Hash: stale("secret")}
	}
	return users
}

// TestImportGoesInSteps, and what one of them saved stays when the next one fails.
func TestImportGoesInSteps(t *testing.T) {
	store := memory.New()
	core := formerCore(t, store)
	from := &roster{users: many(2*application.ImportStep + 3), fails: application.ImportStep}
	from.users[1].Hash = "unknown"
	var left []application.LeftOut
	leave := func(l application.LeftOut) { left = append(left, l) }
	sum, err := core.Import(t.Context(), from, leave)
	if !errors.Is(err, errBroken) || sum.Added != application.ImportStep-1 || sum.LeftOut != 1 || len(left) != 1 || left[0].ID != 2 {
		t.Fatalf("%+v, %v, %v", sum, left, err)
	}
	from.fails, from.pages = 0, 0
	sum, err = core.Import(t.Context(), from, leave)
	want := application.ImportSummary{Added: application.ImportStep + 3, Unchanged: application.ImportStep - 1, LeftOut: 1}
	if err != nil || sum != want || from.pages != 4 {
		t.Errorf("%+v in %d pages, %v; want %+v", sum, from.pages, err, want)
	}
	page, err := store.Page(t.Context(), "", 10_000)
	if err != nil || len(page) != len(from.users)-1 {
		t.Errorf("there are %d users, %v", len(page), err)
	}
}

// overtaken is a store that another import writes to while one is about to.
type overtaken struct {
	*memory.Store
	by func()
}

func (o *overtaken) AddImported(ctx context.Context, arrivals ...domain.Arrival) ([]bool, error) {
	if by := o.by; by != nil {
		o.by = nil
		by()
	}
	return o.Store.AddImported(ctx, arrivals...)
}

// TestTwoImportsAtOnceLeaveNobodyOut: whom the other one added is here, and it is no other user who has the email.
func TestTwoImportsAtOnceLeaveNobodyOut(t *testing.T) {
	store := &overtaken{Store: memory.New()}
	core := formerCore(t, store)
	other := many(3)
	other[2].Email = "user-3@example.com" // whom this import finds here with the email of the fourth
	store.by = func() {
		if _, err := core.Import(t.Context(), &roster{users: other}, func(application.LeftOut) {}); err != nil {
			t.Fatal(err)
		}
		if err := core.Delete(t.Context(), "user-1@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	var left []application.LeftOut
	sum, err := core.Import(t.Context(), &roster{users: many(4)}, func(l application.LeftOut) { left = append(left, l) })
	if want := (application.ImportSummary{Updated: 1, Unchanged: 1, Deleted: 1, LeftOut: 1}); err != nil || sum != want {
		t.Errorf("%+v, %v; want %+v", sum, err, want)
	}
	if len(left) != 1 || left[0].ID != 4 || !strings.Contains(left[0].Why, "another user has that email") {
		t.Errorf("left out are %+v", left)
	}
}

// TestNothingIsImportedWithoutWhatItTakes names what is missing.
func TestNothingIsImportedWithoutWhatItTakes(t *testing.T) {
	deps := application.Deps{Store: plain{memory.New()}, Attempts: memory.New(), Tokens: &tokens{}, Passwords: reading{&passwords{}}, Clock: func() time.Time { return noon }}
	core, err := application.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := core.Import(t.Context(), &roster{}, nil); !errors.Is(err, application.ErrNoImports) {
		t.Errorf("a store without a memory of imports: %v", err)
	}
	deps.Store, deps.Passwords = memory.New(), &passwords{}
	if core, err = application.New(deps); err != nil {
		t.Fatal(err)
	}
	if _, err := core.Import(t.Context(), &roster{}, nil); err == nil {
		t.Error("passwords that do not say what they read are taken")
	}
}

// plain is a store and nothing more.
type plain struct{ application.Store }
