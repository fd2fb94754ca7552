package application

import (
	"context"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// The driving ports. The core implements them, and so does the client of every transport: nobody can tell near from
// far. Every error that a caller sees is a domain.Refusal, to be found with errors.Is; a refusal that carries more is a
// *domain.Denied. An answer that did not arrive is domain.Unavailable, and after a write it may have happened.

// Gate signs people in and out and says who may pass.
type Gate interface {
	// Login opens a session. InvalidCredentials for a wrong password, an unknown or unreadable email and a disabled
	// user alike, at equal cost; TooManyAttempts, with RetryAfter, when the account or the address has had too many, and
	// the password is not looked at then; RequestInvalid for a NUL in the email or text that is not UTF-8; BodyTooLarge
	// past MaxCredentials.
	Login(ctx context.Context, email, password string) (Grant, error)

	// Refresh exchanges a refresh token for a new pair. The token before the current one gets the same successor for a
	// short while (its answer was lost); any older one ends the session: TokenReused. Otherwise what Authorize answers.
	Refresh(ctx context.Context, refresh string) (Grant, error)

	// Logout ends what the scope says; "" is global. An expired token will do. For a session that is over or unknown
	// it answers nil and changes nothing. TokenMissing, TokenInvalid; RequestInvalid for an unknown scope.
	Logout(ctx context.Context, access string, scope domain.Scope) error

	// Authorize applies the rule, on a standing read after the call began. TokenMissing for "", TokenInvalid,
	// TokenExpired, TokenRevoked, SessionExpired; InsufficientRole when roles are asked for and the user holds none of
	// them; RequestInvalid for a role that is not one.
	Authorize(ctx context.Context, access string, anyOf ...domain.Role) (Identity, error)
}

// Accounts is what people do with their own accounts. Whatever asks for the password counts as an attempt at it, as a
// login does: TooManyAttempts, and InvalidCredentials (with the field) when it is wrong. An access token that does not
// pass is what Authorize answers.
type Accounts interface {
	// Register adds a user. RegistrationClosed, EmailInvalid, PasswordWeak, EmailTaken; TooManyAttempts when too many
	// have come from one address; RequestInvalid and BodyTooLarge as for Login.
	Register(ctx context.Context, email, password string) (Registered, error)

	// ChangePassword sets a new password, ends every session of the user and opens a fresh one. PasswordWeak.
	ChangePassword(ctx context.Context, access, current, next string) (Grant, error)

	// ChangeEmail gives the user another email; the sessions go on. EmailInvalid, EmailTaken. To an email that is not the
	// user's it counts as a registration too, with the same TooManyAttempts: it tells as much.
	ChangeEmail(ctx context.Context, access, password, email string) (Registered, error)

	// DeleteAccount removes the user and every session. The ID is never used again.
	DeleteAccount(ctx context.Context, access, password string) error
}

// Sessions is what people do with their own sessions. An access token that does not pass is what Authorize answers.
type Sessions interface {
	// ListSessions returns the caller's sessions that stand, the newest login first, MaxSessions at most.
	ListSessions(ctx context.Context, access string) ([]SessionInfo, error)

	// EndSession ends one of the caller's sessions. One that is over or unknown, and another user's, is nil and stays as
	// it is; RequestInvalid for what is no ID.
	EndSession(ctx context.Context, access string, id domain.SessionID) error
}

// MaxSessions is how many sessions ListSessions shows at most.
const MaxSessions = 100

// SessionInfo is a session as its user sees it. IDs are no secret.
type SessionInfo struct {
	ID          domain.SessionID
	Current     bool // it is the caller's
	LoginTime   time.Time
	RefreshedAt time.Time // of the last rotation of its refresh token, or the login
	UserAgent   string
	IP          string
}

// Administration is for whoever runs the service: the command line drives it, and no transport carries it. Users are
// named by email in whatever form ParseEmail takes. NotFound when there is no such user, EmailInvalid when it is none.
type Administration interface {
	// Find returns the user.
	Find(ctx context.Context, email string) (domain.User, error)
	// SessionsOf returns the user and the sessions that were not ended for themselves, the newest login first, MaxSessions
	// at most. A logout of the user or an age may have ended them: see domain.Session.OverSoFar.
	SessionsOf(ctx context.Context, email string) (domain.User, []domain.Session, error)
	// List returns at most n users whose emails come after the given one, in the order of their emails' bytes.
	List(ctx context.Context, after string, n int) ([]domain.User, error)
	// Add adds a user, whether registration is open or not. PasswordWeak, EmailTaken, RequestInvalid for a role.
	Add(ctx context.Context, email, password string, roles ...domain.Role) (domain.User, error)
	// Disable keeps the user from signing in and ends every session. Twice is once.
	Disable(ctx context.Context, email string) error
	// Enable lets the user sign in again; sessions from before stay ended.
	Enable(ctx context.Context, email string) error
	// SetPassword sets a password and ends every session. PasswordWeak.
	SetPassword(ctx context.Context, email, password string) error
	// SetRoles replaces the roles. RequestInvalid for a role that is none.
	SetRoles(ctx context.Context, email string, roles ...domain.Role) error
	// LogOut ends every session of the user.
	LogOut(ctx context.Context, email string) error
	// LogOutAll ends every session of those users whose IDs come after the given one, "" for everybody, a page at a time
	// in the order of their IDs. It returns how many users they were; with an error also the ID from which to go on.
	LogOutAll(ctx context.Context, after domain.UserID) (users int, last domain.UserID, err error)
	// Delete removes the user and every session. The ID is never used again.
	Delete(ctx context.Context, email string) error
}

// Keys is for whoever looks after the signing keys. Public is for everybody; the command line drives the rest, and no
// transport carries it.
type Keys interface {
	// Public returns the public keys of what signs access tokens, will sign them, or has signed some that pass still.
	Public(ctx context.Context) (PublicKeys, error)
	// List returns every key without its Private, the oldest first.
	List(ctx context.Context) ([]domain.Key, error)
	// Rotate adds a key that signs when everybody can know it, and retires those before it when their last token has
	// expired. The algorithm "" is the one so far; RequestInvalid for one that no key of the purpose has.
	Rotate(ctx context.Context, purpose domain.Kind, algorithm string) (domain.Key, error)
	// Retire has what the key signed refused on every node with its next look at the keys. inUse says that this is
	// wanted of a key whose tokens may be out. NotFound; RequestInvalid, which wraps domain.ErrLastKey or
	// domain.ErrKeyInUse.
	Retire(ctx context.Context, id string, inUse bool) error
}

// Introspection is for programs with credentials of their own, which ask what a token is good for and revoke it.
// InvalidClient when the credentials do not hold, and nothing is looked at then: an unknown id and a wrong secret look
// alike. RequestInvalid, with the field, for the token "".
type Introspection interface {
	// Introspect says what a token is good for now (RFC 7662). The zero TokenInfo is of one that is good for nothing:
	// forged, expired, revoked, of another service, a refresh token that has had its successor; nobody is told which. It
	// changes nothing.
	Introspect(ctx context.Context, by Credentials, token string) (TokenInfo, error)

	// Revoke ends the session of a token of either kind, an expired one too (RFC 7009). Nil for one that is over or
	// unknown, and for what is no token of this service.
	Revoke(ctx context.Context, by Credentials, token string) error
}

// Registry is the clients, for whoever runs the service: the command line drives it, and no transport carries it.
type Registry interface {
	// AddClient adds a client and returns its secret, which is kept nowhere. RequestInvalid for what is no ClientID;
	// domain.ErrClientTaken, wrapped in one, when there is a client with this ID.
	AddClient(ctx context.Context, id string) (c domain.Client, secret string, err error)
	// ListClients returns every client, in the order of their IDs' bytes.
	ListClients(ctx context.Context) ([]domain.Client, error)
	// DeleteClient removes a client, whose credentials hold no more at once. NotFound.
	DeleteClient(ctx context.Context, id string) error
}

// Grant is a pair of tokens.
type Grant struct {
	AccessToken      string
	RefreshToken     string
	ExpiresIn        time.Duration // of the access token, whole seconds
	RefreshExpiresIn time.Duration // of the session, unless it is refreshed before; whole seconds
}

// Registered is a user and the email that they have now.
type Registered struct {
	User  domain.UserID
	Email domain.Email
}

// The driven ports. An error that is a refusal is an answer; any other error is a failure of the adapter, and the core
// turns it into domain.Unavailable: only what was read may refuse. No method outlives its context by much, also when
// the other side is silent. All are safe for concurrent use.

// Store keeps users and sessions: together, because they are one unit of consistency.
type Store interface {
	Standings

	// Add adds a user. EmailTaken when another one has the email; the same ID again changes nothing and is nil, so that
	// an addition whose answer was lost can be repeated.
	Add(ctx context.Context, user domain.User) error

	// ByEmail returns the user, or NotFound.
	ByEmail(ctx context.Context, email domain.Email) (domain.User, error)

	// Sessions returns the user and at most n of the sessions that were not ended, the latest LoginTime first, in one
	// snapshot. NotFound when there is no such user.
	Sessions(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error)

	// Purge looks at n sessions at most, those whose IDs come after the given one in the order of their bytes, and
	// removes the ones that are over since before: ended, past an age, or logged out by a logout of their user. It
	// returns the last ID that it looked at, "" when there is none after it, and how many it removed. What another call
	// is at work on may stay; nobody waits for it, and it waits for nobody for long.
	Purge(ctx context.Context, before time.Time, after domain.SessionID, n int) (last domain.SessionID, removed int, err error)

	// Page returns at most n users whose emails come after the given one, in the order of their bytes.
	Page(ctx context.Context, after domain.Email, n int) ([]domain.User, error)

	// Change is the one way to write. In one transaction it locks the user, reads the user and then those of the named
	// sessions that are the user's, calls f, and writes what f changed, if and only if f returns nil; f's error comes
	// back as it is. NotFound when the user does not exist, and f is not called; EmailTaken when f gave the user an email
	// that another one has, and nothing is written. Nor is anything when f opened a session whose ID is there already,
	// which is a failure. f may run more than once, each time on what a new lock shows: it does no I/O and no hashing, and
	// the last run counts. An error other than f's own, NotFound and EmailTaken leaves open whether the change happened; it
	// is never sent twice.
	Change(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error

	// Now returns the store's clock, which all nodes share.
	Now(ctx context.Context) (time.Time, error)
}

// Standings reads where sessions stand.
type Standings interface {
	// Standings returns the standing of each session in one snapshot that begins after the call. Unknown ones are
	// absent; what is no ID at all is unknown; one asked for twice is there once.
	Standings(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error)
}

// Standing reads where one session stands; it is what Authorize asks.
type Standing interface {
	// Standing returns the standing of a session in a snapshot that begins after the call; the zero Standing when it
	// is unknown.
	Standing(ctx context.Context, id domain.SessionID) (domain.Standing, error)
}

// Tokens makes and reads tokens. It does no I/O and holds no token against a clock.
type Tokens interface {
	// Issue signs, with the key whose time it was at IssuedAt, or the one of now when that is retired. The same claims of
	// a refresh token under the same key give the same token, byte for byte.
	Issue(claims domain.Claims) (string, error)
	// Read holds form, kind, issuer, audience and signature, and never looks at the times. TokenInvalid for whatever
	// does not hold, and nothing of the token is to be seen then; Unavailable instead when its key may be one that could
	// not be learned of. It may read those of the service before as well: see domain.Former.
	Read(kind domain.Kind, token string) (domain.Claims, error)
}

// Passwords hashes and verifies on a bounded number of slots.
type Passwords interface {
	// Hash returns the hash to keep. Unavailable, at once, when every slot is taken and the queue is full.
	Hash(ctx context.Context, password string) (string, error)
	// Verify says whether the password is the hash's, and if so whether the hash should be made anew. The hash "" is
	// nobody's: never ok, at the same cost. A hash that cannot be read is a wrong password. Unavailable as for Hash.
	Verify(ctx context.Context, password, hash string) (ok, stale bool, err error)
}

// Places is for Passwords that say before the work whether there is room for it, so that a crowd is refused before it has
// asked the store for anything.
type Places interface {
	// Place takes a place, in which Hash and Verify find room when they are given held, until leave is called, which may
	// be called again. Unavailable, at once, when every slot is taken and the queue is full. Who has a place gets no other.
	Place(ctx context.Context) (held context.Context, leave func(), err error)
}

// Hashes is for Passwords that are asked before a hash of another service is taken over.
type Hashes interface {
	// Reads says whether Verify knows what to do with the hash.
	Reads(hash string) bool
}

// Imports is for a Store that remembers who came from the service before this one.
type Imports interface {
	// AddImported adds users together with what is remembered of them, in one transaction, and says of each whether it
	// did. It leaves out whose email another user has, and whose key is remembered already.
	AddImported(ctx context.Context, arrivals ...domain.Arrival) ([]bool, error)
	// Imported returns what is remembered by the keys, each with its user, or the zero User when there is none any more.
	// Unknown keys are absent.
	Imported(ctx context.Context, keys ...string) (map[string]domain.Arrival, error)
	// ImportedAs is Imported for the one who has the subject; NotFound when nobody or more than one has it.
	ImportedAs(ctx context.Context, subject string) (domain.Arrival, error)
	// SaveImported replaces what is remembered by each key, but for its User, in one transaction. An unknown key is none.
	SaveImported(ctx context.Context, imported ...domain.Imported) error
}

// Roster reads the users of the service before this one, and writes nothing there.
type Roster interface {
	// Page returns at most n users whose IDs come after the given one, the lowest first.
	Page(ctx context.Context, after int64, n int) ([]Former, error)
	// Now returns the clock of where they are kept.
	Now(ctx context.Context) (time.Time, error)
}

// KeyStore keeps the ring of signing keys.
type KeyStore interface {
	// Keys returns every key, the oldest first; keys made at the same time in the order of their IDs.
	Keys(ctx context.Context) ([]domain.Key, error)
	// ChangeKeys is the one way to write keys. In one transaction it locks the ring against whoever else would change
	// it, reads every key, calls f, and writes what f changed, if and only if f returns nil; f's error comes back as it
	// is. f may run more than once, each time on what a new lock shows: it does no I/O and makes no keys, and the last
	// run counts. An error other than f's own leaves open whether the change happened; it is never sent twice.
	ChangeKeys(ctx context.Context, f func(*domain.Ring) error) error
}

// KeyMaker makes keys, and knows what of them may be published.
type KeyMaker interface {
	// Make makes a key with an ID of its own and no times. The algorithm "" is the default of the purpose;
	// RequestInvalid for one that no key of the purpose has.
	Make(purpose domain.Kind, algorithm string) (domain.Key, error)
	// Publish returns the JWK Set (RFC 7517 section 5) of the public halves of the keys. Refresh keys and symmetric
	// keys have none, and are left out.
	Publish(keys []domain.Key) ([]byte, error)
}

// Clients keeps the programs that have credentials of their own.
type Clients interface {
	// AddClient adds a client; false, and nothing is written, when there is one with its ID.
	AddClient(ctx context.Context, c domain.Client) (added bool, err error)
	// Client returns the client with the ID, as it is kept when it is asked for, or NotFound.
	Client(ctx context.Context, id domain.ClientID) (domain.Client, error)
	// Clients returns every client, in the order of their IDs' bytes.
	Clients(ctx context.Context) ([]domain.Client, error)
	// RemoveClient removes a client, or is NotFound.
	RemoveClient(ctx context.Context, id domain.ClientID) error
}

// Everybody is what a Store may do beside: change all users, a page at a time.
type Everybody interface {
	// LogOutEach locks n users at most (1 or more), those whose IDs come after the given one in the order of their bytes, calls f
	// with each as the lock shows them, and writes the LogoutTime and LogoutReason that f gives them, in one transaction.
	// It returns the last ID, "" when there is no user after it, and how many they were. f may run again, on what a new
	// lock shows, and changes nothing else.
	LogOutEach(ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (last domain.UserID, users int, err error)
}

// Attempts counts tries, in buckets that all nodes share.
type Attempts interface {
	// Count calls f with when each of the buckets is empty again, in the order of their names, the zero time for one that
	// is unknown, and keeps what f returns in their place, all of it at once; a zero time removes the bucket, and nil
	// changes nothing. Names are at most 64 ASCII letters, digits and colons, none of them twice. f may run several
	// times, at first also on what is only believed to be there, and the last run counts: nobody else has changed the
	// buckets between what it was shown and what is kept of it; where that is nothing, it was read after the call.
	Count(ctx context.Context, buckets []string, f func(empty []time.Time) []time.Time) error
	// Forget removes n buckets at most that are empty since before the time, and returns how many.
	Forget(ctx context.Context, before time.Time, n int) (int, error)
}

// Events hears of every decision once it is taken, and saved where it is one that writes.
type Events interface {
	// Record fails nothing, and waits for nothing but the place that it writes to. It is called by many at once.
	Record(ctx context.Context, e Event)
}

// Clock says what time it is.
type Clock func() time.Time
