// Package logs writes the events of the service as records of a slog.Handler: one for each decision, and no secret in
// any. It decides nothing, and it does not queue: a handler that blocks holds up whoever is recorded. Of what could not be
// decided, which comes in crowds, it writes a few and counts the rest.
package logs

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"unicode"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Events records decisions. Make one with [New].
type Events struct {
	handler slog.Handler
	few     application.Few[undecided]
}

// undecided is a kind of event that could not be decided. A caller who left is not hidden behind a crowd that was refused.
type undecided struct {
	name  string
	level slog.Level
}

var _ application.Events = (*Events)(nil)

// New returns the events that are written to the handler.
func New(h slog.Handler) *Events { return &Events{handler: h} }

// Message is that of every record, to tell them from what else a log holds.
const Message = "event"

// Record writes one record with the event's time: event, outcome and actor, and those of user, account, session, ip,
// request_id and detail that are known. Its level is [Level]'s; where the handler leaves that out nothing is done at all.
// Of what could not be decided before anybody was known a few a second are written ([application.Few]), and left_out says
// how many were not since.
func (l *Events) Record(ctx context.Context, e application.Event) {
	level := levelOf(ctx, &e)
	if !l.handler.Enabled(ctx, level) {
		return
	}
	leftOut, taken := l.take(level, &e)
	if !taken {
		return
	}
	r := slog.NewRecord(e.Time, level, Message, 0)
	for _, a := range [...]struct{ name, value string }{
		{"event", e.Name}, {"outcome", e.Outcome}, {"actor", e.Actor}, {"user", string(e.User)}, {"account", e.Account},
		{"session", string(e.Session)}, {"ip", e.Origin.IP}, {"request_id", e.Origin.RequestID}, {"detail", e.Detail},
	} {
		if a.value != "" {
			r.AddAttrs(slog.String(a.name, printable(a.value)))
		}
	}
	if leftOut > 0 {
		r.AddAttrs(slog.Int("left_out", leftOut))
	}
	_ = l.handler.Handle(ctx, r) // there is nobody to tell but the log itself
}

// take lets through every decision, what is about somebody who is known (it may have happened), whatever whoever turned
// Debug on wants to see, and a few of the rest.
func (l *Events) take(level slog.Level, e *application.Event) (leftOut int, taken bool) {
	if e.Outcome != string(domain.Unavailable) || e.User != "" || level <= slog.LevelDebug {
		return 0, true
	}
	return l.few.Take(e.Time, undecided{e.Name, level})
}

// Level is that of an event. Who may pass is asked with every request of every other service and would flood the log:
// Debug, whatever the answer, and so is what a client asks whose credentials hold; a failure behind it is the transport's
// to log. Of all else Warn is what somebody should
// look at: a stolen refresh token, guessing, and what could not be decided. The rest is Info.
func Level(e application.Event) slog.Level { return levelOf(context.Background(), &e) }

func levelOf(ctx context.Context, e *application.Event) slog.Level {
	switch {
	case e.Name == application.EventPass, e.Name == application.EventAsk && e.Outcome != string(domain.InvalidClient):
		return slog.LevelDebug
	case e.Outcome == application.Panicked, e.Outcome == string(domain.TokenReused), e.Outcome == string(domain.TooManyAttempts):
		return slog.LevelWarn
	case e.Outcome == string(domain.Unavailable) && !errors.Is(context.Cause(ctx), context.Canceled): // the caller left
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// printable replaces what could steer a terminal or break a line: handlers quote the ASCII controls, and not all of
// them the others (U+009B begins an escape sequence too, U+202E turns the line around).
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
