package domain

import "time"

// Rotation is what became of a refresh.
type Rotation int

// The outcomes.
const (
	Rotated  Rotation = iota + 1 // a successor was made
	Repeated                     // the same successor again: its first answer was lost, or two tabs asked at once
	Reused                       // the token had had its successor: the session has ended, the caller is refused
)

// Refreshing holds the times of a refresh.
type Refreshing struct {
	Idle   time.Duration // how long the session may rest after a rotation
	Retry  time.Duration // how long after a rotation the token before is answered with the same successor
	Leeway time.Duration // how far the clock that rotated may be ahead of the one that sees the retry
}

// Refresh applies the whole rule under the lock, then rotates the refresh token, repeats its successor or detects its
// reuse. Reuse is no error: the end of the session has to be saved before the caller is refused. Errors are those of
// [Standing.Refuse], and nothing has changed then.
func (a *Account) Refresh(now time.Time, id SessionID, count int, r Refreshing) (Session, Rotation, error) {
	now = Instant(now)
	if err := a.standing(id).Refuse(now); err != nil {
		return Session{}, 0, err
	}
	s := a.session(id)
	switch {
	case count == s.RefreshCount:
		s.RefreshCount++
		s.RefreshedAt = now
		s.IdleUntil = idleUntil(now, r.Idle, s.Until)
		return s.Clone(), Rotated, nil
	case count == s.RefreshCount-1 && recent(now.Sub(s.RefreshedAt), r):
		return s.Clone(), Repeated, nil
	}
	s.end(now, ByReuse)
	return s.Clone(), Reused, nil
}

func recent(age time.Duration, r Refreshing) bool { return age >= -r.Leeway && age <= r.Retry }
