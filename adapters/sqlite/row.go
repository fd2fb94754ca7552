package sqlite

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// instant is a time as a column holds it: microseconds since 1970, null for the zero time.
type instant time.Time

// Value gives what to write.
func (i instant) Value() (driver.Value, error) {
	if t := time.Time(i); !t.IsZero() {
		return t.UnixMicro(), nil
	}
	return nil, nil
}

// Scan takes what was read.
func (i *instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = instant{}
	case int64:
		*i = instant(time.UnixMicro(v).UTC())
	default:
		return fmt.Errorf("a time is kept as %T", src)
	}
	return nil
}

// list is a list of names as a column holds it: separated by commas, which no name has.
type list[T ~string] []T

// Value gives what to write.
func (l list[T]) Value() (driver.Value, error) {
	var b strings.Builder
	for i, name := range l {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(string(name))
	}
	return b.String(), nil
}

// Scan takes what was read.
func (l *list[T]) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("a list is kept as %T", src)
	}
	*l = nil
	for name := range strings.SplitSeq(s, ",") {
		if name != "" {
			*l = append(*l, T(name))
		}
	}
	return nil
}

type userRow struct {
	ID           domain.UserID     `db:"id"`
	Email        domain.Email      `db:"email"`
	Password     string            `db:"password"`
	LoginTime    instant           `db:"login_time"`
	LogoutTime   instant           `db:"logout_time"`
	LogoutReason domain.Reason     `db:"logout_reason"`
	Roles        list[domain.Role] `db:"roles"`
	CreatedAt    instant           `db:"created_at"`
	VerifiedAt   instant           `db:"verified_at"`
	DisabledAt   instant           `db:"disabled_at"`
}

func rowOfUser(u domain.User) userRow {
	return userRow{
		ID: u.ID, Email: u.Email, Password: u.PasswordHash, LoginTime: instant(u.LoginTime),
		LogoutTime: instant(u.LogoutTime), LogoutReason: u.LogoutReason, Roles: u.Roles,
		CreatedAt: instant(u.CreatedAt), VerifiedAt: instant(u.VerifiedAt), DisabledAt: instant(u.DisabledAt),
	}
}

func (r userRow) user() domain.User {
	return domain.User{
		ID: r.ID, Email: r.Email, PasswordHash: r.Password, LoginTime: time.Time(r.LoginTime),
		LogoutTime: time.Time(r.LogoutTime), LogoutReason: r.LogoutReason, Roles: r.Roles,
		CreatedAt: time.Time(r.CreatedAt), VerifiedAt: time.Time(r.VerifiedAt), DisabledAt: time.Time(r.DisabledAt),
	}
}

type sessionRow struct {
	ID           domain.SessionID    `db:"id"`
	UserID       domain.UserID       `db:"user_id"`
	LoginTime    instant             `db:"login_time"`
	CreatedAt    instant             `db:"created_at"`
	EndedAt      instant             `db:"ended_at"`
	EndReason    domain.Reason       `db:"end_reason"`
	IdleUntil    instant             `db:"idle_until"`
	Until        instant             `db:"until"`
	RefreshCount int                 `db:"refresh_count"`
	RefreshedAt  instant             `db:"refreshed_at"`
	Methods      list[domain.Method] `db:"methods"`
	UserAgent    string              `db:"user_agent"`
	IP           string              `db:"ip"`
	KeepUntil    instant             `db:"keep_until"`
}

func rowOfSession(s domain.Session) sessionRow {
	return sessionRow{
		ID: s.ID, UserID: s.UserID, LoginTime: instant(s.LoginTime), CreatedAt: instant(s.CreatedAt),
		EndedAt: instant(s.EndedAt), EndReason: s.EndReason, IdleUntil: instant(s.IdleUntil), Until: instant(s.Until),
		RefreshCount: s.RefreshCount, RefreshedAt: instant(s.RefreshedAt), Methods: s.Methods, UserAgent: s.UserAgent,
		IP: s.IP, KeepUntil: instant(s.KeepUntil),
	}
}

func (r sessionRow) session() domain.Session {
	return domain.Session{
		ID: r.ID, UserID: r.UserID, LoginTime: time.Time(r.LoginTime), CreatedAt: time.Time(r.CreatedAt),
		EndedAt: time.Time(r.EndedAt), EndReason: r.EndReason, IdleUntil: time.Time(r.IdleUntil),
		Until: time.Time(r.Until), RefreshCount: r.RefreshCount, RefreshedAt: time.Time(r.RefreshedAt),
		Methods: r.Methods, UserAgent: r.UserAgent, IP: r.IP, KeepUntil: time.Time(r.KeepUntil),
	}
}
