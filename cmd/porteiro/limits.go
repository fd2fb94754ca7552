package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// limits are the flags that bound guessing.
type limits struct{ login, address, register limit }

func (l *limits) flags(f *pflag.FlagSet) {
	l.login = limit{Burst: 10, Every: 6 * time.Second}
	l.address = limit{Burst: 100, Every: 600 * time.Millisecond}
	l.register = limit{Burst: 20, Every: 3 * time.Minute}
	f.Var(&l.login, "login-limit", "attempts at one account's password from one address: N/TIME is N at once and then N each TIME; or off")
	f.Var(&l.address, "address-limit", "attempts at passwords from one address, whosever they are")
	f.Var(&l.register, "register-limit", "registrations and changes of email from one address")
}

// limit is a domain.Limit as a flag writes it.
type limit domain.Limit

var _ pflag.Value = (*limit)(nil)

// errLimit says what a limit looks like.
var errLimit = errors.New("a limit is N/TIME, such as 10/1m, or off")

// tightest is as often as a limit may let somebody try: what lets more through bounds nothing, and off says so.
const tightest = time.Millisecond

// Set reads N/TIME, or off.
func (l *limit) Set(s string) error {
	if s == "off" {
		*l = limit(application.Unlimited())
		return nil
	}
	count, per, found := strings.Cut(s, "/")
	n, err := strconv.Atoi(count)
	if !found || err != nil || n < 1 {
		return errLimit
	}
	d, err := time.ParseDuration(per)
	if err != nil || d <= 0 {
		return errLimit
	}
	every := (d / time.Duration(n)).Truncate(domain.Tick)
	if every < tightest {
		return fmt.Errorf("more than one each %v is no limit: say off", tightest)
	}
	*l = limit{Burst: n, Every: every}
	return nil
}

// String is what Set reads.
func (l *limit) String() string {
	if *l == limit(application.Unlimited()) {
		return "off"
	}
	return fmt.Sprintf("%d/%s", l.Burst, short(time.Duration(l.Burst)*l.Every))
}

// Type is the name of the value in the help.
func (l *limit) Type() string { return "N/TIME" }

// short writes 1m0s as 1m.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
