package logs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/porteiro/porteiro/adapters/logs"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 123456000, time.UTC)

func reused() application.Event {
	return application.Event{
		Time: noon, Name: application.EventRefresh, Outcome: string(domain.TokenReused), Actor: "user",
		User: "u1", Account: "a1", Session: "s1", Detail: "the session has ended",
		Origin: application.Origin{IP: "192.0.2.7", RequestID: "r1", UserAgent: "curl"},
	}
}

func TestRecord(t *testing.T) {
	var text, object bytes.Buffer
	logs.New(slog.NewTextHandler(&text, nil)).Record(t.Context(), reused())
	const want = `time=2026-03-04T12:00:00.123Z level=WARN msg=event event=refresh outcome=token_reused actor=user user=u1 ` +
		`account=a1 session=s1 ip=192.0.2.7 request_id=r1 detail="the session has ended"` + "\n"
	if text.String() != want {
		t.Errorf("got  %swant %s", &text, want)
	}
	logs.New(slog.NewJSONHandler(&object, nil)).Record(t.Context(), application.Event{Time: noon, Name: "login", Outcome: "ok", Actor: "user"})
	const wantJSON = `{"time":"2026-03-04T12:00:00.123456Z","level":"INFO","msg":"event","event":"login","outcome":"ok","actor":"user"}` + "\n"
	if object.String() != wantJSON {
		t.Errorf("got  %swant %s", &object, wantJSON)
	}
}

func TestLevel(t *testing.T) {
	for _, c := range []struct {
		name, outcome string
		want          slog.Level
	}{
		{"login", "ok", slog.LevelInfo},
		{"login", "invalid_credentials", slog.LevelInfo},
		{"login", "too_many_attempts", slog.LevelWarn},
		{"refresh", "token_reused", slog.LevelWarn},
		{"logout", "unavailable", slog.LevelWarn},
		{"login", "panic", slog.LevelWarn},
		{"administration", "ok", slog.LevelInfo},
		{"authorize", "ok", slog.LevelDebug},
		{"authorize", "unavailable", slog.LevelDebug},
		{"introspection", "ok", slog.LevelDebug},
		{"introspection", "invalid_client", slog.LevelInfo},
		{"revocation", "ok", slog.LevelInfo},
	} {
		if got := logs.Level(application.Event{Name: c.name, Outcome: c.outcome}); got != c.want {
			t.Errorf("%s %s: got %v, want %v", c.name, c.outcome, got, c.want)
		}
	}
}

// A client that does not wait for its answer is no fault of the service.
func TestACallerWhoLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var b bytes.Buffer
	e := application.Event{Time: noon, Name: "login", Outcome: "unavailable"}
	logs.New(slog.NewTextHandler(&b, nil)).Record(ctx, e)
	if !strings.Contains(b.String(), "level=INFO") {
		t.Errorf("got %s", &b)
	}
}

// What cannot be decided comes in crowds, and then a few records a second say so, and how many they stand for. Decisions
// each have their own, however many.
func TestACrowdIsAFewRecords(t *testing.T) {
	var b bytes.Buffer
	events := logs.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	record := func(times int, e application.Event) []string {
		b.Reset()
		for range times {
			events.Record(t.Context(), e)
		}
		return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	}
	crowd := application.Event{Time: noon, Name: application.EventLogin, Outcome: string(domain.Unavailable), Actor: "anonymous"}
	if got := record(100, crowd); len(got) != 5 || strings.Contains(b.String(), "left_out") {
		t.Errorf("got %d records: %s", len(got), &b)
	}
	for name, change := range map[string]func(*application.Event){
		"another event":      func(e *application.Event) { e.Name = application.EventLogout },
		"somebody is known":  func(e *application.Event) { e.User = "u1" },
		"a wrong password":   func(e *application.Event) { e.Outcome = string(domain.InvalidCredentials) },
		"guessing":           func(e *application.Event) { e.Outcome = string(domain.TooManyAttempts) },
		"a fault":            func(e *application.Event) { e.Outcome = application.Panicked },
		"one that went well": func(e *application.Event) { e.Outcome = application.Done },
		"for whoever debugs": func(e *application.Event) { e.Name = application.EventPass },
	} {
		e := crowd
		change(&e)
		want := 100
		if e.Outcome == crowd.Outcome && e.Name != application.EventPass && e.User == "" {
			want = 5
		}
		if got := record(100, e); len(got) != want {
			t.Errorf("%s: got %d records, want %d", name, len(got), want)
		}
	}
	crowd.Time = noon.Add(time.Second)
	if got := record(1, crowd); len(got) != 1 || !strings.HasSuffix(got[0], " event=login outcome=unavailable actor=anonymous left_out=95") {
		t.Errorf("a second later: %s", got)
	}
}

