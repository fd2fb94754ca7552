package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config says where the service is, and how to reach it.
type Config struct {
	URL string // such as https://auth.example.com/base

	// TLS holds the authorities that are trusted (RootCAs), the client's certificate and the like; default Go's, and the
	// machine's authorities. It is for an https URL.
	TLS *tls.Config

	// Timeout bounds every call, answer included; a deadline of the context that is sooner counts. Default 30 seconds.
	Timeout time.Duration

	// HTTP carries the requests in place of the client's own connections, which are kept for whoever asks next, 1,024 of
	// them at most, go through the proxy that the environment names, and speak HTTP/2 over TLS.
	HTTP http.RoundTripper
}

const (
	keptConnections = 1024     // idle ones: as many as goroutines that are likely to ask at once
	maxHeader       = 64 << 10 // of an answer, in bytes
)

// New returns a client, or an error that says what is wrong with the settings. It connects to nothing.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("client: %q is not the URL of a service, such as https://auth.example.com", c.URL)
	}
	switch {
	case c.TLS != nil && u.Scheme == "http":
		return nil, errors.New("client: TLS settings for a URL without TLS: begin it with https://, or leave them out")
	case c.TLS != nil && c.HTTP != nil:
		return nil, errors.New("client: TLS settings beside an HTTP that has its own: leave one of them out")
	case c.Timeout < 0:
		return nil, fmt.Errorf("client: a timeout of %v ends every call", c.Timeout)
	}
	if c.HTTP == nil {
		c.HTTP = connections(c.TLS)
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{strings.TrimSuffix(c.URL, "/"), &http.Client{Transport: c.HTTP, CheckRedirect: stay, Timeout: c.Timeout}}, nil
}

// connections is a pool of its own, so that nobody else's settings are in it. net/http sends a request again only when
// none of it was sent, or when it changes nothing; no request here has an Idempotency-Key.
func connections(settings *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        settings.Clone(),
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true, // which settings of one's own would turn off
		MaxIdleConns:           keptConnections,
		MaxIdleConnsPerHost:    keptConnections, // all of them go to one host; net/http would keep two
		IdleConnTimeout:        time.Minute,     // sooner than the service's two
		MaxResponseHeaderBytes: maxHeader,
	}
}
