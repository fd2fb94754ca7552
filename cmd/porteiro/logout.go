package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func (u *users) logout() *cobra.Command {
	one := u.decision("logout", "End every session of a user, or with --all of every user", "logged out", application.Administration.LogOut)
	var all bool
	var after string
	cmd := &cobra.Command{
		Use:   "logout EMAIL | --all",
		Short: one.Short,
		Long: `Logout ends every session of the user, on every node at once. With --all it ends those of every user, 500 users at a
time: after a backup was restored, which revives what was logged out since it was made. Where that was interrupted it
says how to go on; to begin anew does no harm.`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case all != (len(args) == 0) || len(args) > 1:
				return usagef("name one user, or everybody with --all: %s", cmd.UseLine())
			case after != "" && !all:
				return usagef("--after goes with --all: leave it out")
			}
			if _, err := domain.ParseUserID(after); err != nil && after != "" {
				return usagef("--after is the ID of a user, as an interrupted --all prints it, not %q", after)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !all {
				return one.RunE(cmd, args)
			}
			return u.administer(cmd, "", func(ctx context.Context, a application.Administration) error {
				users, last, err := a.LogOutAll(ctx, domain.UserID(after))
				switch {
				case err != nil && last != "":
					return fmt.Errorf("%d users were logged out, and it is not done: porteiro user logout --all --after %s goes on: %w", users, last, err)
				case err != nil:
					return err
				}
				fmt.Fprintf(u.stdout, "logged out %d users\n", users)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every user")
	cmd.Flags().StringVar(&after, "after", "", "with --all: go on after the user with this ID")
	return cmd
}
