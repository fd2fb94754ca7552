package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// clients is what the subcommands of client share.
type clients struct {
	*console
	database
	audit
	json bool
}

// shownClient is a client as people and programs see one. Secret is there when it was just made.
type shownClient struct {
	ID        string     `json:"id"`
	Secret    string     `json:"secret,omitempty"`
	CreatedAt *time.Time `json:"created_at"`
}

func newClient(c *console) *cobra.Command {
	k := &clients{console: c}
	cmd := &cobra.Command{
		Use:   "client",
		Short: "Add, list and delete programs that may ask about tokens and revoke them",
		Args:  noSubcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(k.add(), k.list(), k.delete())
	for _, sub := range cmd.Commands() {
		k.database.flags(sub.Flags())
		k.audit.flags(sub.Flags())
	}
	return cmd
}

// administer opens the store and hands the core to f.
func (k *clients) administer(cmd *cobra.Command, f func(context.Context, application.Registry) error) error {
	location, err := k.location(cmd.Flags().Changed)
	if err != nil {
		return err
	}
	s, err := open(cmd.Context(), location, k.pool, 5*time.Second, true)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Check(cmd.Context()); err != nil {
		return err
	}
	core, err := assemble(s, noTokens{}, application.Deps{Events: k.events(k.stderr)})
	if err != nil {
		return err
	}
	return f(operated(cmd.Context()), core)
}

func (k *clients) add() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a client and print its secret, once",
		Long: `Add makes credentials for a program that asks porteiro about tokens (POST /introspect) or revokes them (POST /revoke),
and prints the secret on standard output. Only a digest of it is kept: who loses it deletes the client and adds it again.`,
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.administer(cmd, func(ctx context.Context, r application.Registry) error {
				client, secret, err := r.AddClient(ctx, args[0])
				switch {
				case errors.Is(err, domain.ErrClientTaken):
					return fmt.Errorf("there is a client %s already: delete it first, or choose another name", args[0])
				case errors.Is(err, domain.RequestInvalid):
					return usagef("%q is no name of a client: 1 to %d of a-z 0-9 _ . -", args[0], domain.MaxClientID)
				case err != nil:
					return err
				}
				if k.json {
					err = printJSON(k.stdout, shownClient{ID: string(client.ID), Secret: secret, CreatedAt: orNull(client.CreatedAt)})
				} else {
					fmt.Fprintf(k.stderr, "added the client %s; this is its secret, which cannot be shown again:\n", client.ID)
					_, err = fmt.Fprintln(k.stdout, secret)
				}
				if err != nil {
					return fmt.Errorf("the secret of %[1]s is lost: porteiro client delete %[1]s, and add it again: %[2]w", client.ID, err)
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&k.json, "json", false, "print JSON, for programs")
	return cmd
}

func (k *clients) list() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the clients, by name",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return k.administer(cmd, func(ctx context.Context, r application.Registry) error {
				all, err := r.ListClients(ctx)
				if err != nil {
					return err
				}
				shown := make([]shownClient, len(all))
				for i, c := range all {
					shown[i] = shownClient{ID: string(c.ID), CreatedAt: orNull(c.CreatedAt)}
				}
				if k.json {
					return printJSON(k.stdout, shown)
				}
				table := tabwriter.NewWriter(k.stdout, 0, 8, 2, ' ', 0)
				fmt.Fprintln(table, "NAME\tADDED")
				for _, c := range all {
					fmt.Fprintf(table, "%s\t%s\n", c.ID, moment(c.CreatedAt))
				}
				return table.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&k.json, "json", false, "print JSON, for programs")
	return cmd
}

func (k *clients) delete() *cobra.Command {
	return &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a client, whose secret holds no more at once",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.administer(cmd, func(ctx context.Context, r application.Registry) error {
				if err := r.DeleteClient(ctx, args[0]); errors.Is(err, domain.NotFound) {
					return fmt.Errorf("there is no client %s: porteiro client list shows who there is", args[0])
				} else if err != nil {
					return err
				}
				fmt.Fprintf(k.stdout, "deleted %s\n", args[0])
				return nil
			})
		},
	}
}
