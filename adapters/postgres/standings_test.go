package postgres_test

import (
	"fmt"
	"testing"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// BenchmarkStandings reads sessions of as many users out of 50,000, two of each.
func BenchmarkStandings(b *testing.B) {
	const users = 50_000
	url := postgrestest.URL(b)
	s := open(b, postgres.Config{URL: url})
	people(b, s, 1)
	exec(b, admin(b, url),
		fmt.Sprintf(`INSERT INTO users SELECT ('0196a0d0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'u' || n || '@example.com', password,
			login_time, login_time - interval '1 hour', 'logout', '{reader,writer}', created_at FROM users, generate_series(1, %d) n`, users),
		`INSERT INTO sessions SELECT overlay(u.id::text placing to_hex(k) from 1 for 1)::uuid, u.id, s.login_time, s.created_at, NULL, '', s.idle_until, s.until,
			0, s.refreshed_at, s.methods, s.user_agent, s.ip FROM users u, sessions s, generate_series(1, 2) k`,
		"VACUUM ANALYZE users", "VACUUM ANALYZE sessions")
	for _, n := range []int{1, 64, 256} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ids := make([]domain.SessionID, n)
			for i := range ids {
				ids[i] = domain.SessionID(fmt.Sprintf("1196a0d0-0000-7000-8000-%012x", 1+i*users/n))
			}
			b.ReportAllocs()
			for b.Loop() {
				found, err := s.Standings(b.Context(), ids...)
				if err != nil || len(found) != n {
					b.Fatalf("%d of %d, %v", len(found), n, err)
				}
			}
		})
	}
}
