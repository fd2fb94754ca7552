package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"
)

// Config says where the database is. Zero settings are the defaults.
type Config struct {
	// URL is postgres:// or postgresql://, with the parameters of libpq. Several hosts are written
	// postgres://u:p@h1,h2/db?port=1,2; whichever is the primary is used.
	URL string
	// Pool is how many connections there are at most; default 16.
	Pool int
	// Timeout bounds one exchange with the server, and connecting to one host; default 2 seconds. It should be well
	// below the deadline of a request, so that there is time left for the next host.
	Timeout time.Duration
	// Remember is of how many sessions the standing is kept in memory, in some 180 bytes each; default 131,072. It answers
	// when the log of changes says that nothing has changed. Less than 0: none.
	Remember int
}

const (
	defaultRemember = 1 << 17
	defaultPool     = 16
	defaultTimeout  = 2 * time.Second
)

var errURL = errors.New("postgres: the database URL cannot be read: write postgres://USER:PASSWORD@HOST:PORT/NAME, " +
	"and %40 %2F %3A %3F %23 %25 for @ / : ? # % within a name or password")

// settings reads the URL and adds what it leaves open. Its errors repeat nothing of the URL: what url.Parse complains
// of may be a part of the password.
func (c Config) settings() (pq.Config, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Opaque != "" || u.Fragment != "" {
		return pq.Config{}, errURL
	}
	if u.User == nil && strings.Contains(c.URL, "@") { // a password with a / or ? in it
		return pq.Config{}, errURL
	}
	cfg, err := pq.NewConfig(c.URL)
	if err != nil {
		return pq.Config{}, fmt.Errorf("postgres: the database URL: %s", strings.TrimPrefix(err.Error(), "pq: "))
	}
	switch cfg.TargetSessionAttrs {
	case "":
		cfg.TargetSessionAttrs = pq.TargetSessionAttrsPrimary
	case pq.TargetSessionAttrsReadOnly, pq.TargetSessionAttrsStandby, pq.TargetSessionAttrsPreferStandby:
		return pq.Config{}, fmt.Errorf("postgres: target_session_attrs=%s: porteiro writes, and reads what was written "+
			"last: leave it out, or take read-write", cfg.TargetSessionAttrs)
	}
	if cfg.ApplicationName == "" {
		cfg.ApplicationName = "porteiro"
	}
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = c.Timeout
	}
	return withParameters(cfg, map[string]string{
		"TimeZone":        "UTC",
		"plan_cache_mode": "force_generic_plan", // the statements have one plan; planning each time costs a third
		// Every statement is a few look-ups by index. What it was planned for may be a table of ten rows, or one whose
		// statistics are of last year: no plan that reads a whole table is better on the day on which that matters.
		"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off",
		// The server gives up a little before the client does: so the connection lives on.
		"statement_timeout": milliseconds(c.Timeout * 9 / 10),
		"lock_timeout":      milliseconds(c.Timeout * 3 / 4),
		// A node that vanished in the middle of a transaction holds a user's lock for so long.
		"idle_in_transaction_session_timeout": milliseconds(c.Timeout * 5),
	}), nil
}

// withParameters adds the run-time parameters that neither the URL nor its options set.
func withParameters(cfg pq.Config, defaults map[string]string) pq.Config {
	cfg = cfg.Clone()
	for name, value := range defaults {
		if !given(cfg, name) {
			cfg.Runtime[name] = value
		}
	}
	return cfg
}

func given(cfg pq.Config, name string) bool {
	for have := range cfg.Runtime {
		if strings.EqualFold(have, name) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(cfg.Options), strings.ToLower(name))
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(d.Milliseconds(), 1), 10) // 0 would be for ever
}
