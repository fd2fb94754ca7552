package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

const pageSize = 500

// shownUser is a user as people and programs see one: everything but the password.
type shownUser struct {
	ID           string     `json:"id"`
	Email        string     `json:"email"`
	Roles        []string   `json:"roles"`
	HasPassword  bool       `json:"has_password"`
	CreatedAt    *time.Time `json:"created_at"`
	LoginTime    *time.Time `json:"login_time"`
	LogoutTime   *time.Time `json:"logout_time"`
	LogoutReason string     `json:"logout_reason"`
	VerifiedAt   *time.Time `json:"verified_at"`
	DisabledAt   *time.Time `json:"disabled_at"`
}

func shown(u domain.User) shownUser {
	roles := make([]string, len(u.Roles))
	for i, r := range u.Roles {
		roles[i] = string(r)
	}
	return shownUser{
		ID: string(u.ID), Email: string(u.Email), Roles: roles, HasPassword: u.PasswordHash != "",
		CreatedAt: orNull(u.CreatedAt), LoginTime: orNull(u.LoginTime), LogoutTime: orNull(u.LogoutTime),
		LogoutReason: string(u.LogoutReason), VerifiedAt: orNull(u.VerifiedAt), DisabledAt: orNull(u.DisabledAt),
	}
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (u *users) jsonFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&u.json, "json", false, "print JSON, for programs")
}

func (u *users) list() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the users, by email",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return u.administer(cmd, "", u.printAll)
		},
	}
	u.jsonFlag(cmd)
	return cmd
}

// printAll prints a page at a time, so that a million users need no memory. As JSON it is one object a line.
func (u *users) printAll(ctx context.Context, a application.Administration) error {
	table := tabwriter.NewWriter(u.stdout, 0, 8, 2, ' ', 0)
	if !u.json {
		fmt.Fprintln(table, "EMAIL\tID\tROLES\tLAST LOGIN\tSTATE")
	}
	for after := ""; ; {
		page, err := a.List(ctx, after, pageSize)
		if err != nil {
			return err
		}
		for _, user := range page {
			if u.json {
				if err := json.NewEncoder(u.stdout).Encode(shown(user)); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", user.Email, user.ID, roleNames(user), moment(user.LoginTime), state(user))
		}
		if err := table.Flush(); err != nil || len(page) < pageSize {
			return err
		}
		after = string(page[len(page)-1].Email)
	}
}

// shownWithSessions is a user and the sessions that were not ended for themselves.
type shownWithSessions struct {
	shownUser
	Sessions []shownSession `json:"sessions"`
}

func (u *users) show() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show EMAIL",
		Short: "Show a user, and where the sessions stand that were not ended one by one",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return u.administer(cmd, args[0], func(ctx context.Context, a application.Administration) error {
				user, all, err := a.SessionsOf(ctx, args[0])
				if err != nil {
					return err
				}
				now, sessions := time.Now(), make([]shownSession, len(all))
				for i, s := range all {
					sessions[i] = shownOf(s, user, now)
				}
				if u.json {
					return printJSON(u.stdout, shownWithSessions{shown(user), sessions})
				}
				if err := printUser(u.stdout, user); err != nil {
					return err
				}
				return printSessions(u.stdout, sessions, now)
			})
		},
	}
	u.jsonFlag(cmd)
	return cmd
}

func printUser(w io.Writer, user domain.User) error {
	logout := moment(user.LogoutTime)
	if user.LogoutReason != "" {
		logout += " (" + string(user.LogoutReason) + ")"
	}
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, row := range [][2]string{
		{"email", string(user.Email)}, {"id", string(user.ID)}, {"state", state(user)}, {"roles", roleNames(user)},
		{"created", moment(user.CreatedAt)}, {"last login", moment(user.LoginTime)}, {"logged out", logout},
	} {
		fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
	}
	return table.Flush()
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func roleNames(u domain.User) string {
	if len(u.Roles) == 0 {
		return "-"
	}
	s := string(u.Roles[0])
	for _, r := range u.Roles[1:] {
		s += "," + string(r)
	}
	return s
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

func state(u domain.User) string {
	switch {
	case u.Disabled():
		return "disabled"
	case u.PasswordHash == "":
		return "no password"
	}
	return "active"
}
