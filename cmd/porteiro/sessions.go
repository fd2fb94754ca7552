package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// shownSession is a session as people and programs see one.
type shownSession struct {
	ID          string     `json:"id"`
	State       string     `json:"state"` // stands, or a domain.End
	Since       *time.Time `json:"since"` // of a session that does not stand
	Reason      string     `json:"reason"`
	LoginTime   time.Time  `json:"login_time"`
	RefreshedAt time.Time  `json:"refreshed_at"`
	IdleUntil   time.Time  `json:"idle_until"`
	Until       time.Time  `json:"until"`
	UserAgent   string     `json:"user_agent"`
	IP          string     `json:"ip"`
}

const stands = "stands"

func shownOf(s domain.Session, u domain.User, now time.Time) shownSession {
	shown := shownSession{
		ID: string(s.ID), State: stands, LoginTime: s.LoginTime.UTC(), RefreshedAt: s.RefreshedAt.UTC(),
		IdleUntil: s.IdleUntil.UTC(), Until: s.Until.UTC(), UserAgent: s.UserAgent, IP: s.IP,
	}
	if over, isOver := s.OverSoFar(u, now); isOver {
		shown.State, shown.Since, shown.Reason = string(over.How), orNull(over.Since), string(over.Why)
	}
	return shown
}

// describe says where a session stands, since when and why.
func (s shownSession) describe(now time.Time) string {
	if s.Since == nil {
		return s.State
	}
	words := s.State + " since " + at(*s.Since, now)
	if s.Reason != "" {
		words += " (" + s.Reason + ")"
	}
	return words
}

// printSessions prints the sessions that were not ended for themselves, the newest login first.
func printSessions(w io.Writer, sessions []shownSession, now time.Time) error {
	if len(sessions) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "SESSION\tLOGIN\tLAST REFRESH\tFROM\tSTATE")
	for _, s := range sessions {
		from := s.IP
		if from == "" {
			from = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.ID, moment(s.LoginTime), moment(s.RefreshedAt), from, s.describe(now))
	}
	return table.Flush()
}
