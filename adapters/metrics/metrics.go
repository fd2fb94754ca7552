package metrics

import (
	"database/sql"
	"errors"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Metrics is what is known of one node. Make one with [New].
type Metrics struct {
	registry *prometheus.Registry

	operations map[string]*operation
	standings  query
	attempts   prometheus.Observer
	hashing    hashing
}

// Config is what a node is, and whom to ask how it is with every scrape. All of it is required.
type Config struct {
	Version string // of the binary
	Clock   application.Clock

	Slots, Queue int                              // how many passwords are worked on at once, and how many may wait
	Busy         func() (working, waiting int)    // how many are and do
	Keys         func() ([]domain.Key, time.Time) // the signing keys in force, and when they were last looked at
	Pools        func() map[string]sql.DBStats    // each pool of database connections by its name
}

// New returns metrics of which nothing is counted yet, or an error that names what is missing.
func New(c Config) (*Metrics, error) {
	switch {
	case c.Clock == nil:
		return nil, errors.New("metrics: a Clock is needed")
	case c.Busy == nil || c.Keys == nil || c.Pools == nil:
		return nil, errors.New("metrics: Busy, Keys and Pools are needed")
	}
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "porteiro_build_info", Help: "Which binary this is; always 1.",
	}, []string{"version", "goversion"})
	build.WithLabelValues(c.Version, runtime.Version()).Set(1)
	m.registry.MustRegister(build, newGauges(c))
	m.operations = newOperations(m.registry)
	m.standings = newQuery(m.registry)
	m.attempts = newAttempts(m.registry)
	m.hashing = newHashing(m.registry)
	return m, nil
}

// seconds are the bounds of what takes time here: a cached decision takes a fraction of a millisecond, a login some
// tens of them, and no request takes longer than its timeout, 5 seconds unless it is set.
func seconds() []float64 {
	return []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}
}
