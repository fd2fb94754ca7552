package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/porteiro/porteiro/adapters/httpapi"
)

// patience is how long an answer of one's own node is waited for. An image's health check gives up a second later.
const patience = 4 * time.Second

// probe is where a node of this machine listens: serve's own settings, as the environment gives them to both.
type probe struct {
	listen, basePath string
	tls              certificate
	live             bool
	patience         time.Duration
}

func newHealthcheck(c *console) *cobra.Command {
	p := &probe{patience: patience}
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the node of this machine whether it is ready",
		Long: `Healthcheck asks the node that listens on --listen whether it should be sent requests, and ends with 0 if so and
with 1 if not. It is for images that have no other program. It finds the node by serve's own settings: give them to both
in the environment.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.run(cmd.Context(), c.stdout) },
	}
	f := cmd.Flags()
	f.StringVar(&p.listen, "listen", defaultListen, "the address that the node listens on")
	f.StringVar(&p.basePath, "base-path", "/", "the prefix of every route, such as /auth")
	p.tls.flags(f)
	f.BoolVar(&p.live, "live", false, "ask whether it is alive: one whose database is away is")
	f.SortFlags = false
	return cmd
}

func (p *probe) run(ctx context.Context, stdout io.Writer) error {
	url, err := p.url()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return usagef("--listen %s: %w", p.listen, err)
	}
	answer, err := p.client().Do(request)
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	fmt.Fprintln(stdout, url, "answers 200")
	return nil
}

// url is that of the node as this machine reaches it. A node that listens on every address listens on the loopback one.
func (p *probe) url() (string, error) {
	if !hostAndPort(p.listen) {
		return "", usagef("--listen is HOST:PORT, as serve was given it, not %q", p.listen)
	}
	host, port, _ := net.SplitHostPort(p.listen)
	if port == "0" {
		return "", usagef("--listen %s is a port that serve chooses: give both one that is known", p.listen)
	}
	if err := httpapi.CheckBasePath(p.basePath); err != nil {
		return "", usagef("--base-path: %w", err)
	}
	if err := p.tls.check(); err != nil {
		return "", err
	}
	if everywhere(host) {
		host = "127.0.0.1"
	}
	path := "/readyz"
	if p.live {
		path = "/healthz"
	}
	return p.tls.scheme() + "://" + net.JoinHostPort(host, port) + strings.TrimSuffix(p.basePath, "/") + path, nil
}

// client does not look at the certificate, which names the node as others call it: this machine asks itself, and sends
// nothing. It goes through no proxy and follows nothing.
func (p *probe) client() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
