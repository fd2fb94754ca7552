package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// query is what is measured of the reads of standing that requests share.
type query struct{ size, took prometheus.Observer }

func newQuery(registry *prometheus.Registry) query {
	size := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "porteiro_standings_batch_sessions", Help: "How many sessions one query of standings asked about.",
		Buckets: prometheus.ExponentialBuckets(1, 2, 10),
	})
	took := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "porteiro_standings_query_duration_seconds", Help: "How long queries of standings took, those that failed too.", Buckets: seconds(),
	})
	registry.MustRegister(size, took)
	return query{size, took}
}

// Standings returns standings that answer what the others do, and are measured: what many requests share, where it
// stands behind that.
func (m *Metrics) Standings(next application.Standings) application.Standings {
	return &standings{next, m.standings}
}

type standings struct {
	next application.Standings
	query
}

func (s *standings) Standings(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
	s.size.Observe(float64(len(ids)))
	defer since(s.took, time.Now())
	return s.next.Standings(ctx, ids...)
}

func since(o prometheus.Observer, start time.Time) { o.Observe(time.Since(start).Seconds()) }

func newAttempts(registry *prometheus.Registry) prometheus.Observer {
	took := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "porteiro_attempts_count_duration_seconds", Help: "How long counting tries at passwords took, waiting for others who count the same included.",
		Buckets: seconds(),
	})
	registry.MustRegister(took)
	return took
}

// Attempts returns attempts that count as the others do, and are timed. What they refuse is an outcome of decisions.
func (m *Metrics) Attempts(next application.Attempts) application.Attempts {
	return &attempts{next, m.attempts}
}

type attempts struct {
	application.Attempts
	took prometheus.Observer
}

func (a *attempts) Count(ctx context.Context, buckets []string, f func(empty []time.Time) []time.Time) error {
	defer since(a.took, time.Now())
	return a.Attempts.Count(ctx, buckets, f)
}

// hashing is what is measured of passwords.
type hashing struct {
	hash, verify prometheus.Observer
	refused      prometheus.Counter
}

func newHashing(registry *prometheus.Registry) hashing {
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "porteiro_hashing_duration_seconds", Help: "How long passwords took, waiting for a slot included; those that got none are left out.",
		Buckets: seconds(),
	}, []string{"work"})
	refused := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "porteiro_hashing_refused_total", Help: "Passwords that were not looked at because the queue for a slot was full, or the process that works on them was gone.",
	})
	registry.MustRegister(took, refused)
	return hashing{took.WithLabelValues("hash"), took.WithLabelValues("verify"), refused}
}

// Passwords returns passwords that answer what the others do, and are measured.
func (m *Metrics) Passwords(next application.Passwords) application.Passwords {
	return &passwords{next, m.hashing}
}

type passwords struct {
	next application.Passwords
	hashing
}

func (p *passwords) Hash(ctx context.Context, password string) (string, error) {
	start := time.Now()
	hash, err := p.next.Hash(ctx, password)
	p.end(ctx, p.hash, start, err)
	return hash, err
}

func (p *passwords) Verify(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	start := time.Now()
	ok, stale, err = p.next.Verify(ctx, password, hash)
	p.end(ctx, p.verify, start, err)
	return ok, stale, err
}

// Place is refused as Hash and Verify are, and takes no time.
func (p *passwords) Place(ctx context.Context) (context.Context, func(), error) {
	places, ok := p.next.(application.Places)
	if !ok {
		return ctx, func() {}, nil
	}
	held, leave, err := places.Place(ctx)
	if err != nil && ctx.Err() == nil {
		p.refused.Inc()
	}
	return held, leave, err
}

// end tells a queue that was full, or a process that was gone, from a caller whose time was up while it waited: only the
// latter's context has ended.
func (p *passwords) end(ctx context.Context, took prometheus.Observer, start time.Time, err error) {
	switch {
	case err == nil:
		since(took, start)
	case ctx.Err() == nil:
		p.refused.Inc()
	}
}
