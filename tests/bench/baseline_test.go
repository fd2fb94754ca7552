package bench_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/golang-jwt/jwt/v5"
	"github.com/lib/pq"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

const (
	roleVariable     = "BENCH_ROLE"
	databaseVariable = "BENCH_DATABASE"
)

// The baselines: the same answer with no question asked, and with the token verified and PostgreSQL asked about each
// request, by database/sql as people write it, with the statement sent anew each time or prepared once.
const (
	plain      = "no authentication"
	unprepared = "a lookup a request"
	prepared   = "a lookup a request, prepared"
)

// serveBaseline serves until it is killed, and says where.
func serveBaseline(role string) error {
	who := func(*http.Request) (application.Identity, error) {
		return application.Identity{
			User: "018f0000-0000-7000-8000-000000000001", Email: "user000000@example.com", Session: "018f0000-0000-7000-8000-000000000002",
		}, nil
	}
	if role != plain {
		l, err := newLookup(os.Getenv(databaseVariable), role == prepared)
		if err != nil {
			return err
		}
		who = l.identify
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("listens on http://%s\n", listener.Addr())
	return httpapi.NewServer(answer(who), slog.New(slog.DiscardHandler)).Serve(listener)
}

// answer writes what /authorize does.
func answer(who func(*http.Request) (application.Identity, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, err := who(r)
		if err != nil {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		h := w.Header()
		h.Set("X-Request-Id", "0123456789abcdef0123456789abcdef")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Type", "application/json")
		h.Set("X-Auth-User", string(id.User))
		h.Set("X-Auth-Email", string(id.Email))
		h.Set("X-Auth-Roles", "")
		h.Set("X-Auth-Session", string(id.Session))
		b, _ := json.Marshal(map[string]any{
			"id": id.User, "email": id.Email, "roles": []string{}, "login_time": id.LoginTime, "session": id.Session,
		})
		_, _ = w.Write(b)
	})
}

// lookup verifies a token, as golang-jwt's documentation has it, and asks the database about its session.
type lookup struct {
	key   ed25519.PublicKey
	db    *sql.DB
	query *sql.Stmt // nil: sent anew each time
}

const lookupQuery = `SELECT s.login_time, s.ended_at IS NULL AND s.until > now() AND s.idle_until > now() AND u.disabled_at IS NULL
	AND (u.logout_time IS NULL OR s.login_time > u.logout_time), u.email FROM sessions s JOIN users u ON u.id = s.user_id
	WHERE s.id = $1 AND u.id = $2`

func newLookup(url string, once bool) (*lookup, error) {
	ring, err := ringOf(url)
	if err != nil {
		return nil, err
	}
	signer, err := x509.ParsePKCS8PrivateKey(ring[0].Private)
	if err != nil {
		return nil, err
	}
	connector, err := pq.NewConnector(url)
	if err != nil {
		return nil, err
	}
	l := &lookup{key: signer.(ed25519.PrivateKey).Public().(ed25519.PublicKey), db: sql.OpenDB(connector)}
	l.db.SetMaxOpenConns(16)
	l.db.SetMaxIdleConns(16)
	if once {
		l.query, err = l.db.Prepare(lookupQuery)
	}
	return l, err
}

func (l *lookup) identify(r *http.Request) (application.Identity, error) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	var c struct {
		jwt.RegisteredClaims
		Session string `json:"sid"`
	}
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return l.key, nil },
		jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithIssuer("porteiro"), jwt.WithAudience("porteiro"), jwt.WithExpirationRequired())
	if err != nil {
		return application.Identity{}, err
	}
	row := func() *sql.Row {
		if l.query != nil {
			return l.query.QueryRowContext(r.Context(), c.Session, c.Subject)
		}
		return l.db.QueryRowContext(r.Context(), lookupQuery, c.Session, c.Subject)
	}()
	id := application.Identity{User: domain.UserID(c.Subject), Session: domain.SessionID(c.Session)}
	var stands bool
	if err := row.Scan(&id.LoginTime, &stands, &id.Email); err != nil {
		return id, err
	}
	if !stands {
		return id, errors.New("revoked")
	}
	return id, nil
}
