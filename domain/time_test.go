package domain_test

import (
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func TestInstant(t *testing.T) {
	for name, c := range map[string]struct{ in, want time.Time }{
		"an instant stays":              {noon, noon},
		"never stays never":             {time.Time{}, time.Time{}},
		"never stays never in any zone": {time.Time{}.In(time.FixedZone("", 3600)), time.Time{}},
		"999 ns are cut":                {noon.Add(999), noon},
		"1000 ns stay":                  {noon.Add(1000), noon.Add(domain.Tick)},
		"also before the epoch":         {time.Unix(-1, 999_999_999), time.Unix(-1, 999_999_000)},
		"UTC":                           {noon.In(time.FixedZone("", -3*3600)), noon},
	} {
		if got := domain.Instant(c.in); !got.Equal(c.want) || got.Location() != time.UTC {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	t.Run("idempotent, monotone, less than a tick away", func(t *testing.T) {
		r := draw(t)
		for range 2000 {
			a := time.Unix(r.Int64N(1<<36)-1<<35, r.Int64N(1e9))
			b := a.Add(time.Duration(r.Int64N(3000)))
			i, j := domain.Instant(a), domain.Instant(b)
			if domain.Instant(i) != i || j.Before(i) || i.After(a) || a.Sub(i) >= domain.Tick || i.Nanosecond()%1000 != 0 {
				t.Fatalf("Instant(%v) is %v, Instant(%v) is %v", a, i, b, j)
			}
		}
	})
	if domain.Tick != 1000*time.Nanosecond {
		t.Errorf("a tick is %v; PostgreSQL's timestamps hold microseconds", domain.Tick)
	}
}
