package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

// certificate is what porteiro shows who it is with, and is loaded again on SIGHUP.
type certificate struct {
	certFile, keyFile string
	current           atomic.Pointer[tls.Certificate]
}

func (c *certificate) flags(f *pflag.FlagSet) {
	f.StringVar(&c.certFile, "tls-cert-file", "", "a file with the certificate and its chain in PEM: serve HTTPS; SIGHUP loads it again")
	f.StringVar(&c.keyFile, "tls-key-file", "", "a file with the certificate's key in PEM")
}

// check refuses one file without the other.
func (c *certificate) check() error {
	if (c.certFile == "") != (c.keyFile == "") {
		return usagef("--tls-cert-file and --tls-key-file are given together or not at all")
	}
	return nil
}

func (c *certificate) used() bool { return c.certFile != "" }

func (c *certificate) scheme() string {
	if c.used() {
		return "https"
	}
	return "http"
}

// load reads both files and keeps what they hold if it can be used at this time, with an error that says what is wrong
// otherwise.
func (c *certificate) load(now time.Time) error {
	for _, f := range []struct{ flag, path string }{{"tls-cert-file", c.certFile}, {"tls-key-file", c.keyFile}} {
		if _, err := os.ReadFile(f.path); err != nil {
			return fmt.Errorf("--%s: %w", f.flag, err)
		}
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("--tls-cert-file %s and --tls-key-file %s are no certificate and its key: %w", c.certFile, c.keyFile, err)
	}
	switch leaf := pair.Leaf; {
	case now.After(leaf.NotAfter):
		return fmt.Errorf("the certificate in %s expired on %s: put one there that holds", c.certFile, moment(leaf.NotAfter))
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("the certificate in %s holds from %s on: put one there that holds now, or set this machine's clock", c.certFile, moment(leaf.NotBefore))
	}
	c.current.Store(&pair)
	return nil
}

// config has clients of TLS 1.2 and up only (RFC 8996).
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if current := c.current.Load(); current != nil {
				return current, nil
			}
			return nil, errors.New("no certificate was loaded")
		},
	}
}

// serve serves what comes to the listener, over TLS where there is a certificate.
func (c *certificate) serve(s *http.Server, l net.Listener) error {
	if !c.used() {
		return s.Serve(l)
	}
	s.TLSConfig = c.config()
	return s.ServeTLS(l, "", "") // which speaks HTTP/2 too
}

// start loads the certificate, if there is one, and then again for each SIGHUP until end is called. What cannot be used
// leaves the one before in its place. Without a certificate SIGHUP does nothing: it shall not end a server whose terminal
// has gone, nor one that drains (service managers send it right after SIGTERM).
func (c *certificate) start(ctx context.Context, log *slog.Logger) (end func(), err error) {
	if c.used() {
		if err := c.load(time.Now()); err != nil {
			return nil, err
		}
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	return goOn(ctx, func(ctx context.Context) {
		defer signal.Stop(hangup)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangup:
				c.again(log)
			}
		}
	}), nil
}

func (c *certificate) again(log *slog.Logger) {
	if !c.used() {
		log.Info("SIGHUP: there is no certificate to load again")
		return
	}
	if err := c.load(time.Now()); err != nil {
		log.Warn("SIGHUP: the certificate stays the one that it was", "error", oneLine(err))
		return
	}
	warnOfReaders(log, c.keyFile)
	log.Info("SIGHUP: the certificate was loaded again", "expires", moment(c.current.Load().Leaf.NotAfter))
}
