package application

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Core is the use cases, ready to be driven.
type Core struct {
	d    Deps
	told told
}

var (
	_ Gate           = (*Core)(nil)
	_ Accounts       = (*Core)(nil)
	_ Sessions       = (*Core)(nil)
	_ Administration = (*Core)(nil)
	_ Introspection  = (*Core)(nil)
	_ Registry       = (*Core)(nil)
)

// Deps is what the core drives, and its settings. Zero settings are the defaults.
type Deps struct {
	Store     Store     // required
	Tokens    Tokens    // required
	Passwords Passwords // required
	Standing  Standing  // default: one query of the store for each request
	Clock     Clock     // required
	Clients   Clients   // default: the Store, where it keeps clients too; without any nobody has credentials
	Attempts  Attempts  // default: the Store, where it counts attempts too; required unless nothing is limited
	Events    Events    // default: nobody hears of them
	Imports   Imports   // default: the Store, where it remembers them; required when Tokens reads those of another service

	Registration   bool                  // whether Register is open; default closed
	PasswordPolicy domain.PasswordPolicy // default: domain.DefaultPasswordPolicy
	AccessTTL      time.Duration         // of an access token; default 15 minutes
	SessionTTL     time.Duration         // of a session, from its login; default 30 days
	IdleTTL        time.Duration         // of a session, from its last refresh; default 7 days
	RefreshRetry   time.Duration         // how long a lost refresh can be repeated; default 10 seconds, negative none
	Leeway         time.Duration         // between the clocks of the nodes; default 30 seconds, negative none
	Retention      time.Duration         // of a session that is over; default 7 days

	LoginLimit    domain.Limit // attempts at the password of one account from one address; default 10 at once, then one each 6 seconds
	AddressLimit  domain.Limit // attempts at passwords from one address; default 100 at once, then one each 600 milliseconds
	RegisterLimit domain.Limit // registrations and changes of email from one address; default 20 at once, then one each 3 minutes
}

// New returns the core, or an error that names what is missing or cannot be.
func New(d Deps) (*Core, error) {
	switch {
	case d.Store == nil:
		return nil, errors.New("application: a Store is needed")
	case d.Tokens == nil:
		return nil, errors.New("application: Tokens are needed")
	case d.Passwords == nil:
		return nil, errors.New("application: Passwords are needed")
	case d.Clock == nil:
		return nil, errors.New("application: a Clock is needed")
	}
	if d.Standing == nil {
		d.Standing = direct{d.Store}
	}
	if d.PasswordPolicy == (domain.PasswordPolicy{}) {
		d.PasswordPolicy = domain.DefaultPasswordPolicy()
	}
	d.AccessTTL = duration(d.AccessTTL, 15*time.Minute)
	d.SessionTTL = duration(d.SessionTTL, 30*24*time.Hour)
	d.IdleTTL = duration(d.IdleTTL, 7*24*time.Hour)
	d.RefreshRetry = max(duration(d.RefreshRetry, 10*time.Second), 0)
	d.Leeway = max(duration(d.Leeway, 30*time.Second), 0)
	d.Retention = duration(d.Retention, 7*24*time.Hour)
	if d.Events == nil {
		d.Events = silent{}
	}
	if keeps, ok := d.Store.(Clients); ok && d.Clients == nil {
		d.Clients = keeps
	}
	if remembers, ok := d.Store.(Imports); ok && d.Imports == nil {
		d.Imports = remembers
	}
	switch {
	case d.AccessTTL < time.Second:
		return nil, fmt.Errorf("application: an access token of %v is too short: at least 1s", d.AccessTTL)
	case d.SessionTTL < d.AccessTTL:
		return nil, fmt.Errorf("application: a session of %v is shorter than its access tokens (%v)", d.SessionTTL, d.AccessTTL)
	case d.IdleTTL < d.AccessTTL:
		return nil, fmt.Errorf("application: an idle time of %v is shorter than an access token (%v)", d.IdleTTL, d.AccessTTL)
	case d.PasswordPolicy.Min < 1 || d.PasswordPolicy.Max < d.PasswordPolicy.Min:
		return nil, fmt.Errorf("application: no password has %d to %d characters", d.PasswordPolicy.Min, d.PasswordPolicy.Max)
	case d.Retention < d.Leeway:
		return nil, fmt.Errorf("application: sessions that are over are kept for %v, less than the leeway of %v", d.Retention, d.Leeway)
	}
	if err := d.limit(); err != nil {
		return nil, err
	}
	return &Core{d: d}, nil
}

// limit gives the limits their defaults and finds who counts.
func (d *Deps) limit() error {
	d.LoginLimit = cmp.Or(d.LoginLimit, domain.Limit{Burst: 10, Every: 6 * time.Second})
	d.AddressLimit = cmp.Or(d.AddressLimit, domain.Limit{Burst: 100, Every: 600 * time.Millisecond})
	d.RegisterLimit = cmp.Or(d.RegisterLimit, domain.Limit{Burst: 20, Every: 3 * time.Minute})
	limited := false
	for _, l := range []*domain.Limit{&d.LoginLimit, &d.AddressLimit, &d.RegisterLimit} {
		switch {
		case l.Burst < 0:
			*l = domain.Limit{}
		case l.Burst == 0 || l.Every <= 0:
			return fmt.Errorf("application: %d at once and one each %v is no limit", l.Burst, l.Every)
		default:
			limited = true
		}
	}
	if counts, ok := d.Store.(Attempts); ok && d.Attempts == nil {
		d.Attempts = counts
	}
	if limited && d.Attempts == nil {
		return errors.New("application: Attempts are needed, or limits that are Unlimited")
	}
	return nil
}

func duration(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return d
}

// direct asks the store for each request on its own.
type direct struct{ store Standings }

func (d direct) Standing(ctx context.Context, id domain.SessionID) (domain.Standing, error) {
	found, err := d.store.Standings(ctx, id)
	return found[id], err
}

// Ready answers nil when the service can do its work: the store answers, its clock is within the leeway of this node's,
// and a key signs. Otherwise Unavailable, wrapped in what is wrong.
func (c *Core) Ready(ctx context.Context) error {
	theirs, err := c.d.Store.Now(ctx)
	if err != nil {
		return fmt.Errorf("ready: store: %w", failure(err))
	}
	ours := c.d.Clock()
	if apart := ours.Sub(theirs).Abs(); apart > c.d.Leeway {
		return fmt.Errorf("ready: this clock and the store's are %v apart, more than %v: %w", apart, c.d.Leeway, domain.Unavailable)
	}
	if _, err := c.d.Tokens.Issue(domain.Claims{Kind: domain.Access, IssuedAt: ours, Expires: ours}); err != nil {
		return fmt.Errorf("ready: tokens: %w", failure(err))
	}
	return nil
}

// failure lets a refusal through and makes Unavailable of any other error, which stays inside for the log.
func failure(err error) error {
	if err == nil {
		return nil
	}
	if _, found := errors.AsType[domain.Refusal](err); found {
		return err
	}
	return fmt.Errorf("%w: %w", domain.Unavailable, err)
}
