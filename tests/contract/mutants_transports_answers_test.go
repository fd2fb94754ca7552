package contract

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func brokenAnswers() []mutant[*line] {
	const answers, sessions = "answers arrive", "sessions arrive"
	return []mutant[*line]{
		carriesGrants("expires_in in milliseconds", func(g *application.Grant) { g.ExpiresIn /= 1000 }, answers),
		carriesGrants("expires_in in minutes", func(g *application.Grant) { g.ExpiresIn = g.ExpiresIn.Truncate(time.Minute) }, answers),
		carriesGrants("the two lifetimes swapped", func(g *application.Grant) { g.ExpiresIn, g.RefreshExpiresIn = g.RefreshExpiresIn, g.ExpiresIn }, answers),
		carriesGrants("no refresh token", func(g *application.Grant) { g.RefreshToken = "" }, answers),
		carriesIdentities("a login time in seconds", func(id *application.Identity) { id.LoginTime = id.LoginTime.Truncate(time.Second) }, answers),
		carriesIdentities("a login time in milliseconds", func(id *application.Identity) { id.LoginTime = id.LoginTime.Truncate(time.Millisecond) }, answers),
		carriesIdentities("roles sorted", func(id *application.Identity) { id.Roles = slices.Sorted(slices.Values(id.Roles)) }, answers),
		carriesIdentities("roles lost", func(id *application.Identity) { id.Roles = nil }, answers),
		carriesIdentities("an empty list is one empty role", func(id *application.Identity) {
			if len(id.Roles) == 0 {
				id.Roles = []domain.Role{""}
			}
		}, answers),
		carriesIdentities("an email escaped", func(id *application.Identity) {
			id.Email = domain.Email(strings.ReplaceAll(string(id.Email), "&", "&amp;"))
		}, answers),
		carriesLists("the mark of the caller's lost", func(l []application.SessionInfo) []application.SessionInfo {
			for i := range l {
				l[i].Current = false
			}
			return l
		}, sessions),
		carriesLists("lists of 50 at most", func(l []application.SessionInfo) []application.SessionInfo { return upToN(50, l) }, sessions),
		carriesLists("sessions merged by their address", func(l []application.SessionInfo) []application.SessionInfo {
			return slices.CompactFunc(l, func(a, b application.SessionInfo) bool { return a.IP == b.IP || a.IP == "" || b.IP == "" })
		}, sessions),
		carriesLists("every session with the device of the first", func(l []application.SessionInfo) []application.SessionInfo {
			for i := range l {
				l[i].UserAgent = l[0].UserAgent
			}
			return l
		}, sessions),
		carriesLists("the oldest first", func(l []application.SessionInfo) []application.SessionInfo { slices.Reverse(l); return l }, sessions),
		carriesLists("the last rotation in the place of the login", func(l []application.SessionInfo) []application.SessionInfo {
			for i := range l {
				l[i].LoginTime = l[i].RefreshedAt
			}
			return l
		}, sessions),
	}
}

func brokenRefusals() []mutant[*line] {
	const refusals, alone, carries, failures = "refusals arrive", "a refusal brings no answer", "what a refusal carries", "failures stay inside"
	const ends = "a deadline"
	return []mutant[*line]{
		crossesAs("every refusal as text", func(err error) error { return errors.New(crossing(err).Error()) }, refusals, carries, failures),
		crossesAs("reuse as a logout", func(err error) error {
			if errors.Is(err, domain.TokenReused) {
				return domain.TokenRevoked
			}
			return crossing(err)
		}, refusals),
		crossesAs("everything of one status is one refusal", func(err error) error {
			if errors.Is(err, domain.EmailInvalid) || errors.Is(err, domain.PasswordWeak) {
				return domain.RequestInvalid
			}
			return crossing(err)
		}, refusals, carries),
		crossesAs("a forbidden one is a failure", func(err error) error {
			if errors.Is(err, domain.InsufficientRole) {
				return domain.Unavailable
			}
			return crossing(err)
		}, refusals),
		crossesAs("a failure is a refusal", func(err error) error {
			if crossed := crossing(err); !errors.Is(crossed, domain.Unavailable) {
				return crossed
			}
			return domain.TokenInvalid
		}, refusals, failures),
		crossesAs("the service's own words", func(err error) error {
			if crossed := crossing(err); !errors.Is(crossed, domain.Unavailable) {
				return crossed
			}
			return errors.Join(domain.Unavailable, err)
		}, failures),
		onWire("an answer beside a refusal", func(w *wire) { w.both = true }, alone),
		onFarSide("an error swallowed", func(s *farSide) {
			list := s.list
			s.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
				l, _ := list(ctx, t)
				return l, nil
			}
		}, refusals, alone, ends),
	}
}

func brokenRefusalFields() []mutant[*line] {
	const carries = "what a refusal carries"
	return []mutant[*line]{
		crossesAs("RetryAfter dropped", func(err error) error {
			var d *domain.Denied
			if errors.As(crossing(err), &d) {
				d.RetryAfter = 0
				return d
			}
			return crossing(err)
		}, carries),
		crossesAs("RetryAfter cut to seconds", func(err error) error {
			var d *domain.Denied
			if errors.As(err, &d) {
				return &domain.Denied{Refusal: d.Refusal, RetryAfter: d.RetryAfter.Truncate(time.Second), Field: d.Field}
			}
			return crossing(err)
		}, carries),
		crossesAs("RetryAfter of a minute at most", func(err error) error {
			var d *domain.Denied
			if errors.As(crossing(err), &d) {
				return &domain.Denied{Refusal: d.Refusal, RetryAfter: min(d.RetryAfter, time.Minute), Field: d.Field}
			}
			return crossing(err)
		}, carries),
		crossesAs("the field dropped", func(err error) error {
			var d *domain.Denied
			if errors.As(crossing(err), &d) {
				return &domain.Denied{Refusal: d.Refusal, RetryAfter: d.RetryAfter}
			}
			return crossing(err)
		}, carries),
		crossesAs("a field that nobody named", func(err error) error {
			if errors.Is(err, domain.EmailTaken) {
				return &domain.Denied{Refusal: domain.EmailTaken, Field: "email"}
			}
			return crossing(err)
		}, carries),
	}
}
