package postgres

import (
	"context"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Until dials so many hosts' addresses one after the other, at one instant, and returns when the last one's time is over.
func Until(ctx context.Context, now time.Time, hosts int, addresses ...string) (end time.Time, err error) {
	d := &dialer{ctx: ctx, hosts: hosts, timeout: time.Hour, now: func() time.Time { return now }}
	defer d.release()
	for _, address := range addresses {
		_, err = d.DialContext(ctx, "tcp", address)
	}
	if err == nil {
		end = d.wire.end
		_ = d.wire.Close()
	}
	return end, err
}

// Statement is one that must read an index, and no whole table.
type Statement struct{ SQL, Index string }

// Statements are those that meet tables which have grown, by name.
func Statements() map[string]Statement {
	return map[string]Statement{
		"standings":      {standings, "sessions_pkey"},
		"standing":       {standingOfOne, "sessions_pkey"},
		"changed":        {changed, "changes_xid_idx"},
		"guarded":        {guarded, "changes_xid_idx"},
		"due":            {due, "changes_xid_idx"},
		"trim":           {trim, "changes_xid_idx"},
		"walk":           {walk, "sessions_pkey"},
		"lock_over":      {lockOver, "sessions_pkey"},
		"delete_over":    {deleteSessions, "sessions_pkey"},
		"user_sessions":  {userSessions, "sessions_user_id_idx"},
		"lock_users":     {lockUsers, "users_pkey"},
		"save_logouts":   {saveLogouts, "users_pkey"},
		"read_buckets":   {readBuckets, "attempts_pkey"},
		"forget_buckets": {forgetBuckets, "attempts_empty_at_idx"},
	}
}

// CountBuckets is the one statement of a Count.
const CountBuckets = countBuckets

// Later sets the clock of the store forward. Nobody else may use it meanwhile.
func (s *Store) Later(d time.Duration) {
	now := s.now
	s.now = func() time.Time { return now().Add(d) }
}

// Guesses counts what is remembered of buckets, and Lanes those in which somebody is.
func (s *Store) Guesses() int { return len(s.guesses.empty) }

// Lanes is beside Guesses.
func (s *Store) Lanes() int {
	s.lanes.mu.Lock()
	defer s.lanes.mu.Unlock()
	return len(s.lanes.lanes)
}

// SetSnapshot is a memory of another snapshot.
func (s *Store) SetSnapshot(snapshot string) { s.memory.snapshot = snapshot }

// SetServer is a memory of another server.
func (s *Store) SetServer(server string) { s.memory.server = server }

// Rested is a memory that the log may be asked for again.
func (s *Store) Rested() { s.memory.rest = time.Time{} }

// Glance is a memory whose next question is of the triggers too.
func (s *Store) Glance() { s.memory.glanced = time.Time{} }

// Renew has the next calls make connections of their own.
func (s *Store) Renew() { s.db.SetMaxIdleConns(0); s.db.SetMaxIdleConns(s.pool) }

// Remembered counts what the memory holds.
func (s *Store) Remembered() (sessions, users int) {
	return len(s.memory.sessions), len(s.memory.users)
}

// Memory is of standings that nobody has read.
type Memory struct{ m memory }

// NewMemory holds so many.
func NewMemory(most int) *Memory {
	m := &Memory{memory{most: most}}
	m.m.begin("", "", "")
	return m
}

// Keep is keep.
func (m *Memory) Keep(st domain.Standing) { m.m.keep(st) }

// Recall is standing.
func (m *Memory) Recall(id domain.SessionID) (domain.Standing, bool) { return m.m.standing(id) }
