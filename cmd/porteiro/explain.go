package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// explained is what is said of a token, to people and programs.
type explained struct {
	Passes    bool          `json:"passes"`
	Refusal   string        `json:"refusal"` // its code; "" when it passes
	Because   string        `json:"because"`
	Kind      string        `json:"kind"` // access, refresh, or "" when that cannot be read
	Key       *explainedKey `json:"key"`
	IssuedAt  *time.Time    `json:"issued_at"`
	ExpiresAt *time.Time    `json:"expires_at"`
	Session   *shownSession `json:"session"`
	User      *shownUser    `json:"user"`
	Now       time.Time     `json:"now"`

	words words
}

// explainedKey is the key that a token names. Only its ID is the token's own word.
type explainedKey struct {
	ID         string     `json:"id"`
	Known      bool       `json:"known"`
	Purpose    string     `json:"purpose"`
	Algorithm  string     `json:"algorithm"`
	ActiveFrom *time.Time `json:"active_from"`
	RetiredAt  *time.Time `json:"retired_at"`
}

// words are the settings that an explanation speaks of.
type words struct{ retry, leeway time.Duration }

func say(x application.Explanation, keys []domain.Key, w words) explained {
	e := explained{
		Passes: x.Verdict == nil, Because: w.because(x), Kind: string(x.Kind), Key: keyOf(x.Key, keys), Now: x.At.UTC(), words: w,
	}
	var refusal domain.Refusal
	if errors.As(x.Verdict, &refusal) {
		e.Refusal = string(refusal)
	}
	if x.Claims != (domain.Claims{}) {
		e.IssuedAt, e.ExpiresAt = orNull(x.Claims.IssuedAt), orNull(x.Claims.Expires)
	}
	if x.Session.ID != "" {
		s := shownOf(x.Session, x.User, x.At)
		e.Session = &s
	}
	if x.User.ID != "" {
		u := shown(x.User)
		e.User = &u
	}
	return e
}

func keyOf(id string, keys []domain.Key) *explainedKey {
	if id == "" {
		return nil
	}
	i := slices.IndexFunc(keys, func(k domain.Key) bool { return k.ID == id })
	if i < 0 {
		return &explainedKey{ID: id}
	}
	return &explainedKey{
		ID: id, Known: true, Purpose: string(keys[i].Purpose), Algorithm: keys[i].Algorithm,
		ActiveFrom: orNull(keys[i].ActiveFrom), RetiredAt: orNull(keys[i].RetiredAt),
	}
}

// because says the one reason of the verdict.
func (w words) because(x application.Explanation) string {
	refused := func(r domain.Refusal) bool { return errors.Is(x.Verdict, r) }
	over, isOver := x.Session.OverSoFar(x.User, x.At)
	switch {
	case x.Becomes == domain.Repeated:
		return fmt.Sprintf("it was exchanged for its successor %s, and gets the same one again for %v after that",
			age(x.Session.RefreshedAt, x.At), w.retry)
	case refused(domain.TokenReused):
		return fmt.Sprintf("it has had its successor, and the time in which a lost answer can be had again (%v) is over: whoever "+
			"uses it ends the session", w.retry)
	case x.Verdict == nil && x.Becomes == domain.Rotated && x.Claims.Former != nil:
		return "everything holds, and it can be exchanged, once, for a session here"
	case x.Verdict == nil && x.Kind == domain.Refresh:
		return "everything holds, and it is the current refresh token of its session"
	case x.Verdict == nil:
		return "everything holds"
	case x.Broken != "":
		return x.Broken
	case x.Claims.IssuedAt.After(x.At.Add(w.leeway)):
		return fmt.Sprintf("it holds from %s on, %s by this clock: look at the clocks", moment(x.Claims.IssuedAt), age(x.Claims.IssuedAt, x.At))
	case refused(domain.TokenExpired):
		return "it expired " + age(x.Claims.Expires, x.At)
	case x.User.ID == "" && x.Claims.Former != nil:
		return "its user did not come here by porteiro import flask, or was deleted here since"
	case x.Session.ID == "" && x.Claims.Former != nil:
		return w.formerWords(x)
	case x.User.ID == "":
		return "its user is unknown: deleted, or of another database"
	case x.Session.ID == "" && refused(domain.TokenInvalid):
		return "its session is another user's"
	case x.Session.ID == "":
		return "its session is unknown: removed a while after it was over (--retention), or of another database"
	case isOver:
		return endWords(over, x.At)
	}
	return "it changed while it was looked at: ask again"
}

