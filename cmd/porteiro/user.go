package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// users is what the subcommands of user share.
type users struct {
	*console
	database
	audit
	json bool
}

func newUser(c *console) *cobra.Command {
	u := &users{console: c}
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Add, find, change and remove users",
		Args:  noSubcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(u.add(), u.list(), u.show(), u.password(), u.roles(),
		u.logout(),
		u.decision("disable", "Keep a user from signing in, and end every session", "disabled", application.Administration.Disable),
		u.decision("enable", "Let a user sign in again", "enabled", application.Administration.Enable),
		u.decision("delete", "Remove a user and every session", "deleted", application.Administration.Delete))
	for _, sub := range cmd.Commands() {
		u.database.flags(sub.Flags())
		u.audit.flags(sub.Flags())
	}
	return cmd
}

// administer opens the store, hands the core to f and puts a refusal into a sentence.
func (u *users) administer(cmd *cobra.Command, email string, f func(context.Context, application.Administration) error) error {
	location, err := u.location(cmd.Flags().Changed)
	if err != nil {
		return err
	}
	s, err := open(cmd.Context(), location, u.pool, 5*time.Second, true)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Check(cmd.Context()); err != nil {
		return err
	}
	core, err := assemble(s, noTokens{}, application.Deps{Events: u.events(u.stderr)})
	if err != nil {
		return err
	}
	return sentence(f(operated(cmd.Context()), core), email)
}

func (u *users) add() *cobra.Command {
	var roles []string
	cmd := &cobra.Command{
		Use:   "add EMAIL",
		Short: "Add a user; the password comes from a prompt or from standard input",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := u.newPassword()
			if err != nil {
				return err
			}
			return u.administer(cmd, args[0], func(ctx context.Context, a application.Administration) error {
				user, err := a.Add(ctx, args[0], password, asRoles(roles)...)
				if err != nil {
					return err
				}
				if u.json {
					return printJSON(u.stdout, shown(user))
				}
				fmt.Fprintf(u.stdout, "added %s (%s)\n", user.Email, user.ID)
				return nil
			})
		},
	}
	cmd.Flags().StringSliceVar(&roles, "role", nil, "a role of the user; several with commas")
	u.jsonFlag(cmd)
	return cmd
}

func (u *users) password() *cobra.Command {
	return &cobra.Command{
		Use:   "password EMAIL",
		Short: "Set a user's password, from a prompt or standard input, and end every session",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := u.newPassword()
			if err != nil {
				return err
			}
			return u.administer(cmd, args[0], func(ctx context.Context, a application.Administration) error {
				if err := a.SetPassword(ctx, args[0], password); err != nil {
					return err
				}
				fmt.Fprintf(u.stdout, "set the password of %s\n", args[0])
				return nil
			})
		},
	}
}

func (u *users) roles() *cobra.Command {
	var none bool
	cmd := &cobra.Command{
		Use:   "roles EMAIL [ROLE…]",
		Short: "Replace a user's roles",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || none != (len(args) == 1) {
				return usagef("name the user and every role that they shall have, or --none: %s", cmd.UseLine())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return u.administer(cmd, args[0], func(ctx context.Context, a application.Administration) error {
				if err := a.SetRoles(ctx, args[0], asRoles(args[1:])...); err != nil {
					return err
				}
				fmt.Fprintf(u.stdout, "set the roles of %s\n", args[0])
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&none, "none", false, "take all roles away")
	return cmd
}

// decision is a subcommand that names a user and says what becomes of them.
func (u *users) decision(name, short, done string, decide func(application.Administration, context.Context, string) error) *cobra.Command {
	return &cobra.Command{
		Use:   name + " EMAIL",
		Short: short,
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return u.administer(cmd, args[0], func(ctx context.Context, a application.Administration) error {
				if err := decide(a, ctx, args[0]); err != nil {
					return err
				}
				fmt.Fprintf(u.stdout, "%s %s\n", done, args[0])
				return nil
			})
		},
	}
}

func asRoles(names []string) []domain.Role {
	roles := make([]domain.Role, len(names))
	for i, n := range names {
		roles[i] = domain.Role(n)
	}
	return roles
}

// sentence says a refusal to a person. The causes of a failure stay in it.
func sentence(err error, email string) error {
	policy := domain.DefaultPasswordPolicy()
	switch {
	case errors.Is(err, domain.NotFound):
		return fmt.Errorf("there is no user %s: porteiro user list shows who there is", email)
	case errors.Is(err, domain.EmailTaken):
		return fmt.Errorf("there is a user %s already", email)
	case errors.Is(err, domain.EmailInvalid):
		return fmt.Errorf("%q is not an email address that porteiro takes: ASCII, at most 254 bytes, international domains in their xn-- form", email)
	case errors.Is(err, domain.PasswordWeak):
		return fmt.Errorf("that password is not accepted: %d to %d characters, not one that many people use, not the email, not this service's name", policy.Min, policy.Max)
	case errors.Is(err, domain.RequestInvalid):
		return fmt.Errorf("not a role or not text: roles are 1 to 64 of a-z 0-9 _ . : - (%w)", err)
	case errors.Is(err, domain.BodyTooLarge):
		return fmt.Errorf("that is too long: an email and a password have %d bytes at most", application.MaxCredentials)
	}
	return err
}
