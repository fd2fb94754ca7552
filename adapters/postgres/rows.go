package postgres

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"github.com/porteiro/porteiro/domain"
)

// userRow is a row of users.
type userRow struct {
	ID           string         `db:"id"`
	Email        string         `db:"email"`
	Password     string         `db:"password"`
	LoginTime    instant        `db:"login_time"`
	LogoutTime   instant        `db:"logout_time"`
	LogoutReason string         `db:"logout_reason"`
	Roles        pq.StringArray `db:"roles"`
	CreatedAt    instant        `db:"created_at"`
	VerifiedAt   instant        `db:"verified_at"`
	DisabledAt   instant        `db:"disabled_at"`
}

const userColumns = `id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at`

func userValues(u domain.User) []any {
	return []any{
		string(u.ID), string(u.Email), u.PasswordHash, instant{u.LoginTime}, instant{u.LogoutTime}, string(u.LogoutReason),
		texts(u.Roles), instant{u.CreatedAt}, instant{u.VerifiedAt}, instant{u.DisabledAt},
	}
}

func (r userRow) user() domain.User {
	return domain.User{
		ID: domain.UserID(r.ID), Email: domain.Email(r.Email), PasswordHash: r.Password, Roles: named[domain.Role](r.Roles),
		LoginTime: r.LoginTime.Time, LogoutTime: r.LogoutTime.Time, LogoutReason: domain.Reason(r.LogoutReason),
		CreatedAt: r.CreatedAt.Time, VerifiedAt: r.VerifiedAt.Time, DisabledAt: r.DisabledAt.Time,
	}
}

// sessionRow is a row of sessions.
type sessionRow struct {
	ID           string         `db:"id"`
	UserID       string         `db:"user_id"`
	LoginTime    instant        `db:"login_time"`
	CreatedAt    instant        `db:"created_at"`
	EndedAt      instant        `db:"ended_at"`
	EndReason    string         `db:"end_reason"`
	IdleUntil    instant        `db:"idle_until"`
	Until        instant        `db:"until"`
	RefreshCount int            `db:"refresh_count"`
	RefreshedAt  instant        `db:"refreshed_at"`
	Methods      pq.StringArray `db:"methods"`
	UserAgent    string         `db:"user_agent"`
	IP           string         `db:"ip"`
	KeepUntil    instant        `db:"keep_until"`
}

const sessionColumns = `id, user_id, login_time, created_at, ended_at, end_reason, idle_until, until, refresh_count, refreshed_at, methods, user_agent, ip, keep_until`

func sessionValues(s domain.Session) []any {
	return []any{
		string(s.ID), string(s.UserID), instant{s.LoginTime}, instant{s.CreatedAt}, instant{s.EndedAt}, string(s.EndReason),
		instant{s.IdleUntil}, instant{s.Until}, s.RefreshCount, instant{s.RefreshedAt}, texts(s.Methods),
		text(s.UserAgent), text(s.IP), instant{s.KeepUntil},
	}
}

func (r sessionRow) session() domain.Session {
	return domain.Session{
		ID: domain.SessionID(r.ID), UserID: domain.UserID(r.UserID), LoginTime: r.LoginTime.Time, CreatedAt: r.CreatedAt.Time,
		EndedAt: r.EndedAt.Time, EndReason: domain.Reason(r.EndReason), IdleUntil: r.IdleUntil.Time, Until: r.Until.Time,
		RefreshCount: r.RefreshCount, RefreshedAt: r.RefreshedAt.Time, Methods: named[domain.Method](r.Methods),
		UserAgent: r.UserAgent, IP: r.IP, KeepUntil: r.KeepUntil.Time,
	}
}

// instant is a domain.Instant in a column; the zero time is NULL.
type instant struct{ time.Time }

// Scan is sql.Scanner's.
func (i *instant) Scan(src any) error {
	switch t := src.(type) {
	case nil:
		i.Time = time.Time{}
	case time.Time:
		i.Time = domain.Instant(t)
	default:
		return fmt.Errorf("a time came as %T", src)
	}
	return nil
}

// Value is driver.Valuer's.
func (i instant) Value() (driver.Value, error) {
	if i.IsZero() {
		return nil, nil
	}
	return domain.Instant(i.Time), nil
}

// texts makes an array, never NULL, of names.
func texts[T ~string](names []T) pq.StringArray {
	out := make(pq.StringArray, len(names))
	for i, name := range names {
		out[i] = string(name)
	}
	return out
}

// named is the way back; none are nil.
func named[T ~string](texts pq.StringArray) []T {
	var out []T
	for _, t := range texts {
		out = append(out, T(t))
	}
	return out
}

// text makes PostgreSQL's text of what a client said of itself. A NUL and what is not UTF-8 cannot be kept, and are no
// reason to refuse a login.
func text(s string) string {
	if storable(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }
