package logfile

import (
	"time"

	"github.com/porteiro/porteiro/domain"
)

// record is one write: rows that take the place of those before, and rows that go.
type record struct {
	Users        []userRow        `json:"users,omitempty"`
	Sessions     []sessionRow     `json:"sessions,omitempty"`
	Keys         []keyRow         `json:"keys,omitempty"`
	Attempts     map[string]micro `json:"attempts,omitempty"` // never is a bucket that goes
	GoneUser     domain.UserID    `json:"gone_user,omitempty"`
	GoneSessions []string         `json:"gone_sessions,omitempty"`
}

// micro is an Instant in microseconds since the epoch, also far from it. The zero time is one of them.
type micro int64

func microOf(t time.Time) micro { return micro(t.UnixMicro()) }
func (m micro) time() time.Time { return time.UnixMicro(int64(m)).UTC() }
func (m micro) never() bool     { return m.time().IsZero() }
func strs[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

func names[T ~string](in []string) []T {
	out := make([]T, len(in))
	for i, s := range in {
		out[i] = T(s)
	}
	return out
}

type userRow struct {
	ID           string   `json:"id"`
	Email        string   `json:"email"`
	PasswordHash string   `json:"password,omitempty"`
	Roles        []string `json:"roles,omitempty"`
	LoginTime    micro    `json:"login_time"`
	LogoutTime   micro    `json:"logout_time"`
	LogoutReason string   `json:"logout_reason,omitempty"`
	DisabledAt   micro    `json:"disabled_at"`
	VerifiedAt   micro    `json:"verified_at"`
	CreatedAt    micro    `json:"created_at"`
}

func rowOfUser(u domain.User) userRow {
	return userRow{
		string(u.ID), string(u.Email), u.PasswordHash, strs(u.Roles), microOf(u.LoginTime), microOf(u.LogoutTime),
		string(u.LogoutReason), microOf(u.DisabledAt), microOf(u.VerifiedAt), microOf(u.CreatedAt),
	}
}

func (r userRow) user() domain.User {
	return domain.User{
		ID: domain.UserID(r.ID), Email: domain.Email(r.Email), PasswordHash: r.PasswordHash, Roles: names[domain.Role](r.Roles),
		LoginTime: r.LoginTime.time(), LogoutTime: r.LogoutTime.time(), LogoutReason: domain.Reason(r.LogoutReason),
		DisabledAt: r.DisabledAt.time(), VerifiedAt: r.VerifiedAt.time(), CreatedAt: r.CreatedAt.time(),
	}
}

type sessionRow struct {
	ID           string   `json:"id"`
	UserID       string   `json:"user"`
	LoginTime    micro    `json:"login_time"`
	CreatedAt    micro    `json:"created_at"`
	EndedAt      micro    `json:"ended_at"`
	EndReason    string   `json:"end_reason,omitempty"`
	IdleUntil    micro    `json:"idle_until"`
	Until        micro    `json:"until"`
	RefreshCount int      `json:"refresh_count"`
	RefreshedAt  micro    `json:"refreshed_at"`
	Methods      []string `json:"methods,omitempty"`
	UserAgent    string   `json:"user_agent,omitempty"`
	IP           string   `json:"ip,omitempty"`
}

func rowOfSession(s domain.Session) sessionRow {
	return sessionRow{
		string(s.ID), string(s.UserID), microOf(s.LoginTime), microOf(s.CreatedAt), microOf(s.EndedAt), string(s.EndReason),
		microOf(s.IdleUntil), microOf(s.Until), s.RefreshCount, microOf(s.RefreshedAt), strs(s.Methods), s.UserAgent, s.IP,
	}
}

func (r sessionRow) session() domain.Session {
	return domain.Session{
		ID: domain.SessionID(r.ID), UserID: domain.UserID(r.UserID), LoginTime: r.LoginTime.time(),
		CreatedAt: r.CreatedAt.time(), EndedAt: r.EndedAt.time(), EndReason: domain.Reason(r.EndReason),
		IdleUntil: r.IdleUntil.time(), Until: r.Until.time(), RefreshCount: r.RefreshCount,
		RefreshedAt: r.RefreshedAt.time(), Methods: names[domain.Method](r.Methods), UserAgent: r.UserAgent, IP: r.IP,
	}
}

type keyRow struct {
	ID         string `json:"id"`
	Purpose    string `json:"purpose"`
	Algorithm  string `json:"algorithm"`
	Private    []byte `json:"private"`
	CreatedAt  micro  `json:"created_at"`
	ActiveFrom micro  `json:"active_from"`
	RetiredAt  micro  `json:"retired_at"`
}

func rowOfKey(k domain.Key) keyRow {
	return keyRow{k.ID, string(k.Purpose), k.Algorithm, k.Private, microOf(k.CreatedAt), microOf(k.ActiveFrom), microOf(k.RetiredAt)}
}

func (r keyRow) key() domain.Key {
	return domain.Key{
		ID: r.ID, Purpose: domain.Kind(r.Purpose), Algorithm: r.Algorithm, Private: r.Private,
		CreatedAt: r.CreatedAt.time(), ActiveFrom: r.ActiveFrom.time(), RetiredAt: r.RetiredAt.time(),
	}
}
