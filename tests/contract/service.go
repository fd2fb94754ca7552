package contract

import (
	"testing"

	"github.com/porteiro/porteiro/application"
)

// Service is a running service as [Services] drives it: the core itself, or the far side of a transport in front of it.
type Service struct {
	Gate     application.Gate
	Accounts application.Accounts
	Sessions application.Sessions
	// Administration prepares users. No transport carries it, so it is always the near one.
	Administration application.Administration
}

// Services proves a service right from the outside, whole stories at a time. open gives a service with an empty store,
// registration open and every other setting at its default, that tells the time by the given clock. Run on the core and
// on the far side of a transport, it proves that nobody can tell them apart.
func Services(t *testing.T, open func(t *testing.T, clock application.Clock) Service) {
	t.Helper()
	stage := func(t *testing.T) *stage {
		s := newStage()
		s.Service = open(t, s.clock)
		return s
	}
	run(t, "Login", stage, loginRows())
	run(t, "Token", stage, presentedRows())
	run(t, "Refresh", stage, refreshRows())
	run(t, "Logout", stage, logoutRows())
	run(t, "Role", stage, roleRows())
	run(t, "Account", stage, accountRows())
	run(t, "Own", stage, ownRows())
	run(t, "Sessions", stage, ownSessionRows())
	run(t, "Guessing", stage, guessingRows())
}
