package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/client"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// What stands in between may answer in the service's place. None of it is a yes, and a logout that nobody carried out
// does not look done.
func TestAnAnswerOfSomebodyElseIsNone(t *testing.T) {
	calls := writes()
	for route, call := range reads() {
		calls[route] = call
	}
	for _, status := range []int{200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 429, 500, 502} {
		for _, body := range []string{
			"", "<html>Welcome to the hotel</html>", "{}", "null", "[]", `"yes"`, `{"ok":true}`, `{"code":"made_up"}`,
			`{"id":"","email":"","session":"","access_token":"","sessions":null,"msg":""}`, `{"id":"ana","email":"ana@example.com","session":"1"}`,
			`{"id":"018f0000-0000-7000-8000-000000000001","email":"","session":"018f0000-0000-7000-8000-000000000002"}`,
			`{"id":"018f0000-0000-7000-8000-000000000001","email":"ana@example.com","session":"018f0000-0000-7000-8000-00000000000"`,
		} {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				io.WriteString(w, body)
			})
			far := dial(t, client.Config{URL: server.URL})
			for route, call := range calls {
				if status == 204 && strings.HasPrefix(route, "DELETE ") {
					continue // that is the answer
				}
				if strings.HasPrefix(body, `{"id":"018f`) && (route == "POST /register" || route == "POST /me/email") && strings.Contains(body, "ana@") {
					continue
				}
				err := call(t.Context(), far)
				if err == nil {
					t.Errorf("%d %s: %s takes it for a success", status, body, route)
					continue
				}
				unavailable(t, route, err)
			}
			server.Close()
		}
	}
}

// An active token is of the one kind or the other, and says which: an answer that does not is no pass.
func TestAnActiveTokenSaysItsUse(t *testing.T) {
	by := application.Credentials{ID: "gate", Secret: "secret"}
	for _, use := range []string{``, `,"token_use":""`, `,"token_use":"id_token"`} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"active":true,"sub":"018f0000-0000-7000-8000-000000000001","sid":"018f0000-0000-7000-8000-000000000002"`+use+`}`)
		})
		_, err := dial(t, client.Config{URL: server.URL}).Introspect(t.Context(), by, "T")
		unavailable(t, "a token that is active"+use, err)
	}
}

// An answer without an end is read no further than any answer is long.
func TestAnswersAreBounded(t *testing.T) {
	const enough = 64 << 20
	for _, begin := range []string{passed, ""} {
		for _, status := range []int{200, 401} {
			sent := make(chan int, 1)
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				n, err := io.WriteString(w, begin)
				for err == nil && n < enough {
					var m int
					m, err = io.WriteString(w, strings.Repeat(" ", 1<<16))
					n += m
				}
				sent <- n
			})
			_, err := dial(t, client.Config{URL: server.URL}).Authorize(t.Context(), "A")
			unavailable(t, "an answer without an end", err)
			if n := <-sent; n >= enough {
				t.Errorf("%d bytes were taken", n)
			}
		}
	}
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		io.WriteString(w, passed)
	})
	_, err := dial(t, client.Config{URL: server.URL}).Authorize(t.Context(), "A")
	unavailable(t, "a header without an end", err)
}

// However long somebody is to wait, it is never less than nothing.
func TestRetryAfterIsBounded(t *testing.T) {
	const most = (1<<31 - 1) * time.Second
	for value, want := range map[string]time.Duration{
		"3": 3 * time.Second, "2147483647": most, "2147483648": most, "9223372037": most, "9999999999999999999999": most,
		"": 0, "0": 0, "-1": 0, "-9223372037": 0, "1.5": 0, "soon": 0, "Wed, 21 Oct 2026 07:28:00 GMT": 0,
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(http.StatusTooManyRequests)
			io.WriteString(w, `{"code":"too_many_attempts"}`)
		})
		_, err := dial(t, client.Config{URL: server.URL}).Login(t.Context(), "ana@example.com", "secret")
		var denied *domain.Denied
		if errors.As(err, &denied); !errors.Is(err, domain.TooManyAttempts) || (denied != nil) != (want > 0) || denied != nil && denied.RetryAfter != want {
			t.Errorf("Retry-After %q: %v, %+v; want %v", value, err, denied, want)
		}
	}
}

// A server that says nothing holds nobody, also when the context has no deadline.
func TestCallsAreBoundedInTime(t *testing.T) {
	end := make(chan struct{})
	server := serve(t, func(http.ResponseWriter, *http.Request) { <-end })
	defer close(end)
	far := dial(t, client.Config{URL: server.URL, Timeout: 20 * time.Millisecond})
	for route, call := range writes() {
		unavailable(t, route, call(t.Context(), far))
	}
}
