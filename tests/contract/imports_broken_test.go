package contract

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/domain"
)

// astray is a good store whose imports fall short: each function that is set changes what a method is asked or answers.
type astray struct {
	*flawed
	ask    func(context.Context) context.Context
	add    func(s *astray, ctx context.Context, arrivals []domain.Arrival) ([]bool, error)
	answer func(*domain.Arrival)
	find   func(found map[string]domain.Arrival)
	as     func(subject string) string
	save   func(s *astray, ctx context.Context, imported []domain.Imported) error
}

func (s *astray) context(ctx context.Context) context.Context {
	if s.ask != nil {
		return s.ask(ctx)
	}
	return ctx
}

func (s *astray) AddImported(ctx context.Context, arrivals ...domain.Arrival) ([]bool, error) {
	if s.add != nil {
		return s.add(s, ctx, arrivals)
	}
	return s.Store.AddImported(s.context(ctx), arrivals...)
}

func (s *astray) Imported(ctx context.Context, keys ...string) (map[string]domain.Arrival, error) {
	found, err := s.Store.Imported(s.context(ctx), keys...)
	for key, a := range found {
		if s.answer != nil {
			s.answer(&a)
			found[key] = a
		}
	}
	if s.find != nil && err == nil {
		s.find(found)
	}
	return found, err
}

func (s *astray) ImportedAs(ctx context.Context, subject string) (domain.Arrival, error) {
	if s.as != nil {
		subject = s.as(subject)
	}
	a, err := s.Store.ImportedAs(s.context(ctx), subject)
	if s.answer != nil && err == nil {
		s.answer(&a)
	}
	return a, err
}

func (s *astray) SaveImported(ctx context.Context, imported ...domain.Imported) error {
	if s.save != nil {
		return s.save(s, ctx, imported)
	}
	return s.Store.SaveImported(s.context(ctx), imported...)
}

// halves adds the user and then, if it may, what is remembered: one without the other stays behind.
func halves(s *astray, ctx context.Context, arrivals []domain.Arrival) (added []bool, _ error) {
	for _, a := range arrivals {
		err := s.Store.Add(ctx, a.User)
		known, _ := s.Store.Imported(ctx, a.Imported.Key)
		if _, again := known[a.Imported.Key]; err == nil && !again {
			stand := a
			stand.User.ID, stand.User.Email = "0196a0b0-ffff-7000-8000-"+a.User.ID[24:], "stand-in-"+a.User.Email
			if _, err := s.Store.AddImported(ctx, stand); err != nil {
				return nil, err
			}
		}
		added = append(added, err == nil && len(known) == 0)
	}
	return added, nil
}

func strays() map[string][]func(*astray) {
	uncancelled := func(s *astray) { s.ask = context.WithoutCancel }
	return map[string][]func(*astray){
		"an arrival comes back as added": {
			func(s *astray) { s.answer = func(a *domain.Arrival) { a.User.Roles = nil } },
			func(s *astray) { s.answer = func(a *domain.Arrival) { a.Imported.Refused = at(0) } },
			func(s *astray) { s.answer = func(a *domain.Arrival) { a.Imported.Address = "" } },
		},
		"who is known or has a taken email is left out": {
			func(s *astray) { s.add = halves },
			func(s *astray) {
				s.add = func(s *astray, ctx context.Context, arrivals []domain.Arrival) ([]bool, error) {
					added, err := s.Store.AddImported(ctx, arrivals...)
					return slices.Repeat([]bool{true}, len(added)), err
				}
			},
		},
		"what is remembered is replaced but for its user": {
			func(s *astray) { s.save = func(*astray, context.Context, []domain.Imported) error { return nil } },
			func(s *astray) {
				s.save = func(s *astray, ctx context.Context, imported []domain.Imported) error {
					for _, i := range imported { // begins one
						_, _ = s.Store.AddImported(ctx, domain.Arrival{Imported: i, User: person(50)})
					}
					return s.Store.SaveImported(ctx, imported...)
				}
			},
		},
		"a deleted user stays remembered": {
			func(s *astray) { s.answer = func(a *domain.Arrival) { a.User.ID = a.Imported.User } },
			func(s *astray) {
				s.find = func(found map[string]domain.Arrival) {
					for key, a := range found {
						if a.User.ID == "" {
							delete(found, key)
						}
					}
				}
			},
		},
		"a subject of two is nobody's": {
			func(s *astray) { s.as = strings.ToLower },
			func(s *astray) { s.as = strings.TrimSpace },
		},
		"unknown keys are absent": {
			func(s *astray) { s.find = func(found map[string]domain.Arrival) { found["2"] = domain.Arrival{} } },
		},
		"with a cancelled context imports are a failure": {uncancelled},
		"imports at once add each user once": {
			func(s *astray) {
				s.add = func(s *astray, ctx context.Context, arrivals []domain.Arrival) ([]bool, error) {
					_, err := s.Store.AddImported(ctx, arrivals...)
					return slices.Repeat([]bool{true}, len(arrivals)), err
				}
			},
		},
	}
}

func TestImportRowsRefuseWhatBreaksThem(t *testing.T) {
	rows := importRows()
	for _, r := range rows {
		if len(strays()[r.name]) == 0 {
			t.Errorf("no store breaks the row %q", r.name)
		}
		for n, spoil := range strays()[r.name] {
			s := &astray{flawed: flaw(func(*flawed) {}).store()}
			spoil(s)
			if err := r.prove(t.Context(), s); err == nil {
				t.Errorf("the row %q takes the store that breaks it in way %d: %s", r.name, n, r.why)
			}
		}
	}
}
