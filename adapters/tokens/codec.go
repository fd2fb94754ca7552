package tokens

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Codec issues and reads tokens. It never changes once made: another ring is another codec.
type Codec struct {
	about     []byte // the beginning of every payload
	issuer    string
	audience  []string
	client    string
	maxAccess int64 // seconds
	ring
	cache *cache
}

var _ application.Tokens = (*Codec)(nil)

// DefaultMaxAccess is how long an access token may live when [Config] does not say.
const DefaultMaxAccess = 24 * time.Hour

// Config is what tokens say of the service, the same on every node. Zero settings are the defaults.
type Config struct {
	Issuer   string   // iss, compared byte by byte; default "porteiro"
	Audience []string // aud: every token names all, and one of them is enough to be read; default "porteiro"
	ClientID string   // client_id of access tokens; default "porteiro"

	// MaxAccess bounds exp - iat of access tokens: longer ones are neither issued nor read, also those that were issued
	// under a longer bound. Default DefaultMaxAccess, negative none. A refresh token lives as long as its session, which
	// says so itself.
	MaxAccess time.Duration

	// Remember is how many bytes are spent on remembering tokens that were verified; default 12 MiB, negative none. A token
	// takes 90 of them.
	Remember int

	// At is when the codec is made: it leaves out the keys that are retired by then. Default now.
	At time.Time
}

const (
	porteiro        = "porteiro"
	defaultRemember = 12 << 20
)

// New returns the codec of the keys, or an error that names the key or setting that cannot be used. Which key signs a
// token is [domain.Signer] of the time at which it is issued, so that a codec goes on to the next key by itself; every
// key that is not retired verifies.
func New(keys []domain.Key, c Config) (*Codec, error) {
	c.Issuer = cmp.Or(c.Issuer, porteiro)
	c.ClientID = cmp.Or(c.ClientID, porteiro)
	c.MaxAccess = cmp.Or(c.MaxAccess, DefaultMaxAccess)
	if c.At.IsZero() {
		c.At = time.Now()
	}
	if len(c.Audience) == 0 {
		c.Audience = []string{porteiro}
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	t := &Codec{
		about:  about(c.Issuer, c.Audience),
		issuer: c.Issuer, audience: slices.Clone(c.Audience), client: c.ClientID,
		maxAccess: int64(c.MaxAccess / time.Second),
		cache:     newCache(max(cmp.Or(c.Remember, defaultRemember), 0)),
	}
	if c.MaxAccess < 0 {
		t.maxAccess = math.MaxInt64
	}
	var err error
	if t.ring, err = load(keys, c.At); err != nil {
		return nil, err
	}
	if err := t.fits(); err != nil {
		return nil, err
	}
	return t, nil
}

// Check refuses what no token can say of a service.
func (c Config) Check() error {
	if !readable(c.Issuer) {
		return errors.New("tokens: the issuer is not text")
	}
	if c.ClientID != "" && !plain(c.ClientID) {
		return fmt.Errorf("tokens: the client id %q has other characters than letters, digits and -._~:/@+=", c.ClientID)
	}
	for i, a := range c.Audience {
		if a == "" || !readable(a) || slices.Contains(c.Audience[:i], a) {
			return fmt.Errorf("tokens: the audience %q is empty, there twice or not text", a)
		}
	}
	if c.MaxAccess > 0 && c.MaxAccess < time.Second {
		return fmt.Errorf("tokens: access tokens of at most %v are too short: at least 1s", c.MaxAccess)
	}
	return nil
}

// fits makes the longest token with each key, so that no key and no setting fails later.
func (t *Codec) fits() error {
	const id = "00000000-0000-0000-0000-000000000000"
	end := time.Unix(maxTime, 0)
	for _, k := range t.keys {
		_, err := t.signed(k, domain.Claims{
			Kind: k.purpose, Subject: id, Session: id, ID: strings.Repeat("0", maxPlain), Count: math.MaxInt32,
			IssuedAt: end, Expires: end,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
