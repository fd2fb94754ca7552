package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func newMigrate(c *console) *cobra.Command {
	var d database
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema up to date and say what was done",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			location, err := d.location(cmd.Flags().Changed)
			if err != nil {
				return err
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
	return cmd
}
