package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func newMigrate(c *console) *cobra.Command {
	var d database
	var dry bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema up to date and say what was done",
		Long: `Migrate brings the schema up to date, under a lock, while older nodes go on serving; porteiro serve does it too. A
database that needs a newer porteiro is refused. With --dry-run it prints what it would apply: exit code 0, whether
there is something to apply or not.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			location, err := d.location(cmd.Flags().Changed)
			if err != nil {
				return err
			}
			if dry {
				return rehearse(cmd.Context(), c.stdout, location, d)
			}
			s, err := open(cmd.Context(), location, d.pool, 10*time.Second, false)
			if err != nil {
				return err
			}
			defer s.Close()
			applied, err := s.Migrate(cmd.Context())
			if err != nil {
				return err
			}
			for _, step := range applied {
				fmt.Fprintln(c.stdout, "applied", step)
			}
			if err := s.Check(cmd.Context()); err != nil {
				return err
			}
			fmt.Fprintln(c.stdout, "the schema is up to date")
			return nil
		},
	}
	d.flags(cmd.Flags())
	cmd.Flags().BoolVar(&dry, "dry-run", false, "print what it would do, with the SQL, and change nothing")
	return cmd
}
