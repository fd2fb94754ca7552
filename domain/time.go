package domain

import "time"

// Tick is the resolution of every time that porteiro keeps: what PostgreSQL's timestamps can hold.
const Tick = time.Microsecond

// Instant cuts a time to what the stores keep: UTC, whole microseconds, no monotonic reading. The zero time stays zero
// and means never.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(Tick) }

func latest(times ...time.Time) time.Time {
	var max time.Time
	for _, t := range times {
		if t.After(max) {
			max = t
		}
	}
	return max
}
