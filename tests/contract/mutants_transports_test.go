package contract

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func transportSuite() suite[*line] {
	made := func(break1 func(w *wire), break2 func(f *farSide)) func(testing.TB) *line {
		return func(testing.TB) *line {
			near, w := &script{grant: application.Grant{AccessToken: "a.b.c", RefreshToken: "d.e.f"}}, newWire()
			break1(w)
			far := carried(Ports{near, near, near}, w)
			break2(far)
			return &line{near: near, far: far.ports()}
		}
	}
	whole := func(*wire) {}
	onWire := func(wrong string, f func(w *wire), rows ...string) mutant[*line] {
		return mutant[*line]{wrong: wrong, rows: rows, open: made(f, func(*farSide) {})}
	}
	broken := func(wrong string, f func(f *farSide), rows ...string) mutant[*line] {
		return mutant[*line]{wrong: wrong, rows: rows, open: made(whole, f)}
	}
	crosses := func(wrong string, f func(err error) error, rows ...string) mutant[*line] {
		return onWire(wrong, func(w *wire) { w.cross = f }, rows...)
	}
	passwords := func(wrong string, f func(string) string, rows ...string) mutant[*line] {
		return broken(wrong, func(s *farSide) {
			login, change, remove := s.login, s.password, s.remove
			s.login = func(ctx context.Context, e, p string) (application.Grant, error) { return login(ctx, e, f(p)) }
			s.password = func(ctx context.Context, t, c, n string) (application.Grant, error) {
				return change(ctx, t, f(c), f(n))
			}
			s.remove = func(ctx context.Context, t, p string) error { return remove(ctx, t, f(p)) }
		}, rows...)
	}
	grants := func(wrong string, f func(g *application.Grant), rows ...string) mutant[*line] {
		return broken(wrong, func(s *farSide) {
			login := s.login
			s.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				g, err := login(ctx, e, p)
				f(&g)
				return g, err
			}
		}, rows...)
	}
	identities := func(wrong string, f func(id *application.Identity), rows ...string) mutant[*line] {
		return broken(wrong, func(s *farSide) {
			allow := s.allow
			s.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				id, err := allow(ctx, t, r...)
				f(&id)
				return id, err
			}
		}, rows...)
	}
	lists := func(wrong string, f func(l []application.SessionInfo) []application.SessionInfo, rows ...string) mutant[*line] {
		return broken(wrong, func(s *farSide) {
			list := s.list
			s.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
				l, err := list(ctx, t)
				return f(slices.Clone(l)), err
			}
		}, rows...)
	}
	const arguments, answers, sessions, refusals, alone, carries, failures, ends, once, anew, mix, origin = "arguments arrive", "answers arrive", "sessions arrive", "refusals arrive",
		"a refusal brings no answer", "what a refusal carries", "failures stay inside", "a deadline", "a call is made once", "nothing is remembered", "callers do not mix", "no origin from a client"
	return suite[*line]{
		name: "Transports", rows: transportRows(), right: made(whole, func(*farSide) {}),
		mutants: []mutant[*line]{
			passwords("passwords trimmed", strings.TrimSpace, arguments),
			passwords("passwords in lower case", strings.ToLower, arguments),
			passwords("passwords normalised", func(p string) string { return strings.ReplaceAll(p, "E\u0301", "\u00c9") }, arguments),
			passwords("passwords up to the first NUL", func(p string) string { p, _, _ = strings.Cut(p, "\x00"); return p }, arguments),
			passwords("line ends made alike", func(p string) string { return strings.ReplaceAll(p, "\r\n", "\n") }, arguments),
			passwords("passwords of 1,024 bytes at most", func(p string) string { return p[:min(len(p), 1024)] }, arguments),
			broken("emails folded on the way", func(s *farSide) {
				login := s.login
				s.login = func(ctx context.Context, e, p string) (application.Grant, error) {
					return login(ctx, strings.ToLower(strings.TrimSpace(e)), p)
				}
			}, arguments),
			broken("current and new password swapped", func(s *farSide) {
				change := s.password
				s.password = func(ctx context.Context, t, c, n string) (application.Grant, error) { return change(ctx, t, n, c) }
			}, arguments),
			broken("the scope dropped", func(s *farSide) {
				logout := s.logout
				s.logout = func(ctx context.Context, t string, _ domain.Scope) error { return logout(ctx, t, domain.Global) }
			}, arguments),
			broken("local is global", func(s *farSide) {
				logout := s.logout
				s.logout = func(ctx context.Context, t string, scope domain.Scope) error {
					if scope == domain.Local {
						scope = domain.Global
					}
					return logout(ctx, t, scope)
				}
			}, arguments),
			broken("roles that are asked for ignored", func(s *farSide) {
				allow := s.allow
				s.allow = func(ctx context.Context, t string, _ ...domain.Role) (application.Identity, error) {
					return allow(ctx, t)
				}
			}, arguments),
			broken("one role alone asked for", func(s *farSide) {
				allow := s.allow
				s.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
					return allow(ctx, t, upToN(1, r)...)
				}
			}, arguments),
			broken("tokens of 2 KiB at most", func(s *farSide) {
				refresh := s.refresh
				s.refresh = func(ctx context.Context, t string) (application.Grant, error) {
					return refresh(ctx, t[:min(len(t), 2<<10)])
				}
			}, arguments),
			grants("expires_in in milliseconds", func(g *application.Grant) { g.ExpiresIn /= 1000 }, answers),
			grants("expires_in in minutes", func(g *application.Grant) { g.ExpiresIn = g.ExpiresIn.Truncate(time.Minute) }, answers),
			grants("the two lifetimes swapped", func(g *application.Grant) { g.ExpiresIn, g.RefreshExpiresIn = g.RefreshExpiresIn, g.ExpiresIn }, answers),
			grants("no refresh token", func(g *application.Grant) { g.RefreshToken = "" }, answers),
			identities("a login time in seconds", func(id *application.Identity) { id.LoginTime = id.LoginTime.Truncate(time.Second) }, answers),
			identities("a login time in milliseconds", func(id *application.Identity) { id.LoginTime = id.LoginTime.Truncate(time.Millisecond) }, answers),
			identities("roles sorted", func(id *application.Identity) { id.Roles = slices.Sorted(slices.Values(id.Roles)) }, answers),
			identities("roles lost", func(id *application.Identity) { id.Roles = nil }, answers),
			identities("an empty list is one empty role", func(id *application.Identity) {
				if len(id.Roles) == 0 {
					id.Roles = []domain.Role{""}
				}
			}, answers),
			identities("an email escaped", func(id *application.Identity) {
				id.Email = domain.Email(strings.ReplaceAll(string(id.Email), "&", "&amp;"))
			}, answers),
			lists("the mark of the caller's lost", func(l []application.SessionInfo) []application.SessionInfo {
				for i := range l {
					l[i].Current = false
				}
				return l
			}, sessions),
			lists("lists of 50 at most", func(l []application.SessionInfo) []application.SessionInfo { return upToN(50, l) }, sessions),
			lists("sessions merged by their address", func(l []application.SessionInfo) []application.SessionInfo {
				return slices.CompactFunc(l, func(a, b application.SessionInfo) bool { return a.IP == b.IP || a.IP == "" || b.IP == "" })
			}, sessions),
			lists("every session with the device of the first", func(l []application.SessionInfo) []application.SessionInfo {
				for i := range l {
					l[i].UserAgent = l[0].UserAgent
				}
				return l
			}, sessions),
			lists("the oldest first", func(l []application.SessionInfo) []application.SessionInfo { slices.Reverse(l); return l }, sessions),
			lists("the last rotation in the place of the login", func(l []application.SessionInfo) []application.SessionInfo {
				for i := range l {
					l[i].LoginTime = l[i].RefreshedAt
				}
				return l
			}, sessions),
			crosses("every refusal as text", func(err error) error { return errors.New(crossing(err).Error()) }, refusals, carries, failures),
			crosses("reuse as a logout", func(err error) error {
				if errors.Is(err, domain.TokenReused) {
					return domain.TokenRevoked
				}
				return crossing(err)
			}, refusals),
			crosses("everything of one status is one refusal", func(err error) error {
				if errors.Is(err, domain.EmailInvalid) || errors.Is(err, domain.PasswordWeak) {
					return domain.RequestInvalid
				}
				return crossing(err)
			}, refusals, carries),
			crosses("a forbidden one is a failure", func(err error) error {
				if errors.Is(err, domain.InsufficientRole) {
					return domain.Unavailable
				}
				return crossing(err)
			}, refusals),
			crosses("a failure is a refusal", func(err error) error {
				if crossed := crossing(err); !errors.Is(crossed, domain.Unavailable) {
					return crossed
				}
				return domain.TokenInvalid
			}, refusals, failures),
			crosses("RetryAfter dropped", func(err error) error {
				var d *domain.Denied
				if errors.As(crossing(err), &d) {
					d.RetryAfter = 0
					return d
				}
				return crossing(err)
			}, carries),
			crosses("RetryAfter cut to seconds", func(err error) error {
				var d *domain.Denied
				if errors.As(err, &d) {
					return &domain.Denied{Refusal: d.Refusal, RetryAfter: d.RetryAfter.Truncate(time.Second), Field: d.Field}
				}
				return crossing(err)
			}, carries),
			crosses("RetryAfter of a minute at most", func(err error) error {
				var d *domain.Denied
				if errors.As(crossing(err), &d) {
					return &domain.Denied{Refusal: d.Refusal, RetryAfter: min(d.RetryAfter, time.Minute), Field: d.Field}
				}
				return crossing(err)
			}, carries),
			crosses("the field dropped", func(err error) error {
				var d *domain.Denied
				if errors.As(crossing(err), &d) {
					return &domain.Denied{Refusal: d.Refusal, RetryAfter: d.RetryAfter}
				}
				return crossing(err)
			}, carries),
			crosses("a field that nobody named", func(err error) error {
				if errors.Is(err, domain.EmailTaken) {
					return &domain.Denied{Refusal: domain.EmailTaken, Field: "email"}
				}
				return crossing(err)
			}, carries),
			crosses("the service's own words", func(err error) error {
				if crossed := crossing(err); !errors.Is(crossed, domain.Unavailable) {
					return crossed
				}
				return errors.Join(domain.Unavailable, err)
			}, failures),
			onWire("an answer beside a refusal", func(w *wire) { w.both = true }, alone),
			broken("an error swallowed", func(s *farSide) {
				list := s.list
				s.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
					l, _ := list(ctx, t)
					return l, nil
				}
			}, refusals, alone, ends),
			onWire("failures tried again", func(w *wire) { w.again = func(err error) bool { return errors.Is(crossing(err), domain.Unavailable) } }, once),
			onWire("refusals tried again", func(w *wire) { w.again = func(err error) bool { return !errors.Is(crossing(err), domain.Unavailable) } }, once),
			broken("every write sent twice", func(s *farSide) {
				end := s.end
				s.end = func(ctx context.Context, t string, id domain.SessionID) error {
					_ = end(ctx, t, id)
					return end(ctx, t, id)
				}
			}, once),
			{wrong: "a timeout that is swallowed", rows: []string{ends}, hangs: true, open: made(func(w *wire) { w.wait = true }, func(*farSide) {})},
			broken("a cancellation as context.Canceled", func(s *farSide) {
				allow := s.allow
				s.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
					id, err := allow(ctx, t, r...)
					if ctx.Err() != nil {
						err = ctx.Err()
					}
					return id, err
				}
			}, ends),
			broken("who passed once passes for a while", func(s *farSide) {
				allow := s.allow
				var mu sync.Mutex
				kept := map[string]application.Identity{}
				s.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
					mu.Lock()
					defer mu.Unlock()
					if id, found := kept[t]; found && len(r) == 0 {
						return id, nil
					}
					id, err := allow(ctx, t, r...)
					if err == nil && len(r) == 0 {
						kept[t] = id
					}
					return id, err
				}
			}, anew),
			broken("who was refused once is refused", func(s *farSide) {
				refresh := s.refresh
				var refused error
				s.refresh = func(ctx context.Context, t string) (application.Grant, error) {
					if refused != nil {
						return application.Grant{}, refused
					}
					g, err := refresh(ctx, t)
					refused = err
					return g, err
				}
			}, anew),
			broken("an identity shared by those who ask at once", func(s *farSide) {
				allow := s.allow
				var mu sync.Mutex
				var last application.Identity
				s.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
					id, err := allow(ctx, t, r...)
					if err != nil {
						return id, err
					}
					mu.Lock()
					last = id
					mu.Unlock()
					time.Sleep(2 * time.Millisecond)
					mu.Lock()
					defer mu.Unlock()
					return last, nil
				}
			}, mix),
			broken("answers in the order of their arrival", func(s *farSide) {
				list := s.list
				answers := make(chan []application.SessionInfo, 1000)
				s.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
					l, err := list(ctx, t)
					if err != nil {
						return nil, err
					}
					answers <- l
					time.Sleep(2 * time.Millisecond)
					return <-answers, nil
				}
			}, mix),
			onWire("the client says where it is from", func(w *wire) {
				w.arrive = func(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
			}, origin),
			onWire("the client names its request", func(w *wire) {
				w.arrive = func(ctx context.Context) context.Context {
					return application.WithOrigin(context.WithoutCancel(ctx), application.Origin{IP: "192.0.2.1", RequestID: application.OriginOf(ctx).RequestID})
				}
			}, origin),
		},
	}
}
