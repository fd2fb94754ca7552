package application

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Event is a decision as a log keeps it. It holds no secret: no password, no token, no email.
type Event struct {
	Time    time.Time
	Name    string           // what was asked for, one of the names below
	Outcome string           // Done, Panicked, or the code of the refusal
	Actor   string           // who asked: Origin.Actor, else "user" when a token or the password was theirs, else "anonymous"
	User    domain.UserID    // whom it is about; "" when nobody is known
	Account string           // a digest of the email that was presented; "" when none was, or it was no email
	Session domain.SessionID // that was opened or shown; "" when none is known
	Detail  string           // the scope of a logout, what became of a refresh, which session was ended, what an administrator did
	Origin  Origin
}

// The names of events.
const (
	EventLogin    = "login"
	EventRefresh  = "refresh"
	EventLogout   = "logout"
	EventPass     = "authorize"
	EventRegister = "register"
	EventPassword = "password_change"
	EventEmail    = "email_change"
	EventDelete   = "account_delete"
	EventEnd      = "session_end"
	EventAdmin    = "administration" // Detail says what, and which roles
	EventAsk      = "introspection"  // Detail says what the token is
	EventRevoke   = "revocation"
	EventClients  = "clients"      // somebody who runs the service added or removed one; Detail says which
	EventKeys     = "signing_keys" // a rotation or retirement by hand; Detail says which
)

// The outcomes that are no refusals.
const (
	Done     = "ok"
	Panicked = "panic" // a fault of the service: it may have happened or not
)

const (
	anonymous = "anonymous"
	byUser    = "user"
)

// silent is where events go when nobody listens.
type silent struct{}

func (silent) Record(context.Context, Event) {}

// record completes an event and hands it on: one for each call of a use case, and none for what decides nothing (Find,
// List, Ready, Purge). It is deferred itself, and takes the error by its place.
// What panics has not gone well, and goes on panicking.
func (c *Core) record(ctx context.Context, e *Event, err *error) {
	panicked := recover()
	e.complete(ctx, c.d.Clock(), *err, panicked)
	c.d.Events.Record(ctx, *e)
	if panicked != nil {
		panic(panicked)
	}
}

// complete says when, from where, by whom and with what outcome.
func (e *Event) complete(ctx context.Context, now time.Time, err error, panicked any) {
	e.Time, e.Outcome, e.Origin = domain.Instant(now), outcome(err), OriginOf(ctx)
	if panicked != nil {
		e.Outcome = Panicked
	}
	switch {
	case e.Origin.Actor != "":
		e.Actor = e.Origin.Actor
	case e.Actor == "":
		e.Actor = anonymous
	}
}

// by names the session that was shown.
func (e *Event) by(c domain.Claims) { e.Actor, e.User, e.Session = byUser, c.Subject, c.Session }

// digest names an account in the log without its email; "" for what is no address.
func digest(email domain.Email) string {
	if email == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(email))
	return hex.EncodeToString(sum[:8])
}

func outcome(err error) string {
	if err == nil { // before anything is made on the heap: every request of every service comes by
		return Done
	}
	if r, found := errors.AsType[domain.Refusal](err); found {
		return string(r)
	}
	return string(domain.Unavailable)
}
