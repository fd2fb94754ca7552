package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/porteiro/porteiro/adapters/flask"
	"github.com/porteiro/porteiro/application"
)

// leftOutError is an import that is done, and could not take everybody.
type leftOutError struct{ n int }

func (l leftOutError) Error() string {
	return fmt.Sprintf("%d of the source could not be taken as they are, and are listed above: put them right there and import again, or add them by porteiro user add", l.n)
}

func newImport(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Take over the users of another service",
		Args:  noSubcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand((&importing{console: c}).command())
	return cmd
}

// importing is import flask and its flags.
type importing struct {
	*console
	database
	audit
	from, fromFile, zone string
	json                 bool
}

func (i *importing) command() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "flask",
		Short: "Take over the users of a Flask app, with their password hashes and times",
		Long: `Import flask reads the users table of a Flask app (id, email, password, login_time, logout_time) and adds its users, with
their hashes, which are renewed when somebody signs in. It changes nothing there, and brings the schema here up to date.

It can be run again, beside servers that run: new users are added, and a later logout there counts here too. A password
or an email that was changed there is taken as long as it was not changed here; a hash that was renewed, roles, and users
who were disabled or deleted here stay as they are.

Exit code 0 when everybody was taken, 3 when some could not be, which are listed with the reason, 1 when it failed.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return i.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&i.from, "from", "", "the database of the Flask app: postgres://USER:PASSWORD@HOST/NAME or sqlite:PATH")
	f.StringVar(&i.fromFile, "from-file", "", "a file that holds that URL, in place of --from")
	f.StringVar(&i.zone, "time-zone", "", "the zone of times that are kept without one (default UTC in SQLite, the server's in PostgreSQL)")
	i.database.flags(f)
	i.audit.flags(f)
	f.BoolVar(&i.json, "json", false, "print JSON, for programs")
	f.SortFlags = false
	return cmd
}

// source returns where the users are.
func (i *importing) source() (string, error) {
	switch {
	case i.from != "" && i.fromFile != "":
		return "", usagef("--from and --from-file are both given: leave one out")
	case i.from == "" && i.fromFile == "":
		return "", usagef("--from is missing: name the database of the Flask app, postgres://USER:PASSWORD@HOST/NAME or sqlite:PATH")
	case i.fromFile == "":
		return i.from, nil
	}
	b, err := os.ReadFile(i.fromFile)
	if err != nil {
		return "", fmt.Errorf("--from-file: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

func (i *importing) run(cmd *cobra.Command) error {
	ctx := operated(cmd.Context())
	from, err := i.source()
	if err != nil {
		return err
	}
	location, err := i.location(cmd.Flags().Changed)
	if err != nil {
		return err
	}
	users, err := flask.Open(ctx, flask.Config{URL: from, TimeZone: i.zone})
	if errors.As(err, new(flask.ConfigError)) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	defer users.Close()
	s, err := open(ctx, location, i.pool, 30*time.Second, false)
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.Migrate(ctx); err != nil {
		return err
	}
	if err := s.Check(ctx); err != nil {
		return err
	}
	core, err := assemble(s, noTokens{}, application.Deps{Events: i.events(i.stderr)})
	if err != nil {
		return err
	}
	out := imported{LeftOut: []leftOut{}, TimeZone: users.TimeZone()}
	summary, err := core.Import(ctx, users, func(l application.LeftOut) {
		out.LeftOut = append(out.LeftOut, leftOut{l.ID, l.Email, l.Why})
		if !i.json {
			fmt.Fprintf(i.stdout, "left out   id %d, %q: %s\n", l.ID, l.Email, l.Why)
		}
	})
	out.Added, out.Updated, out.Unchanged, out.Deleted = summary.Added, summary.Updated, summary.Unchanged, summary.Deleted
	if said := i.say(out); err == nil {
		err = said
	}
	if err == nil && summary.LeftOut > 0 {
		err = leftOutError{summary.LeftOut}
	}
	return err
}

// imported is what became of the users, for programs.
type imported struct {
	Added     int       `json:"added"`
	Updated   int       `json:"updated"`
	Unchanged int       `json:"unchanged"`
	Deleted   int       `json:"deleted_here"`
	LeftOut   []leftOut `json:"left_out"`
	TimeZone  string    `json:"time_zone"`
}

type leftOut struct {
	ID    int64  `json:"id"`
	Email string `json:"email"`
	Why   string `json:"why"`
}

func (i *importing) say(out imported) error {
	if i.json {
		return printJSON(i.stdout, out)
	}
	for _, row := range []struct {
		what string
		n    int
		more string
	}{
		{"added", out.Added, ""}, {"updated", out.Updated, ""}, {"unchanged", out.Unchanged, ""},
		{"deleted", out.Deleted, " (here, and not brought back)"}, {"left out", len(out.LeftOut), ""},
	} {
		if _, err := fmt.Fprintf(i.stdout, "%-10s %d%s\n", row.what, row.n, row.more); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(i.stdout, "%-10s %s, for times without one\n", "zone", out.TimeZone)
	return err
}

// partly reports whether an error says that something was done, and not all.
func partly(err error) bool { return errors.As(err, new(leftOutError)) }
