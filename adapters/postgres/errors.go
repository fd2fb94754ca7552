package postgres

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/porteiro/porteiro/domain"
)

// emailKey is the constraint that one address is one account.
const emailKey = "users_email_key"

// translate makes a refusal of the one error that is an answer, and a line of any other. What the server adds to an
// error, such as the row that it failed on, stays behind: it may hold a hash.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var refusal domain.Refusal
	if errors.As(err, &refusal) {
		return err
	}
	if e := pq.As(err); e != nil {
		if e.Code == pqerror.UniqueViolation && e.Constraint == emailKey {
			return &domain.Denied{Refusal: domain.EmailTaken, Field: "email"}
		}
		return fmt.Errorf("postgres: %s (%s)", e.Message, e.Code)
	}
	if gone(err) {
		return errors.New("postgres: the connection was lost")
	}
	return fmt.Errorf("postgres: %w", err)
}

// unreachable says in one line why the database cannot be used, and what to do.
func unreachable(cfg pq.Config, err error) error {
	at := address(cfg)
	if e := pq.As(err); e != nil {
		return errors.New("postgres: " + refused(cfg, at, e))
	}
	var (
		unknown  x509.UnknownAuthorityError
		name     x509.HostnameError
		expired  x509.CertificateInvalidError
		resolver *net.DNSError
	)
	switch {
	case errors.Is(err, pq.ErrSSLNotSupported):
		return fmt.Errorf("postgres: %s does not speak TLS: switch it on there (ssl = on), or write sslmode=disable into the URL if the way to it is safe", at)
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &expired):
		return fmt.Errorf("postgres: the certificate of %s does not hold: %s: name its authority by sslrootcert", at, oneLine(err))
	case errors.As(err, &resolver):
		return fmt.Errorf("postgres: there is no host %s: check the name in the database URL", resolver.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("postgres: %s does not answer in time: check the address, and whether something on the way drops it", at)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("postgres: connecting to %s: %w", at, err)
	case strings.Contains(err.Error(), "standby mode"), strings.Contains(err.Error(), "read-only"):
		return fmt.Errorf("postgres: %s is a standby: porteiro needs the primary; name all hosts (host1,host2) and it is found", at)
	case gone(err):
		return fmt.Errorf("postgres: %s hung up: is it PostgreSQL, and is it ready?", at)
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("postgres: nothing answers at %s: %s: is the server running there?", at, oneLine(op.Err))
	}
	return fmt.Errorf("postgres: connecting to %s: %s", at, oneLine(err))
}

// refused puts the server's own words for not letting us in into ours.
func refused(cfg pq.Config, at string, e *pq.Error) string {
	switch e.Code {
	case pqerror.InvalidPassword:
		return fmt.Sprintf("%s does not take the password of user %q: check the user and the password in the database URL", at, cfg.User)
	case pqerror.InvalidCatalogName:
		return fmt.Sprintf("there is no database %q at %s: create it (createdb), or check the name in the URL", cfg.Database, at)
	case pqerror.InvalidAuthorizationSpecification:
		return fmt.Sprintf("%s lets user %q not in: %s (%s)", at, cfg.User, e.Message, e.Code)
	case pqerror.ProtocolViolation:
		if strings.HasPrefix(e.Message, "unsupported startup parameter") {
			return fmt.Sprintf("%s is a PgBouncer that takes no settings: write ignore_startup_parameters = %s into its configuration, "+
				"and give the settings to the role (ALTER ROLE %s SET plan_cache_mode = force_generic_plan, …)", at, strings.Join(ignorable(), ","), cfg.User)
		}
	case pqerror.TooManyConnections:
		return fmt.Sprintf("%s has no connection left: raise max_connections there, or lower the pools of what uses it (%s)", at, e.Code)
	}
	return fmt.Sprintf("%s says: %s (%s)", at, oneLine(errors.New(e.Message)), e.Code)
}

// address names where the server is looked for.
func address(cfg pq.Config) string {
	hosts := []string{hostPort(cfg.Host, cfg.Hostaddr.String(), cfg.Hostaddr.IsValid(), cfg.Port)}
	for _, m := range cfg.Multi {
		hosts = append(hosts, hostPort(m.Host, m.Hostaddr.String(), m.Hostaddr.IsValid(), m.Port))
	}
	return strings.Join(hosts, ", ")
}

func hostPort(host, addr string, hasAddr bool, port uint16) string {
	if hasAddr {
		host = addr
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "pq: ", "")), " ")
}
