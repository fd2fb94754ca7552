package contract

import (
	"context"
	"fmt"
	"slices"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func pagesInOrder(ctx context.Context, s application.Store) error {
	// A language's order would skip the punctuation at first and put it elsewhere.
	emails := []domain.Email{
		"a@example.com", "aa@example.com", "a.b@example.com", "a-b@example.com", "a_b@example.com", "a+b@example.com",
		"ab@example.com", "a~@example.com", "a0@example.com", "a'c@example.com", "a-@example.com", "a@b-c.example",
		"a@b.example", "a@bc.example", "0@example.com", "_@example.com", "{@example.com", "zz@example.com", "z@example.com",
	}
	for i, email := range emails {
		user := person(i)
		user.Email = email
		if err := expect("Add", s.Add(ctx, user), nil); err != nil {
			return err
		}
	}
	slices.Sort(emails)
	if err := samePage(ctx, s, "", 100, emails); err != nil {
		return err
	}
	var walked []domain.Email
	after := domain.Email("")
	for range len(emails) + 1 {
		page, err := s.Page(ctx, after, 2)
		if err != nil {
			return fmt.Errorf("Page after %q: %w", after, err)
		}
		if len(page) == 0 {
			break
		}
		for _, user := range page {
			walked = append(walked, user.Email)
		}
		after = walked[len(walked)-1]
	}
	if !slices.Equal(walked, emails) {
		return fmt.Errorf("pages of two show %q instead of %q", walked, emails)
	}
	return nil
}

func pagesInBounds(ctx context.Context, s application.Store) error {
	if err := samePage(ctx, s, "", 3, nil); err != nil {
		return err
	}
	if err := people(ctx, s, 5); err != nil {
		return err
	}
	var all []domain.Email
	for i := range 5 {
		all = append(all, person(i).Email)
	}
	for _, c := range []struct {
		after domain.Email
		n     int
		want  []domain.Email
	}{
		{"", 0, nil},
		{"", 1, all[:1]},
		{"", 5, all},
		{"", 1 << 20, all},
		{all[1], 2, all[2:4]},
		{all[3], 10, all[4:]},
		{all[4], 10, nil},
		{all[1] + "x", 1, all[2:3]},
		{"person-1", 1, all[1:2]},
		{"zz", 10, nil},
	} {
		if err := samePage(ctx, s, c.after, c.n, c.want); err != nil {
			return err
		}
	}
	if page, _ := s.Page(ctx, "", -1); len(page) > 0 { // nonsense may be an error, or nobody
		return fmt.Errorf("Page of -1 shows %d users", len(page))
	}
	return nil
}

func samePage(ctx context.Context, s application.Store, after domain.Email, n int, want []domain.Email) error {
	page, err := s.Page(ctx, after, n)
	if err != nil {
		return fmt.Errorf("Page of %d after %q: %w", n, after, err)
	}
	var got []domain.Email
	for _, user := range page {
		got = append(got, user.Email)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("Page of %d after %q shows %q instead of %q", n, after, got, want)
	}
	return nil
}
