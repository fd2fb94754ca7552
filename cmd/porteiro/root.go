package main

import (
	"strings"

	"github.com/spf13/cobra"
)

func newRoot(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:   "porteiro",
		Short: "Signs people in, hands out tokens, and says who may pass",
		Long: `Porteiro signs people in with email and password, issues JSON Web Tokens, and says, now and on every node,
whether a token may pass.

Every flag can be given in the environment: --database-url is PORTEIRO_DATABASE_URL. A flag wins over its variable.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noSubcommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w: %s --help lists the flags", err, cmd.CommandPath())
	})
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return fromEnvironment(cmd, c.environ) }
	root.AddCommand(newServe(c), newMigrate(c), newUser(c), newClient(c), newKey(c), newToken(c), newImport(c), newHealthcheck(c), newDoctor(c),
		newVersion(c), newHasher())
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil {
		help.Args = ofACommand
	}
	return root
}

// ofACommand refuses what help would be asked about and is no command.
func ofACommand(help *cobra.Command, args []string) error {
	found, rest, err := help.Root().Find(args)
	if err != nil {
		return usageError{err}
	}
	return noSubcommand(found, rest)
}

// noSubcommand refuses what looks like a subcommand and is none.
func noSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("there is no %q: %s --help lists what there is", strings.TrimSpace(cmd.CommandPath()+" "+args[0]), cmd.CommandPath())
	}
	return nil
}

// exactly takes the arguments that the command's Use line names.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("%d is not the number of arguments that it takes: %s", len(args), cmd.UseLine())
		}
		return nil
	}
}
