package application_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
)

// Whatever comes, each of it is written down or told of as left out, and no second has more than ten of a kind.
func TestFew(t *testing.T) {
	var few application.Few[string]
	start := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	var written, told int
	seconds := map[int]int{}
	const each = time.Millisecond
	const all = 10_000
	for i := range all {
		now := start.Add(time.Duration(i) * each)
		if leftOut, taken := few.Take(now, "busy"); taken {
			written++
			told += leftOut
			seconds[int(now.Sub(start)/time.Second)]++
		}
	}
	for s, n := range seconds {
		if n > 10 || s > 0 && n != 5 {
			t.Errorf("second %d has %d", s, n)
		}
	}
	leftOut, taken := few.Take(start.Add(time.Hour), "busy")
	if written, told = written+1, told+leftOut; !taken || written+told != all+1 {
		t.Errorf("%d were written and %d told of, of %d", written, told, all+1)
	}
	if leftOut, taken := few.Take(start.Add(2*time.Hour), "busy"); !taken || leftOut != 0 {
		t.Errorf("told twice: %d", leftOut)
	}
}

func TestFewOfEachKind(t *testing.T) {
	var few application.Few[int]
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for range 100 {
		few.Take(now, 1)
	}
	if leftOut, taken := few.Take(now, 2); !taken || leftOut != 0 {
		t.Errorf("another kind is left out, or told of %d", leftOut)
	}
	if leftOut, taken := few.Take(now.Add(-time.Hour), 1); taken || leftOut != 0 {
		t.Error("a clock that goes back lets more through")
	}
	if leftOut, taken := few.Take(now.Add(-time.Hour+200*time.Millisecond), 1); !taken || leftOut != 96 {
		t.Errorf("a clock that went back stops the log: %d", leftOut)
	}
}

// Kinds without end take neither memory nor the log: they share what one has, and make room for each other later.
func TestFewOfManyKinds(t *testing.T) {
	var few application.Few[int]
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	written, told := 0, 0
	take := func(now time.Time, kind int) {
		if leftOut, taken := few.Take(now, kind); taken {
			written++
			told += leftOut
		}
	}
	for kind := range 10_000 {
		take(now, kind)
	}
	if written != 64+5 {
		t.Errorf("%d of as many kinds are written", written)
	}
	for second := range 30 {
		for kind := range 100 {
			take(now.Add(time.Duration(second)*time.Second), 10_000+100*second+kind)
		}
	}
	if written > 64+5+30*5 {
		t.Errorf("half a minute later %d are written", written)
	}
	written = 64 + 5
	later := now.Add(time.Hour)
	for kind := range 10_000 {
		take(later, -kind)
	}
	if written != 2*(64+5) || written+told > 23_000 || told < 9_000 {
		t.Errorf("an hour later %d are written and %d told of", written, told)
	}
}

func TestFewAtOnce(t *testing.T) {
	var few application.Few[string]
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	var written atomic.Int64
	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			for range 1000 {
				if _, taken := few.Take(now, ""); taken {
					written.Add(1)
				}
			}
		})
	}
	crowd.Wait()
	if leftOut, _ := few.Take(now.Add(time.Second), ""); written.Load() != 5 || leftOut != 8000-5 {
		t.Errorf("%d are written, %d left out", written.Load(), leftOut)
	}
}