// formerWords says why a token of the Flask app began no session.
func (w words) formerWords(x application.Explanation) string {
	begun := x.Claims.Former.LoggedIn
	switch {
	case x.User.Disabled():
		return endWords(domain.Over{How: domain.OfDisabled, Since: x.User.DisabledAt}, x.At)
	case !x.User.LogoutTime.IsZero() && !begun.After(x.User.LogoutTime):
		return endWords(domain.Over{How: domain.LoggedOut, Since: x.User.LogoutTime, Why: x.User.LogoutReason}, x.At)
	}
	return "the Flask app refused it when it was imported: its user was logged out there, or has had another email since"
}

// endWords says how a session came to its end.
func endWords(o domain.Over, now time.Time) string {
	since := fmt.Sprintf("on %s, %s", moment(o.Since), age(o.Since, now))
	switch o.How {
	case domain.EndedItself:
		return "its session was ended " + since + ": " + reasonWords(o.Why)
	case domain.LoggedOut:
		return "its user was logged out " + since + ": " + reasonWords(o.Why)
	case domain.OfDisabled:
		return "its user was disabled " + since
	case domain.TooOld:
		return "its session reached its greatest age (--session-ttl) " + since
	}
	return "its session was not refreshed for too long (--idle-ttl): it was over " + since
}

func reasonWords(r domain.Reason) string {
	switch r {
	case domain.ByLogout:
		return "the user asked for it"
	case domain.ByPassword:
		return "the password was changed"
	case domain.ByDisabling:
		return "the user was disabled"
	case domain.ByReuse:
		return "an old refresh token was used again, so somebody else may have had it"
	case domain.ByAdministrator:
		return "whoever runs the service asked for it"
	case domain.ByRevocation:
		return "a client revoked one of its tokens"
	case "":
		return "nobody wrote down why"
	}
	return string(r)
}

// age says how long ago a time was, or how far it is ahead, to the second.
func age(t, now time.Time) string {
	d := now.Sub(t).Round(time.Second)
	if d < 0 {
		return "in " + short(-d)
	}
	return short(d) + " ago"
}

func (e explained) print(w io.Writer) error {
	verdict := "passes"
	if !e.Passes {
		verdict = "is refused: " + e.Refusal
	}
	rows := [][2]string{{"verdict", verdict}, {"because", e.Because}}
	if e.Kind != "" {
		rows = append(rows, [2]string{"kind", e.Kind + " token"})
	}
	if e.Key != nil {
		rows = append(rows, [2]string{"key", e.Key.describe(e.Now)})
	}
	if e.IssuedAt != nil {
		rows = append(rows,
			[2]string{"signature", "holds, and so do form, issuer and audience"},
			[2]string{"issued", at(*e.IssuedAt, e.Now)},
			[2]string{"expires", fmt.Sprintf("%s; clocks may differ by %v", at(*e.ExpiresAt, e.Now), e.words.leeway)})
	}
	if s := e.Session; s != nil {
		rows = append(rows,
			[2]string{"session", s.ID + ", " + s.describe(e.Now)},
			[2]string{"login", at(s.LoginTime, e.Now)},
			[2]string{"last refresh", at(s.RefreshedAt, e.Now)},
			[2]string{"idle until", at(s.IdleUntil, e.Now)},
			[2]string{"at most until", at(s.Until, e.Now)})
	}
	if u := e.User; u != nil {
		who := u.Email + " (" + u.ID + ")"
		if u.DisabledAt != nil {
			who += ", disabled on " + at(*u.DisabledAt, e.Now)
		}
		rows = append(rows, [2]string{"user", who})
	}
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
	}
	return table.Flush()
}

func at(t, now time.Time) string { return moment(t) + ", " + age(t, now) }

// describe says what there is to say of a key at a time.
func (k explainedKey) describe(now time.Time) string {
	switch {
	case !k.Known:
		return k.ID + ", not in this database"
	case k.RetiredAt != nil && !now.Before(*k.RetiredAt):
		return fmt.Sprintf("%s (%s, for %s tokens), retired on %s", k.ID, k.Algorithm, k.Purpose, at(*k.RetiredAt, now))
	case k.ActiveFrom != nil:
		return fmt.Sprintf("%s (%s, for %s tokens), signs since %s", k.ID, k.Algorithm, k.Purpose, at(*k.ActiveFrom, now))
	}
	return fmt.Sprintf("%s (%s, for %s tokens)", k.ID, k.Algorithm, k.Purpose)
}
