package bench_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// figures is what one measurement found.
type figures struct {
	rate     float64 // answers a second
	p50, p99 time.Duration
	bad      int // answers that were no 2xx
	requests int
}

// load is requests that are sent over and over.
type load struct {
	method, path string
	headers      [][]string    // one request for each, in turns
	bodies       []string      // beside headers, where there are any
	delay        time.Duration // of each connection before each request
}

// paced is the load at no more than so many requests a second over so many connections.
func (l load) paced(connections int, rate float64) load {
	l.delay = time.Duration(float64(connections) / rate * float64(time.Second))
	return l
}

// tokensLoad asks /authorize with one token after the other.
func tokensLoad(tokens []string) load {
	l := load{method: "GET", path: "/authorize"}
	for _, t := range tokens {
		l.headers = append(l.headers, []string{"Authorization", "Bearer " + t})
	}
	return l
}

// script is the load for wrk, which builds every request before it starts out of the lines of a file: name and value of
// its header and its body.
func (l load) script(t *testing.T) string {
	t.Helper()
	var lines strings.Builder
	for n, h := range l.headers {
		body := ""
		if l.bodies != nil {
			body = l.bodies[n]
		}
		fmt.Fprintf(&lines, "%s\t%s\t%s\n", h[0], h[1], body)
	}
	file := filepath.Join(t.TempDir(), "requests")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`local r, i = {}, 0
init = function(args)
  for line in io.lines(%q) do
    local name, value, body = line:match("([^\t]*)\t([^\t]*)\t(.*)")
    r[#r + 1] = wrk.format(%q, %q, {[name] = value}, body ~= "" and body or nil)
  end
  i = math.random(#r)
end
request = function() i = i %% #r + 1; return r[i] end
`, file, l.method, l.path) + l.wait()
}

// wait is the delay for wrk, which knows milliseconds.
func (l load) wait() string {
	if l.delay == 0 {
		return ""
	}
	return fmt.Sprintf("delay = function() return %d end\n", l.delay.Milliseconds())
}

// wrk is the load generator; without it there is nothing to measure with.
func wrk(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("wrk")
	if err != nil {
		t.Skip("no wrk: apt-get install wrk, brew install wrk")
	}
	return path
}

// measure sends the load for so long over so many connections.
func measure(ctx context.Context, t *testing.T, url string, l load, connections int, d time.Duration) figures {
	t.Helper()
	script := filepath.Join(t.TempDir(), "load.lua")
	if err := os.WriteFile(script, []byte(l.script(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := max(d.Round(time.Second), time.Second)
	c := exec.CommandContext(ctx, wrk(t), "-t1", "-c", strconv.Itoa(connections), "-d", fmt.Sprintf("%ds", int(whole.Seconds())),
		"--timeout", "10s", "--latency", "-s", script, url)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("wrk: %v\n%s", err, out)
	}
	return read(t, string(out))
}

// read takes the figures out of what wrk says.
func read(t *testing.T, out string) figures {
	t.Helper()
	find := func(pattern string) string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(out)
		if m == nil {
			return ""
		}
		return m[1]
	}
	latency := func(s string) time.Duration {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatalf("wrk says\n%s", out)
		}
		return d
	}
	f := figures{p50: latency(find(`(?m)^\s+50%\s+(\S+)`)), p99: latency(find(`(?m)^\s+99%\s+(\S+)`))}
	f.rate, _ = strconv.ParseFloat(find(`Requests/sec:\s+(\S+)`), 64)
	f.requests, _ = strconv.Atoi(find(`(\d+) requests in`))
	f.bad, _ = strconv.Atoi(find(`Non-2xx or 3xx responses: (\d+)`))
	return f
}
