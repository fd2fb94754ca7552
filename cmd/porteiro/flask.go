package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"time"

	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
)

// former is what is said of the Flask app whose tokens are taken for a while.
type former struct {
	secretFile, until string
	end               time.Time // of until, once it was checked
}

func (f *former) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.secretFile, "flask-secret-file", "", "a file with the JWT_SECRET_KEY of the Flask app before, whose tokens are taken too; needs --flask-until")
	flags.StringVar(&f.until, "flask-until", "", "the last day, in UTC, on which they are taken: 2027-01-31, or a time: 2027-01-31T18:00:00Z")
}

// check refuses one flag without the other, and what is no date.
func (f *former) check() error {
	switch {
	case f.secretFile == "" && f.until == "":
		return nil
	case f.until == "":
		return usagef("--flask-secret-file is given without --flask-until: say until when the tokens of the Flask app are taken, such as 2027-01-31")
	case f.secretFile == "":
		return usagef("--flask-until is given without --flask-secret-file: give both or neither")
	}
	if day, err := time.Parse(time.DateOnly, f.until); err == nil {
		f.end = day.AddDate(0, 0, 1)
		return nil
	}
	var err error
	if f.end, err = time.Parse(time.RFC3339, f.until); err != nil {
		return usagef("--flask-until is a day, such as 2027-01-31, or a time, such as 2027-01-31T18:00:00Z, not %q", f.until)
	}
	return nil
}

// maxSecret is more than anybody's key: what is longer is another file.
const maxSecret = 4 << 10

// read returns the reader of the app's tokens, nil when there is none, and says on which lines somebody should be warned.
func (f *former) read(warn func(string)) (*tokens.Flask, error) {
	if err := f.check(); err != nil || f.secretFile == "" {
		return nil, err
	}
	file, err := os.Open(f.secretFile)
	if err != nil {
		return nil, fmt.Errorf("--flask-secret-file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("--flask-secret-file: %w", err)
	}
	secret, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return nil, fmt.Errorf("--flask-secret-file: %w", err)
	}
	if len(secret) > maxSecret {
		return nil, fmt.Errorf("--flask-secret-file: %s holds more than %d bytes: it should hold the app's JWT_SECRET_KEY alone", f.secretFile, maxSecret)
	}
	secret = bytes.TrimSuffix(bytes.TrimSuffix(secret, []byte("\n")), []byte("\r"))
	flask, err := tokens.NewFlask(secret, f.end, time.Now)
	if err != nil {
		return nil, fmt.Errorf("--flask-secret-file: %s holds no secret: write the app's JWT_SECRET_KEY into it", f.secretFile)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		warn(fmt.Sprintf("%s can be read by others than its owner: chmod 600 it", f.secretFile))
	}
	if err := flask.Weak(); err != nil {
		warn(fmt.Sprintf("the secret of the Flask app %s: whoever has one of its tokens can guess at it, and forge tokens until %s: make that soon",
			err, f.end.UTC().Format(time.RFC3339)))
	}
	if !time.Now().Before(f.end) {
		warn("--flask-until is over: no token of the Flask app is taken any more, and both flags can go")
	}
	return flask, nil
}

// with adds the app's tokens to those of ours.
func (f *former) with(t application.Tokens, flask *tokens.Flask, log *slog.Logger) application.Tokens {
	if flask == nil {
		return t
	}
	log.Info("the tokens of the Flask app are taken too", "until", f.end.UTC().Format(time.RFC3339))
	return flask.With(t)
}
