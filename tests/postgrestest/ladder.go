package postgrestest

import (
	"errors"
	"fmt"
	"testing"
)

// errAbsent is a PostgreSQL that is not there and that nobody insisted on: the test is skipped.
var errAbsent = errors.New("no PostgreSQL for this test: install it (apt-get install postgresql, brew install postgresql), " +
	"start Docker, or set PORTEIRO_TEST_POSTGRES_URL")

// wishes is what the environment asks for.
type wishes struct {
	url      string
	mode     string
	required bool
}

func wishesOf(getenv func(string) string) wishes {
	return wishes{
		url:      getenv("PORTEIRO_TEST_POSTGRES_URL"),
		mode:     getenv("PORTEIRO_TEST_POSTGRES_MODE"),
		required: getenv("PORTEIRO_REQUIRE_POSTGRES") == "1",
	}
}

// rungs are the ways to a server. Each is tried only when those above it have declined, for a try may start something.
type rungs struct {
	url    func(url string) (*server, error)
	docker func() (*server, error)
	local  func() (*server, error)
}

// climb returns the first server that serves. The error is errAbsent where a test may be skipped, and names what each
// rung lacks.
func (r rungs) climb(w wishes) (*server, error) {
	switch {
	case w.mode == "docker":
		return forced(w.mode, r.docker)
	case w.mode == "local":
		return forced(w.mode, r.local)
	case w.mode != "":
		return nil, fmt.Errorf("PORTEIRO_TEST_POSTGRES_MODE=%s: it is docker or local", w.mode)
	case w.url != "":
		s, err := r.url(w.url)
		if err != nil {
			return nil, fmt.Errorf("PORTEIRO_TEST_POSTGRES_URL: %w", err)
		}
		return s, nil
	}
	s, docker := r.docker()
	if docker == nil {
		return s, nil
	}
	s, local := r.local()
	if local == nil {
		s.rung += fmt.Sprintf(" (docker: %v)", docker)
		return s, nil
	}
	return nil, absent(w, fmt.Errorf("docker: %v; local: %v", docker, local))
}

func forced(mode string, open func() (*server, error)) (*server, error) {
	s, err := open()
	if err != nil {
		return nil, fmt.Errorf("PORTEIRO_TEST_POSTGRES_MODE=%s: %w", mode, err)
	}
	return s, nil
}

// absent turns the reason into an error that skips, or that fails where PostgreSQL is required.
func absent(w wishes, reason error) error {
	if w.required {
		return fmt.Errorf("PORTEIRO_REQUIRE_POSTGRES=1: %v (%w)", errAbsent, reason)
	}
	return fmt.Errorf("%w (%v)", errAbsent, reason)
}

// giveUp skips the test when PostgreSQL is merely absent, and fails it otherwise.
func giveUp(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errAbsent) {
		t.Skip(err)
	}
	t.Fatal(err)
}
