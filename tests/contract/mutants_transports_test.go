package contract

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// lineOf opens a line whose wire and far side are broken.
func lineOf(break1 func(w *wire), break2 func(f *farSide)) func(testing.TB) *line {
	return func(testing.TB) *line {
		near, w := newScript(), newWire()
		break1(w)
		far := carried(Ports{near, near, near}, w)
		break2(far)
		return &line{near: near, far: far.ports()}
	}
}

func wholeWire(*wire) {}

// onWire is a mutant of the wire.
func onWire(wrong string, f func(w *wire), rows ...string) mutant[*line] {
	return mutant[*line]{wrong: wrong, rows: rows, open: lineOf(f, func(*farSide) {})}
}

// onFarSide is a mutant of the far side.
func onFarSide(wrong string, f func(f *farSide), rows ...string) mutant[*line] {
	return mutant[*line]{wrong: wrong, rows: rows, open: lineOf(wholeWire, f)}
}

// crossesAs changes the errors that cross.
func crossesAs(wrong string, f func(err error) error, rows ...string) mutant[*line] {
	return onWire(wrong, func(w *wire) { w.cross = f }, rows...)
}

// carriesPasswords changes the passwords that are sent.
func carriesPasswords(wrong string, f func(string) string, rows ...string) mutant[*line] {
	return onFarSide(wrong, func(s *farSide) {
		login, change, remove := s.login, s.password, s.remove
		s.login = func(ctx context.Context, e, p string) (application.Grant, error) { return login(ctx, e, f(p)) }
		s.password = func(ctx context.Context, t, c, n string) (application.Grant, error) {
			return change(ctx, t, f(c), f(n))
		}
		s.remove = func(ctx context.Context, t, p string) error { return remove(ctx, t, f(p)) }
	}, rows...)
}

// carriesGrants changes the grants that come back.
func carriesGrants(wrong string, f func(g *application.Grant), rows ...string) mutant[*line] {
	return onFarSide(wrong, func(s *farSide) {
		login := s.login
		s.login = func(ctx context.Context, e, p string) (application.Grant, error) {
			g, err := login(ctx, e, p)
			f(&g)
			return g, err
		}
	}, rows...)
}

// carriesIdentities changes the identities that come back.
func carriesIdentities(wrong string, f func(id *application.Identity), rows ...string) mutant[*line] {
	return onFarSide(wrong, func(s *farSide) {
		allow := s.allow
		s.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
			id, err := allow(ctx, t, r...)
			f(&id)
			return id, err
		}
	}, rows...)
}

// carriesLists changes the lists of sessions that come back.
func carriesLists(wrong string, f func(l []application.SessionInfo) []application.SessionInfo, rows ...string) mutant[*line] {
	return onFarSide(wrong, func(s *farSide) {
		list := s.list
		s.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
			l, err := list(ctx, t)
			return f(slices.Clone(l)), err
		}
	}, rows...)
}

func transportSuite() suite[*line] {
	return suite[*line]{
		name: "Transports", rows: transportRows(), right: lineOf(wholeWire, func(*farSide) {}),
		mutants: slices.Concat(
			brokenArguments(), brokenAnswers(), brokenRefusals(), brokenRefusalFields(), brokenCalls(), brokenMemories(), brokenMixtures(),
			brokenOrigins(),
		),
	}
}

func brokenArguments() []mutant[*line] {
	const arguments = "arguments arrive"
	return []mutant[*line]{
		carriesPasswords("passwords trimmed", strings.TrimSpace, arguments),
		carriesPasswords("passwords in lower case", strings.ToLower, arguments),
		carriesPasswords("passwords normalised", func(p string) string { return strings.ReplaceAll(p, "E\u0301", "\u00c9") }, arguments),
		carriesPasswords("passwords up to the first NUL", func(p string) string { p, _, _ = strings.Cut(p, "\x00"); return p }, arguments),
		carriesPasswords("line ends made alike", func(p string) string { return strings.ReplaceAll(p, "\r\n", "\n") }, arguments),
		carriesPasswords("passwords of 1,024 bytes at most", func(p string) string { return p[:min(len(p), 1024)] }, arguments),
		onFarSide("emails folded on the way", func(s *farSide) {
			login := s.login
			s.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				return login(ctx, strings.ToLower(strings.TrimSpace(e)), p)
			}
		}, arguments),
		onFarSide("current and new password swapped", func(s *farSide) {
			change := s.password
			s.password = func(ctx context.Context, t, c, n string) (application.Grant, error) { return change(ctx, t, n, c) }
		}, arguments),
		onFarSide("the scope dropped", func(s *farSide) {
			logout := s.logout
			s.logout = func(ctx context.Context, t string, _ domain.Scope) error { return logout(ctx, t, domain.Global) }
		}, arguments),
		onFarSide("local is global", func(s *farSide) {
			logout := s.logout
			s.logout = func(ctx context.Context, t string, scope domain.Scope) error {
				if scope == domain.Local {
					scope = domain.Global
				}
				return logout(ctx, t, scope)
			}
		}, arguments),
		onFarSide("roles that are asked for ignored", func(s *farSide) {
			allow := s.allow
			s.allow = func(ctx context.Context, t string, _ ...domain.Role) (application.Identity, error) {
				return allow(ctx, t)
			}
		}, arguments),
		onFarSide("one role alone asked for", func(s *farSide) {
			allow := s.allow
			s.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				return allow(ctx, t, upToN(1, r)...)
			}
		}, arguments),
		onFarSide("tokens of 2 KiB at most", func(s *farSide) {
			refresh := s.refresh
			s.refresh = func(ctx context.Context, t string) (application.Grant, error) {
				return refresh(ctx, t[:min(len(t), 2<<10)])
			}
		}, arguments),
	}
}
