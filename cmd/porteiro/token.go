package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/porteiro/porteiro/adapters/sealing"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func newToken(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Explain why a token passes or not",
		Args:  noSubcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand((&explain{console: c}).command())
	return cmd
}

// explain is token explain and its flags.
type explain struct {
	*console
	database
	names
	kekFiles
	former                former
	access, retry, leeway time.Duration
	json                  bool
}

func (e *explain) command() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Say why a token passes or not",
		Long: `Explain reads a token, of either kind, from a prompt or from standard input, and says whether it passes now, and on
which grounds: its form, key, signature and times, its session, its user, and since when. It changes nothing, and it
never prints the token. Exit code 0 when the token passes, 1 when it does not.

Give it the same --issuer, --audience, --access-ttl, --leeway, --refresh-retry and --flask-… flags as porteiro serve.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return e.run(cmd) },
	}
	f := cmd.Flags()
	e.database.flags(f)
	e.names.flags(f)
	e.kekFiles.flags(f)
	e.former.flags(f)
	f.DurationVar(&e.access, "access-ttl", 15*time.Minute, "the life of an access token")
	f.DurationVar(&e.retry, "refresh-retry", 10*time.Second, "how long a refresh whose answer was lost can be repeated")
	f.DurationVar(&e.leeway, "leeway", 30*time.Second, "how far the clocks of nodes and store may be apart")
	f.BoolVar(&e.json, "json", false, "print JSON, for programs")
	return cmd
}

// flags are those by which a token is told from another service's.
func (n *names) flags(f *pflag.FlagSet) {
	f.StringVar(&n.issuer, "issuer", "porteiro", "who issues the tokens (iss); the same on every node")
	f.StringSliceVar(&n.audience, "audience", []string{"porteiro"}, "whom the tokens are for (aud); several with commas")
	f.StringVar(&n.clientID, "client-id", "porteiro", "the client of the tokens (client_id)")
}

// errRefused is the answer that a token does not pass: it has been said already.
var errRefused = errors.New("the token does not pass")

func (e *explain) run(cmd *cobra.Command) error {
	location, err := e.location(cmd.Flags().Changed)
	if err != nil {
		return err
	}
	keks, err := e.kekFiles.read(func(line string) { fmt.Fprintln(e.stderr, "porteiro: warning:", line) })
	if err != nil {
		return err
	}
	token, err := e.token()
	if err != nil {
		return err
	}
	s, err := open(cmd.Context(), location, e.pool, 5*time.Second, true)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Check(cmd.Context()); err != nil {
		return err
	}
	keys, err := sealing.New(s, time.Now, keks...).Keys(cmd.Context())
	if err != nil {
		return sealedSentence(err)
	}
	x, err := e.ask(cmd.Context(), s, keys, token)
	if err != nil {
		return err
	}
	said := say(x, keys, words{retry: e.retry, leeway: e.leeway})
	if e.json {
		err = printJSON(e.stdout, said)
	} else {
		err = said.print(e.stdout)
	}
	if err == nil && !said.Passes {
		err = errRefused
	}
	return err
}

func (e *explain) ask(ctx context.Context, s store, keys []domain.Key, token string) (application.Explanation, error) {
	codec, err := tokens.New(keys, tokens.Config{
		Issuer: e.issuer, Audience: e.audience, ClientID: e.clientID, MaxAccess: ceiling(e.access),
	})
	if err != nil {
		return application.Explanation{}, fmt.Errorf("signing keys: %w", err)
	}
	var read application.Tokens = codec
	flask, err := e.former.read(func(line string) { fmt.Fprintln(e.stderr, "porteiro: warning:", line) })
	if err != nil {
		return application.Explanation{}, err
	}
	if flask != nil {
		read = flask.With(codec)
	}
	core, err := assemble(s, read, application.Deps{RefreshRetry: noneIfZero(e.retry), Leeway: noneIfZero(e.leeway)})
	if err != nil {
		return application.Explanation{}, err
	}
	return core.Explain(ctx, token)
}

// maxInput is as much as anybody pastes: longer tokens are refused for their length before that.
const maxInput = 64 << 10

// token takes it from a prompt that does not show it, or from standard input.
func (e *explain) token() (string, error) {
	if f, ok := e.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(e.stderr, "Token: ")
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(e.stderr)
		if err != nil {
			return "", fmt.Errorf("the token from the terminal: %w", err)
		}
		return pasted(string(b))
	}
	b, err := io.ReadAll(io.LimitReader(e.stdin, maxInput+1))
	if err != nil {
		return "", fmt.Errorf("the token from standard input: %w", err)
	}
	if len(b) > maxInput {
		return "", usagef("standard input holds more than %d bytes, which is no token", maxInput)
	}
	return pasted(string(b))
}

// pasted takes away what comes along when a token is copied: white space and quotes around it, a comma behind, and the
// name of the header and its scheme in front.
func pasted(s string) (string, error) {
	for before := ""; before != s; {
		before = s
		s = strings.Trim(s, " \t\r\n\"'`,;")
		for _, prefix := range []string{"authorization:", "bearer "} {
			if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
				s = s[len(prefix):]
			}
		}
	}
	if s == "" || slices.Contains([]string{"bearer", "authorization"}, strings.ToLower(s)) {
		return "", usagef("standard input holds no token: pipe it in, or start the command in a terminal")
	}
	if s[0] == '{' {
		return "", usagef("standard input holds JSON, such as the answer to a login: pipe in one of the tokens in it")
	}
	return s, nil
}
