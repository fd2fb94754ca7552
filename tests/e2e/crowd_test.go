package e2e_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// T099: of a crowd that there is no place for the log has a few records a second, which say how many were left out, and of
// everybody whose password was looked at their own.
func TestACrowdDoesNotFillTheLog(t *testing.T) {
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"),
		"--log-format", "json", "--address-limit", "off", "--hash-slots", "1", "--hash-queue", "1")
	told := map[int][]string{} // the names of requests by status
	var mu sync.Mutex
	var crowd sync.WaitGroup
	start := time.Now()
	for person := range 8 {
		crowd.Go(func() {
			for i := 0; time.Since(start) < 3*time.Second; i++ {
				a, err := n.try("POST", "/login", "", fmt.Sprintf(`{"email":"user%d-%d@example.com","password":"x"}`, person, i))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				told[a.status] = append(told[a.status], a.header.Get("X-Request-Id"))
				mu.Unlock()
			}
		})
	}
	crowd.Wait()
	took := time.Since(start)
	const atOnce, aSecond = 5, 5
	most := atOnce + aSecond*int(took/time.Second+1)
	refused, decided := len(told[503]), len(told[401])
	if refused <= most || decided == 0 {
		t.Fatalf("%d were refused and %d decided: that is no crowd", refused, decided)
	}
	records, leftOut := map[any]int{}, map[any]int{}
	events := map[any]int{} // by the name of the request
	for _, r := range n.records() {
		what := r["msg"]
		if r["outcome"] == "unavailable" || what == "request failed" {
			records[what]++
			count, _ := r["left_out"].(float64)
			leftOut[what] += int(count)
		}
		if what == "event" {
			events[r["request_id"]]++
		}
	}
	if !strings.Contains(n.stderr.String(), "the queue is full") {
		t.Error("nothing says why")
	}
	for _, what := range []string{"event", "request failed"} {
		if got := records[what]; got == 0 || got > most {
			t.Errorf("%d records %q of %d refusals in %v, more than %d", got, what, refused, took, most)
		}
		if got := leftOut[what]; got == 0 || records[what]+got > refused {
			t.Errorf("%d records %q say that %d were left out, of %d", records[what], what, got, refused)
		}
	}
	for _, id := range told[401] {
		if events[id] != 1 {
			t.Errorf("%d events of a login that was decided", events[id])
		}
	}
}
