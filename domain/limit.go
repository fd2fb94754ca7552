package domain

import "time"

// Limit bounds how often something may be tried: Burst times at once, and then once each Every. The zero Limit bounds
// nothing. What has to be kept of the tries is one time, at which the bucket that they fill is empty again; a bucket
// that nobody has tried, or that has drained, is the zero time. (This is GCRA, the leaky bucket of ITU-T I.371.)
type Limit struct {
	Burst int
	Every time.Duration
}

// Charge adds one try to a bucket. It returns when the bucket is empty then; or, when there is no room, how long until
// there is, at most Every in whole ticks, and the bucket without it. A time further ahead than a full bucket's comes from
// another clock and becomes a full bucket's, which has to be kept too: a clock that is ahead locks nobody out.
func (l Limit) Charge(now, empty time.Time) (time.Time, time.Duration) {
	if l == (Limit{}) {
		return empty, 0
	}
	now = Instant(now)
	full := now.Add(time.Duration(l.Burst) * l.Every)
	empty = l.within(now, empty)
	next := empty.Add(l.Every)
	if next.After(full) {
		return empty, (next.Sub(full) + Tick - 1).Truncate(Tick) // whoever waits so long waits long enough on a clock of ticks
	}
	return next, 0
}

// Forgive takes one try back.
func (l Limit) Forgive(now, empty time.Time) time.Time {
	if l == (Limit{}) {
		return empty
	}
	now = Instant(now)
	if less := l.within(now, empty).Add(-l.Every); less.After(now) {
		return less
	}
	return time.Time{}
}

func (l Limit) within(now, empty time.Time) time.Time {
	full := now.Add(time.Duration(l.Burst) * l.Every)
	switch {
	case empty.Before(now):
		return now
	case empty.After(full):
		return full
	}
	return empty
}
