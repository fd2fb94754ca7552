package contract

import (
	"context"
	"slices"
	"strings"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// pages changes what Page shows of all.
func pages(alter func(all []domain.User, after domain.Email, n int) []domain.User) flaw {
	return func(s *flawed) {
		s.page = func(ctx context.Context, after domain.Email, n int) ([]domain.User, error) {
			all, err := s.madeUp.Page(ctx, "", 1<<20)
			return alter(all, after, n), err
		}
	}
}

func afterThat(all []domain.User, after domain.Email) []domain.User {
	return slices.DeleteFunc(all, func(u domain.User) bool { return u.Email <= after })
}

func sorted(all []domain.User, key func(domain.User) string) []domain.User {
	slices.SortStableFunc(all, func(a, b domain.User) int { return strings.Compare(key(a), key(b)) })
	return all
}

func brokenPages() []mutant[application.Store] {
	const bytes, bounds = "pages come in the order of bytes", "a page begins after its argument and keeps its bound"
	return []mutant[application.Store]{
		broken("pages in a language's order", pages(func(all []domain.User, after domain.Email, n int) []domain.User {
			letters := strings.NewReplacer(".", "", "-", "", "_", "", "+", "", "'", "", "~", "")
			return upToN(n, sorted(afterThat(all, after), func(u domain.User) string { return letters.Replace(string(u.Email)) }))
		}), bytes),
		broken("pages in the order of additions", pages(func(all []domain.User, after domain.Email, n int) []domain.User {
			return upToN(n, sorted(afterThat(all, after), func(u domain.User) string { return string(u.ID) }))
		}), bytes),
		broken("pages that begin at their argument", pages(func(all []domain.User, after domain.Email, n int) []domain.User {
			return upToN(n, slices.DeleteFunc(all, func(u domain.User) bool { return u.Email < after }))
		}), bounds),
		broken("pages of one more", pages(func(all []domain.User, after domain.Email, n int) []domain.User {
			return upToN(n+1, afterThat(all, after))
		}), bounds),
		broken("pages of all when asked for none", pages(func(all []domain.User, after domain.Email, n int) []domain.User {
			if n < 1 {
				n = len(all)
			}
			return upToN(n, afterThat(all, after))
		}), bounds),
		broken("pages after somebody who must be there", pages(func(all []domain.User, after domain.Email, n int) []domain.User {
			i := slices.IndexFunc(all, func(u domain.User) bool { return u.Email == after })
			return upToN(n, all[i+1:])
		}), bounds),
		broken("pages of a hundred at most", pages(func(all []domain.User, after domain.Email, n int) []domain.User {
			return upToN(min(n, 100), afterThat(all, after))
		}), "a list is as long as it was asked for"),
	}
}