// T098: whatever a client sends, one event is one line of printable text, and one JSON object with the names that it has.
func TestOneRecord(t *testing.T) {
	for name, hostile := range map[string]string{
		"line ends":        "a\r\nlevel=ERROR msg=forged",
		"json":             `","outcome":"ok","x":"`,
		"escape":           "\x1b[2J\x1b]0;x\x07",
		"8-bit escape":     "\u009b2J",
		"line separators":  "a\u2028b\u2029c\u0085d",
		"right to left":    "\u202etxt.exe",
		"not utf-8":        "\xff\xfe\xc0",
		"nul":              "a\x00b",
		"a text attribute": "x outcome=ok actor=root",
	} {
		t.Run(name, func(t *testing.T) {
			e := reused()
			e.Actor, e.Detail = hostile, hostile
			e.User, e.Session, e.Account = domain.UserID(hostile), domain.SessionID(hostile), hostile
			e.Origin = application.Origin{IP: hostile, RequestID: hostile, UserAgent: hostile, Actor: hostile}
			var text, object bytes.Buffer
			logs.New(slog.NewTextHandler(&text, nil)).Record(t.Context(), e)
			logs.New(slog.NewJSONHandler(&object, nil)).Record(t.Context(), e)
			for _, line := range []string{text.String(), object.String()} {
				line, ended := strings.CutSuffix(line, "\n")
				if !ended || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
					t.Errorf("got %q", line)
				}
			}
			if strings.Count(text.String(), " outcome=") != 1+strings.Count(hostile, " outcome=")*7 || !strings.Contains(text.String(), " outcome=token_reused ") {
				t.Errorf("got %s", &text)
			}
			var record map[string]string
			if err := json.Unmarshal(object.Bytes(), &record); err != nil || len(record) != 12 || record["outcome"] != "token_reused" {
				t.Errorf("got %s: %v", &object, err)
			}
		})
	}
}

// Authorize is asked by every request, and a crowd is a crowd: where their events are left out they cost nothing.
func TestLeftOutCostsNothing(t *testing.T) {
	var b bytes.Buffer
	events := application.Events(logs.New(slog.NewTextHandler(&b, nil)))
	e := reused()
	e.Name = application.EventPass
	ctx := t.Context()
	if n := testing.AllocsPerRun(1000, func() { events.Record(ctx, e) }); n != 0 || b.Len() != 0 {
		t.Errorf("%v allocations, and %q", n, &b)
	}
	e = application.Event{Time: noon, Name: application.EventLogin, Outcome: string(domain.Unavailable)}
	for range 5 {
		events.Record(ctx, e)
	}
	b.Reset()
	if n := testing.AllocsPerRun(1000, func() { events.Record(ctx, e) }); n != 0 || b.Len() != 0 {
		t.Errorf("of a crowd: %v allocations, and %q", n, &b)
	}
}

func BenchmarkRecord(b *testing.B) {
	for name, event := range map[string]string{"left out": application.EventPass, "written": application.EventLogin} {
		b.Run(name, func(b *testing.B) {
			events := logs.New(slog.NewTextHandler(discard{}, nil))
			e := reused()
			e.Name = event
			b.ReportAllocs()
			for b.Loop() {
				events.Record(b.Context(), e)
			}
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
