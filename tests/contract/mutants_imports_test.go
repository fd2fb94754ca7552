package contract

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/domain"
)

// astray is a good store whose imports fall short: each function that is set changes what a method is asked or answers.
type astray struct {
	*memory.Store
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

func importSuite() suite[Importing] {
	stray := func(wrong string, spoil func(*astray), rows ...string) mutant[Importing] {
		return mutant[Importing]{wrong: wrong, rows: rows, open: func(testing.TB) Importing {
			s := &astray{Store: memory.New()}
			spoil(s)
			return s
		}}
	}
	return suite[Importing]{
		name: "Imports", rows: importRows(), right: func(testing.TB) Importing { return memory.New() },
		mutants: []mutant[Importing]{
			stray("arrivals without roles", func(s *astray) { s.answer = func(a *domain.Arrival) { a.User.Roles = nil } }, "an arrival comes back as added"),
			stray("arrivals without what was refused", func(s *astray) { s.answer = func(a *domain.Arrival) { a.Imported.Refused = at(0) } }, "an arrival comes back as added"),
			stray("arrivals without an address", func(s *astray) { s.answer = func(a *domain.Arrival) { a.Imported.Address = "" } }, "an arrival comes back as added"),
			stray("half of an arrival stays behind", func(s *astray) { s.add = halves }, "who is known or has a taken email is left out"),
			stray("everybody is said to be added", func(s *astray) {
				s.add = func(s *astray, ctx context.Context, arrivals []domain.Arrival) ([]bool, error) {
					added, err := s.Store.AddImported(ctx, arrivals...)
					return slices.Repeat([]bool{true}, len(added)), err
				}
			}, "who is known or has a taken email is left out"),
			stray("nothing is saved", func(s *astray) { s.save = func(*astray, context.Context, []domain.Imported) error { return nil } }, "what is remembered is replaced but for its user"),
			stray("saving begins what is unknown", func(s *astray) {
				s.save = func(s *astray, ctx context.Context, imported []domain.Imported) error {
					for _, i := range imported { // begins one
						_, _ = s.Store.AddImported(ctx, domain.Arrival{Imported: i, User: person(50)})
					}
					return s.Store.SaveImported(ctx, imported...)
				}
			}, "what is remembered is replaced but for its user"),
			stray("a deleted user comes back as an ID", func(s *astray) { s.answer = func(a *domain.Arrival) { a.User.ID = a.Imported.User } }, "a deleted user stays remembered"),
			stray("a deleted user is forgotten", func(s *astray) {
				s.find = func(found map[string]domain.Arrival) {
					for key, a := range found {
						if a.User.ID == "" {
							delete(found, key)
						}
					}
				}
			}, "a deleted user stays remembered"),
			stray("subjects in lower case", func(s *astray) { s.as = strings.ToLower }, "a subject of two is nobody's"),
			stray("subjects that are trimmed", func(s *astray) { s.as = strings.TrimSpace }, "a subject of two is nobody's"),
			stray("unknown keys are there and empty", func(s *astray) { s.find = func(found map[string]domain.Arrival) { found["2"] = domain.Arrival{} } }, "unknown keys are absent"),
			stray("imports that look at no context", func(s *astray) { s.ask = context.WithoutCancel }, "with a cancelled context imports are a failure"),
			stray("each of many says that it added", func(s *astray) {
				s.add = func(s *astray, ctx context.Context, arrivals []domain.Arrival) ([]bool, error) {
					_, err := s.Store.AddImported(ctx, arrivals...)
					return slices.Repeat([]bool{true}, len(arrivals)), err
				}
			}, "imports at once add each user once"),
		},
	}
}
