package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// finding is something that doctor has seen.
type finding struct {
	Level string `json:"level"` // ok, warning or problem
	About string `json:"about"`
	Says  string `json:"says"` // what is, and what to do
}

const (
	fine    = "ok"
	warning = "warning"
	problem = "problem"
)

// errProblems is the answer that something stands in the way: it has been said already.
var errProblems = errors.New("there are problems")

// doctor is the examination: serve's settings, and what was seen.
type doctor struct {
	settings
	found []finding
	now   time.Time
}

func newDoctor(c *console) *cobra.Command {
	d := &doctor{now: time.Now()}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check configuration, files, database, clock and keys, and say what to do",
		Long: `Doctor takes the settings of porteiro serve, from the same flags and environment, looks at what they lead to, and says
of each finding what to do. It changes nothing. Exit code 0 when nothing stands in the way, 1 when there is a problem,
and 2 for settings that porteiro serve refuses.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := d.examine(cmd.Context(), cmd.Flags().Changed); err != nil {
				return err
			}
			return d.tell(c.stdout, asJSON)
		},
	}
	d.flags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, for programs")
	cmd.Flags().SortFlags = false
	return cmd
}

func (d *doctor) say(level, about, format string, args ...any) {
	d.found = append(d.found, finding{level, about, oneLine(fmt.Errorf(format, args...))})
}

// examine looks at everything that can be looked at. Its error is of settings that cannot be meant.
func (d *doctor) examine(ctx context.Context, changed func(string) bool) error {
	if _, err := d.handler(io.Discard); err != nil {
		return err
	}
	location, err := d.check(changed, slog.New(warnings{d}))
	switch {
	case errors.As(err, new(usageError)):
		return err
	case err != nil:
		d.say(problem, "configuration", "%w", err)
		return nil
	}
	if err := d.hashing.check(); err != nil {
		return err
	}
	d.look()
	d.certificate()
	keks, err := d.read(func(line string) { d.say(warning, "key-encryption key", "%s", line) })
	if err != nil {
		d.say(problem, "key-encryption key", "%w", err)
	}
	opened := err == nil
	if _, err := d.former.read(func(line string) { d.say(warning, "Flask secret", "%s", line) }); err != nil {
		d.say(problem, "Flask secret", "%w", err)
	}
	s, err := inspectOnly(ctx, location, d.pool, d.requestTimeout*2/5)
	if err != nil {
		if path, found := sqlitePath(location); found && path != "" && missing(path) && !missing(filepath.Dir(path)) {
			d.say(d.unlessMigrated(), "database", "there is no file %s yet: porteiro migrate makes it, and porteiro serve without --no-migrate", path)
			return nil
		}
		if errors.As(err, new(usageError)) {
			return err
		}
		d.say(problem, "database", "%w", err)
		return nil
	}
	defer s.Close()
	d.say(fine, "database", "it answers")
	d.place(location)
	d.server(ctx, s)
	if !d.schema(ctx, s) {
		return nil
	}
	d.clock(ctx, s)
	if opened {
		d.keys(ctx, s, keks)
	}
	return nil
}

// unlessMigrated is the level of what serve puts right by itself.
func (d *doctor) unlessMigrated() string {
	if d.noMigrate {
		return problem
	}
	return warning
}

func (d *doctor) tell(w io.Writer, asJSON bool) error {
	problems := 0
	for _, f := range d.found {
		if f.Level == problem {
			problems++
		}
		if !asJSON {
			fmt.Fprintf(w, "%-8s %s: %s\n", f.Level, f.About, f.Says)
		}
	}
	if asJSON {
		if err := printJSON(w, d.found); err != nil {
			return err
		}
	}
	if problems > 0 {
		return errProblems
	}
	return nil
}

// warnings makes findings of what serve would warn of.
type warnings struct{ d *doctor }

func (w warnings) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }
func (w warnings) WithAttrs([]slog.Attr) slog.Handler           { return w }
func (w warnings) WithGroup(string) slog.Handler                { return w }

func (w warnings) Handle(_ context.Context, r slog.Record) error {
	var more strings.Builder
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&more, " (%s %s)", a.Key, a.Value)
		return true
	})
	w.d.say(warning, "configuration", "%s%s", r.Message, more.String())
	return nil
}
