package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// These are no events of their own.
const (
	sessionList = "session_list"
	introspect  = "introspection"
)

// abandoned is the outcome of what could not be decided because the caller had left: nobody's failure.
const abandoned = "abandoned"

// operation is what is counted of one use case. Its series are looked up once, and are there before anything happens:
// the first refresh token that is used again is then an increase, and not a series that begins at one.
type operation struct {
	took     prometheus.Observer
	done     prometheus.Counter
	outcomes map[string]prometheus.Counter
}

func newOperations(registry *prometheus.Registry) map[string]*operation {
	decisions := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "porteiro_decisions_total", Help: "Decisions by what was asked for and how it ended: ok, the code of a refusal, abandoned or panic.",
	}, []string{"operation", "outcome"})
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "porteiro_decision_duration_seconds", Help: "How long decisions took, however they ended.", Buckets: seconds(),
	}, []string{"operation"})
	registry.MustRegister(decisions, took)
	outcomes := []string{application.Done, application.Panicked, abandoned}
	for _, r := range domain.Refusals() {
		outcomes = append(outcomes, string(r))
	}
	all := map[string]*operation{}
	for _, name := range []string{
		application.EventLogin, application.EventRefresh, application.EventLogout, application.EventPass,
		application.EventRegister, application.EventPassword, application.EventEmail, application.EventDelete,
		sessionList, application.EventEnd, introspect, application.EventRevoke,
	} {
		o := &operation{took: took.WithLabelValues(name), outcomes: map[string]prometheus.Counter{}}
		for _, outcome := range outcomes {
			o.outcomes[outcome] = decisions.WithLabelValues(name, outcome)
		}
		o.done = o.outcomes[application.Done]
		all[name] = o
	}
	return all
}

// errPanicked is the error of a call that has not returned.
var errPanicked = errors.New("metrics: the call panicked")

// end counts a call that began at start. It is deferred, and takes the error by its place: that holds errPanicked until
// the call returns.
func (o *operation) end(ctx context.Context, start time.Time, err *error) {
	o.took.Observe(time.Since(start).Seconds())
	if *err == nil { // every request of every service comes by
		o.done.Inc()
		return
	}
	o.outcomes[outcome(ctx, *err)].Inc()
}

// outcome is one of a fixed set, whatever the error says.
func outcome(ctx context.Context, err error) string {
	if err == errPanicked {
		return application.Panicked
	}
	refusal, found := errors.AsType[domain.Refusal](err)
	if !found || !refusal.Known() {
		refusal = domain.Unavailable
	}
	if refusal == domain.Unavailable && errors.Is(context.Cause(ctx), context.Canceled) {
		return abandoned
	}
	return string(refusal)
}
