package answer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func newRefuser(t *testing.T) *Refuser {
	t.Helper()
	f, err := NewRefuser(slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What is written by hand is what the general way writes, byte for byte.
func TestProblemDocuments(t *testing.T) {
	f := newRefuser(t)
	var languages texts
	if err := languages.read(); err != nil {
		t.Fatal(err)
	}
	for refusal, row := range refusals {
		for name, err := range map[string]error{
			"plain": refusal, "wrapped": fmt.Errorf("login: %w: %w", refusal, errors.New("cause")), "in OAuth": InOAuth(refusal),
			"denied": &domain.Denied{Refusal: refusal, Field: "email", RetryAfter: 90 * time.Minute}, "in words": Told(refusal, "\"<&>\" \u2028 ção"),
		} {
			for i, tag := range languages.tags {
				r := httptest.NewRequest("POST", "/login", nil)
				r.Header.Set("Accept-Language", tag)
				r = r.WithContext(application.WithOrigin(context.Background(), application.Origin{RequestID: "r1"}))
				p := wire.Refused{
					Type: "about:blank", Title: http.StatusText(row.status), Status: row.status, Detail: languages.details[i][refusal],
					Instance: "urn:porteiro:request:r1", Code: string(refusal), Msg: row.msg,
				}
				switch name {
				case "in OAuth":
					p.Error = oauthCode(refusal)
				case "denied":
					p.Field = "email"
				case "in words":
					p.Msg = "\"<&>\" \u2028 ção"
				}
				want, wrong := json.Marshal(p)
				if wrong != nil {
					t.Fatal(wrong)
				}
				w := httptest.NewRecorder()
				f.Refuse(w, r, err)
				h := w.Header()
				if got := w.Body.String(); got != string(want)+"\n" || h.Get("Content-Length") != fmt.Sprint(len(got)) || h.Get("Content-Language") != tag {
					t.Errorf("%s %s in %s: got\n\t%s%v, want\n\t%s", refusal, name, tag, got, h, want)
				}
			}
		}
	}
}

// Whatever clients send, the language is theirs, and what is remembered of it is bounded.
func TestLanguagesAreRemembered(t *testing.T) {
	f := newRefuser(t)
	var crowd sync.WaitGroup
	for person := range 4 {
		crowd.Go(func() {
			for i := range 400 {
				r := httptest.NewRequest("GET", "/", nil)
				want := i % 2
				r.Header.Set("Accept-Language", fmt.Sprintf("%s;q=0.9,x-%d-%d", [...]string{"en", "pt"}[want], person, i))
				if first, again := f.texts.language(r), f.texts.language(r); first != want || again != want {
					t.Errorf("%s: %d, then %d", r.Header, first, again)
				}
			}
		})
	}
	crowd.Wait()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Language", "pt"+strings.Repeat(",de", 100))
	if f.texts.language(r) != 1 || len(f.texts.asked) == 0 || len(f.texts.asked) > mostRemembered {
		t.Errorf("%d are remembered", len(f.texts.asked))
	}
	for accept := range f.texts.asked {
		if len(accept) > maxRemembered {
			t.Errorf("%d bytes are remembered", len(accept))
		}
	}
}
