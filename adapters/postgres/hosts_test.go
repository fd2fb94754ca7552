package postgres_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
)

// TestHostsShareTheTime: the last host has all that those before it left, also when it is asked twice.
func TestHostsShareTheTime(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	up, down, now := listener.Addr().String(), "127.0.0.1:1", time.Now()
	ctx, cancel := context.WithDeadline(t.Context(), now.Add(time.Hour))
	defer cancel()
	for _, c := range []struct {
		addresses []string
		want      time.Duration
	}{
		{[]string{up}, 20 * time.Minute},
		{[]string{up, up}, 20 * time.Minute},
		{[]string{down, up}, 30 * time.Minute},
		{[]string{down, "127.0.0.1:2", up}, time.Hour},
		{[]string{down, "127.0.0.1:2", up, up}, time.Hour},
	} {
		end, err := postgres.Until(ctx, now, 3, c.addresses...)
		if got := end.Sub(now); err != nil || got.Round(time.Second) != c.want {
			t.Errorf("of three hosts %q: %v, %v; want %v", c.addresses, got, err, c.want)
		}
	}
}
