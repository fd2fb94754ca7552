package httpapi_test

import "testing"

// Whatever has no route of its own is answered by the handler, as net/http would not: T078.
func TestOptionsOfTheServer(t *testing.T) {
	response := raw(t, newAPI(t), "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
	if response.StatusCode != 404 || response.Header.Get("X-Request-Id") == "" || response.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
}
