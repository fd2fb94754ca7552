package application_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

// TestFakes: what stands in for an adapter here keeps the adapter's promises.
func TestFakes(t *testing.T) {
	contract.Tokens(t, func(*testing.T) application.Tokens { return &tokens{} })
	contract.Passwords(t, func(*testing.T) application.Passwords { return &passwords{} })
}

var errBroken = errors.New("the other side is silent") // a failure that is no refusal

// passwords salts and hashes with SHA-256, which costs nothing. Hashes of the kind "old" are stale.
type passwords struct {
	mu       sync.Mutex
	verified []string // the hashes that Verify was given
	hashed   int
	salt     int
	noHash   error  // what Hash answers instead
	noVerify error  // what Verify answers instead
	noPlace  error  // what Place answers instead
	placed   int    // places that are taken
	outside  int    // how often it was asked to work by one without a place
	meantime func() // what happens between a verification and the lock, once for each verification
}

func digest(kind, salt, password string) string {
	sum := sha256.Sum256([]byte(salt + "$" + password))
	return kind + "$" + salt + "$" + hex.EncodeToString(sum[:])
}

// stale returns a hash as an older service left it.
func stale(password string) string { return digest("old", "salt", password) }

type inPlace struct{}

func (p *passwords) Place(ctx context.Context) (context.Context, func(), error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.noPlace != nil {
		return nil, nil, p.noPlace
	}
	p.placed++
	return context.WithValue(ctx, inPlace{}, true), sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.placed--
	}), nil
}

func (p *passwords) Hash(ctx context.Context, password string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Value(inPlace{}) == nil {
		p.outside++
	}
	p.hashed++
	p.salt++
	if p.noHash != nil {
		return "", p.noHash
	}
	return digest("new", fmt.Sprintf("%08d", p.salt), password), nil
}

func (p *passwords) Verify(ctx context.Context, password, hash string) (ok, old bool, err error) {
	p.mu.Lock()
	if ctx.Value(inPlace{}) == nil {
		p.outside++
	}
	p.verified = append(p.verified, hash)
	meantime := p.meantime
	err = p.noVerify
	p.mu.Unlock()
	if err != nil {
		return false, false, err
	}
	kind, rest, _ := strings.Cut(hash, "$")
	salt, _, _ := strings.Cut(rest, "$")
	ok = hash != "" && hash == digest(kind, salt, password)
	if meantime != nil {
		meantime()
	}
	return ok, ok && kind == "old", nil
}

// work returns what was asked for since it was last called, and forgets it.
func (p *passwords) work() (verified []string, hashed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	verified, hashed = p.verified, p.hashed
	p.verified, p.hashed = nil, 0
	return verified, hashed
}

func (p *passwords) during(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meantime = f
}

// tokens writes claims as JSON and authenticates them with a key for each kind.
type tokens struct {
	mu      sync.Mutex
	noIssue map[domain.Kind]error // what Issue answers instead
	noRead  error                 // what Read answers instead
}

type payload struct {
	Subject domain.UserID
	Session domain.SessionID
	ID      string
	Count   int
	Iat     int64
	Exp     int64
}

func mac(kind domain.Kind, body string) string {
	h := hmac.New(sha256.New, []byte("a key for "+kind))
	h.Write([]byte(body))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func (k *tokens) Issue(c domain.Claims) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.noIssue[c.Kind]; err != nil {
		return "", err
	}
	if c.Kind != domain.Access && c.Kind != domain.Refresh {
		return "", fmt.Errorf("no key for the kind %q", c.Kind)
	}
	b, err := json.Marshal(payload{c.Subject, c.Session, c.ID, c.Count, c.IssuedAt.Unix(), c.Expires.Unix()})
	if err != nil {
		return "", err
	}
	body := base64.RawURLEncoding.EncodeToString(b)
	return string(c.Kind) + "." + body + "." + mac(c.Kind, body), nil
}

func (k *tokens) Read(kind domain.Kind, token string) (domain.Claims, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.noRead != nil {
		return domain.Claims{}, k.noRead
	}
	head, rest, _ := strings.Cut(token, ".")
	body, tag, _ := strings.Cut(rest, ".")
	known := kind == domain.Access || kind == domain.Refresh
	if !known || head != string(kind) || !hmac.Equal([]byte(tag), []byte(mac(kind, body))) {
		return domain.Claims{}, domain.TokenInvalid
	}
	b, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return domain.Claims{}, domain.TokenInvalid
	}
	var p payload
	if err := json.Unmarshal(b, &p); err != nil || p.Subject == "" || p.Session == "" {
		return domain.Claims{}, domain.TokenInvalid
	}
	return domain.Claims{
		Kind: kind, Subject: p.Subject, Session: p.Session, ID: p.ID, Count: p.Count,
		IssuedAt: time.Unix(p.Iat, 0).UTC(), Expires: time.Unix(p.Exp, 0).UTC(),
	}, nil
}

// wire is the way to a store: it may break, before or after the store did its work, and it sees what goes by.
type wire struct {
	application.Store
	mu      sync.Mutex
	broken  map[string]error // by method: the store is not reached
	unknown error            // Change: the store did it, and the answer was lost
	calls   []string
	opened  []domain.Session
	hashes  []string         // that Change saved
	during  func()           // happens while a standing is read
	now     func() time.Time // in place of the store's clock

	eachFails int // LogOutEach fails after so many calls; 0 never
}

func (w *wire) call(method string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, method)
	return w.broken[method]
}

// cut breaks the way for a method, or mends it with nil.
func (w *wire) cut(method string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken == nil {
		w.broken = map[string]error{}
	}
	w.broken[method] = err
}

func (w *wire) called(method string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if c == method {
			n++
		}
	}
	return n
}

func (w *wire) Add(ctx context.Context, u domain.User) error {
	if err := w.call("Add"); err != nil {
		return err
	}
	return w.Store.Add(ctx, u)
}

func (w *wire) ByEmail(ctx context.Context, e domain.Email) (domain.User, error) {
	if err := w.call("ByEmail"); err != nil {
		return domain.User{}, err
	}
	return w.Store.ByEmail(ctx, e)
}

func (w *wire) Page(ctx context.Context, after domain.Email, n int) ([]domain.User, error) {
	if err := w.call("Page"); err != nil {
		return nil, err
	}
	return w.Store.Page(ctx, after, n)
}

func (w *wire) Change(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
	if err := w.call("Change"); err != nil {
		return err
	}
	var c domain.Changes
	err := w.Store.Change(ctx, id, func(a *domain.Account) error {
		before := a.User.PasswordHash
		if err := f(a); err != nil {
			return err
		}
		c = a.Changes()
		if c.User != nil && c.User.PasswordHash == before {
			c.User = nil
		}
		return nil
	}, about...)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opened = append(w.opened, c.Opened...)
	if c.User != nil {
		w.hashes = append(w.hashes, c.User.PasswordHash)
	}
	return w.unknown
}

// Standings answers beside its error, as an adapter must not be trusted not to.
func (w *wire) Standings(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
	broken := w.call("Standings")
	found, err := w.Store.Standings(ctx, ids...)
	if w.during != nil {
		w.during()
	}
	return found, errors.Join(err, broken)
}

func (w *wire) Now(ctx context.Context) (time.Time, error) {
	if err := w.call("Now"); err != nil {
		return time.Time{}, err
	}
	if w.now != nil {
		return w.now(), nil
	}
	return w.Store.Now(ctx)
}

func (w *wire) sessions() []domain.Session {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.opened)
}
