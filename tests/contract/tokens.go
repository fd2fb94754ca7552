package contract

import (
	"fmt"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Tokens proves a codec. The function opens one that has the keys it needs; no row asks where they are from.
func Tokens(t *testing.T, open func(t *testing.T) application.Tokens) {
	t.Helper()
	run(t, "tokens", open, codecRows())
}

func codecRows() []row[application.Tokens] {
	return []row[application.Tokens]{
		{"claims come back",
			"Read gives what Issue was given, in whole seconds.", claimsComeBack},
		{"fractions are cut",
			"Times are whole seconds, as tokens carry them: cut, never rounded up.", fractionsAreCut},
		{"kinds are never mixed",
			"What is taken for one kind is never taken for another.", kindsAreNeverMixed},
		{"unknown kinds",
			"A kind that is none is neither issued nor read.", unknownKinds},
		{"refresh tokens repeat",
			"The same claims of a refresh token under the same key give the same token, byte for byte.", refreshTokensRepeat},
		{"other claims make another token",
			"A token is about its claims: when one of them differs, so does the token.", otherClaimsMakeAnotherToken},
		{"every bit counts",
			"A token that differs in a single bit is TokenInvalid.", everyBitCounts},
		{"every character counts",
			"A token that was cut, or that something was added to, is TokenInvalid.", everyCharacterCounts},
		{"parts do not fit each other",
			"A token put together of two is TokenInvalid.", partsDoNotFit},
		{"signatures are needed",
			"A token that says that it is not signed is TokenInvalid.", signaturesAreNeeded},
		{"garbage is refused",
			"Whatever is no token at all is TokenInvalid, also when there is a lot of it.", garbageIsRefused},
		{"nothing shows of a refused token",
			"The claims of a refused token are the zero ones, and the error says nothing of it.", nothingShows},
		{"times are not looked at",
			"Read never looks at the times: a token that is over is read, and so is one that has not begun.", timesAreNotLookedAt},
		{"tokens about nobody",
			"Whether a key signs can be asked without a user, and the answer opens nothing.", tokensAboutNobody},
		{"tokens travel",
			"A token fits into a header as it is: at most 4 KiB of what RFC 6750 section 2.1 allows.", tokensTravel},
		{"many at once",
			"A codec is safe for concurrent use.", manyAtOnce},
	}
}

const (
	tokenUser    = domain.UserID("0198f2a0-1111-7abc-8def-000000000001")
	tokenSession = domain.SessionID("0198f2a0-2222-7abc-8def-000000000002")
)

// accessClaims and refreshClaims are what an application issues. The times are fixed: a codec has no clock.
func accessClaims() domain.Claims {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return domain.Claims{
		Kind: domain.Access, Subject: tokenUser, Session: tokenSession, ID: "0198f2a0-3333-7abc-8def-000000000003",
		IssuedAt: at, Expires: at.Add(15 * time.Minute),
	}
}

func refreshClaims() domain.Claims {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return domain.Claims{
		Kind: domain.Refresh, Subject: tokenUser, Session: tokenSession, Count: 7,
		IssuedAt: at, Expires: at.Add(30 * 24 * time.Hour),
	}
}

func bothKinds() []domain.Claims { return []domain.Claims{accessClaims(), refreshClaims()} }

func otherKind(k domain.Kind) domain.Kind {
	if k == domain.Access {
		return domain.Refresh
	}
	return domain.Access
}

// sameClaims compares instants, in whatever location.
func sameClaims(got, want domain.Claims) error {
	times := got.IssuedAt.Equal(want.IssuedAt) && got.Expires.Equal(want.Expires)
	got.IssuedAt, got.Expires = want.IssuedAt, want.Expires
	if got != want || !times {
		return fmt.Errorf("read gave %+v, want %+v", got, want)
	}
	return nil
}
