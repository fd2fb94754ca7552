package domain_test

import (
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// T042: the law of a limit. However the tries come, those that are let through in any span of time are at most the
// burst and one for each Every of the span.
func TestLimitBoundsEverySpan(t *testing.T) {
	r := draw(t)
	for range 200 {
		l := domain.Limit{Burst: 1 + r.IntN(10), Every: time.Duration(1+r.IntN(1000)) * time.Millisecond}
		now, empty := noon, time.Time{}
		var passed []time.Time
		for range 200 {
			now = now.Add(time.Duration(r.Int64N(int64(2 * l.Every))))
			next, wait := l.Charge(now, empty)
			if wait < 0 || wait > l.Every {
				t.Fatalf("%+v asks to wait %v", l, wait)
			}
			if wait == 0 {
				passed = append(passed, domain.Instant(now))
			} else if next != empty {
				t.Fatalf("%+v changed the bucket and refused", l)
			}
			empty = next
		}
		for i := range passed {
			for j := i; j < len(passed); j++ {
				if most := l.Burst + int(passed[j].Sub(passed[i])/l.Every); j-i+1 > most {
					t.Fatalf("%+v let %d through in %v, at most %d", l, j-i+1, passed[j].Sub(passed[i]), most)
				}
			}
		}
	}
}

// T044: whoever waits as long as they are told gets in, as far as the bucket is concerned.
func TestLimitKeepsItsPromise(t *testing.T) {
	r := draw(t)
	for range 1000 {
		l := domain.Limit{Burst: 1 + r.IntN(10), Every: time.Duration(1+r.IntN(1e6)) * time.Microsecond}
		empty := noon.Add(time.Duration(r.Int64N(int64(2*time.Hour))) - time.Hour)
		next, wait := l.Charge(noon, empty)
		if wait == 0 {
			continue
		}
		if _, again := l.Charge(noon.Add(wait), next); again != 0 {
			t.Fatalf("%+v asks to wait %v and then %v", l, wait, again)
		}
	}
}

func TestLimitForgives(t *testing.T) {
	l := domain.Limit{Burst: 3, Every: time.Minute}
	empty := time.Time{}
	for range 100 { // none of them is left
		charged, wait := l.Charge(noon, empty)
		if wait != 0 {
			t.Fatalf("a try after forgiven ones waits %v", wait)
		}
		if empty = l.Forgive(noon, charged); !empty.IsZero() {
			t.Fatalf("a bucket that was forgiven is empty at %v", empty)
		}
	}
	if got := l.Forgive(noon, time.Time{}); !got.IsZero() {
		t.Errorf("an empty bucket that is forgiven: %v", got)
	}
	var wait time.Duration
	for range 3 {
		empty, _ = l.Charge(noon, empty)
	}
	if _, wait = l.Charge(noon, empty); wait != time.Minute {
		t.Errorf("a full bucket asks to wait %v", wait)
	}
	if _, wait = l.Charge(noon, l.Forgive(noon, empty)); wait != 0 {
		t.Errorf("after one was taken back it asks to wait %v", wait)
	}
}

func TestNoLimit(t *testing.T) {
	var none domain.Limit
	for range 1000 {
		if next, wait := none.Charge(noon, time.Time{}); wait != 0 || !next.IsZero() {
			t.Fatalf("no limit asks to wait %v, and keeps %v", wait, next)
		}
	}
	if !none.Forgive(noon, time.Time{}).IsZero() {
		t.Error("no limit keeps something")
	}
}
