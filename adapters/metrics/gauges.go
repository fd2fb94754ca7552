package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/porteiro/porteiro/domain"
)

// gauges are what is asked for with every scrape, and never in between.
type gauges struct {
	c Config

	slots, queue, working, waiting   *prometheus.Desc
	connections, most, waits, waited *prometheus.Desc
	keys, activeFrom, looked         *prometheus.Desc
}

func newGauges(c Config) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("porteiro_"+name, help, labels, nil)
	}
	return &gauges{
		c:       c,
		slots:   desc("hashing_slots", "How many passwords may be worked on at once."),
		queue:   desc("hashing_queue_limit", "How many passwords may wait for a slot."),
		working: desc("hashing_working", "How many passwords are worked on."),
		waiting: desc("hashing_waiting", "How many passwords wait for a slot."),

		connections: desc("database_connections", "Connections to the database by pool and state: in_use or idle.", "pool", "state"),
		most:        desc("database_connections_limit", "How many connections each pool may have.", "pool"),
		waits:       desc("database_waits_total", "How often a request waited for a connection.", "pool"),
		waited:      desc("database_wait_seconds_total", "How long requests waited for a connection, all together.", "pool"),

		keys:       desc("signing_keys", "Signing keys by what they sign and their state: next, signing, verifying or retired.", "purpose", "state"),
		activeFrom: desc("signing_key_active_timestamp_seconds", "When the key that signs now began to.", "purpose"),
		looked:     desc("signing_keys_looked_at_timestamp_seconds", "When this node last saw the signing keys in the database."),
	}
}

// Describe is prometheus.Collector's.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		g.slots, g.queue, g.working, g.waiting, g.connections, g.most, g.waits, g.waited, g.keys, g.activeFrom, g.looked,
	} {
		to <- d
	}
}

// Collect is prometheus.Collector's.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	counter := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, value, labels...)
	}
	working, waiting := g.c.Busy()
	gauge(g.slots, float64(g.c.Slots))
	gauge(g.queue, float64(g.c.Queue))
	gauge(g.working, float64(working))
	gauge(g.waiting, float64(waiting))
	for pool, s := range g.c.Pools() {
		gauge(g.connections, float64(s.InUse), pool, "in_use")
		gauge(g.connections, float64(s.Idle), pool, "idle")
		gauge(g.most, float64(s.MaxOpenConnections), pool)
		counter(g.waits, float64(s.WaitCount), pool)
		counter(g.waited, s.WaitDuration.Seconds(), pool)
	}
	keys, at := g.c.Keys()
	gauge(g.looked, unix(at))
	now := g.c.Clock()
	for _, purpose := range []domain.Kind{domain.Access, domain.Refresh} {
		states := map[domain.KeyState]int{domain.KeyNext: 0, domain.KeySigning: 0, domain.KeyVerifying: 0, domain.KeyRetired: 0}
		for _, k := range keys {
			if k.Purpose != purpose {
				continue
			}
			state := domain.StateOf(k, keys, now)
			states[state]++
			if state == domain.KeySigning {
				gauge(g.activeFrom, unix(k.ActiveFrom), string(purpose))
			}
		}
		for state, n := range states {
			gauge(g.keys, float64(n), string(purpose), string(state))
		}
	}
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
