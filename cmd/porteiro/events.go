package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/user"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/adapters/logs"
	"github.com/porteiro/porteiro/application"
)

// logging is how serve logs.
type logging struct{ format, level string }

func (l *logging) flags(f *pflag.FlagSet) {
	f.StringVar(&l.format, "log-format", "text", "text or json")
	f.StringVar(&l.level, "log-level", "info", "debug, info or warn; debug has one record for each request of every service that asks who may pass")
}

// handler writes the log to w.
func (l *logging) handler(w io.Writer) (slog.Handler, error) {
	level, found := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn}[l.level]
	if !found {
		return nil, usagef("--log-level is debug, info or warn, not %q", l.level)
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: inUTC}
	switch l.format {
	case "text":
		return slog.NewTextHandler(w, options), nil
	case "json":
		return slog.NewJSONHandler(w, options), nil
	}
	return nil, usagef("--log-format is text or json, not %q", l.format)
}

// inUTC has every record say its time as the events do, wherever a node is.
func inUTC(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 && a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}

// audit is whether a command tells what it decided. People at a terminal see that in its answer; who keeps a trail asks
// for it, once and for all by PORTEIRO_AUDIT=true, and says where it goes with the shell's 2>>.
type audit struct{ on bool }

func (a *audit) flags(f *pflag.FlagSet) {
	f.BoolVar(&a.on, "audit", false, "write what is decided, and who asked, to standard error as a JSON record")
}

// events is where a command's events go: nil for nowhere.
func (a *audit) events(w io.Writer) application.Events {
	if !a.on {
		return nil
	}
	return logs.New(slog.NewJSONHandler(w, nil))
}

// operated names whoever runs a command as the one who asks.
func operated(ctx context.Context) context.Context {
	return application.WithOrigin(ctx, application.Origin{Actor: "command line: " + operator()})
}

// operator is the name of the user that this process runs as, or the number where the machine has no name for it.
func operator() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
