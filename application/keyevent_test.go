package application_test

import (
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// T099: what is done to the keys by hand is one event each, by whoever runs the service; what nodes do by themselves is none.
func TestKeyEvents(t *testing.T) {
	r := &recorder{}
	s := newKeyStage(t, application.KeyRingDeps{Events: r})
	ctx := application.WithOrigin(t.Context(), application.Origin{Actor: "command line: root"})
	retire := func(id string, inUse bool) func() error {
		return func() error { return s.Retire(ctx, id, inUse) }
	}
	rotate := func(purpose domain.Kind, algorithm string) func() error {
		return func() error { _, err := s.Rotate(ctx, purpose, algorithm); return err }
	}
	s.begin()
	s.tend(0)
	if heard := r.heard(); len(heard) != 0 {
		t.Errorf("nodes by themselves: got %+v", heard)
	}
	for _, c := range []struct {
		do              func() error
		outcome, detail string
	}{
		{retire("access-01", true), "request_invalid", "retire access-01"},
		{retire("hunter2", true), "not_found", "retire"},
		{rotate(domain.Access, ""), "ok", "rotate access: access-03, EdDSA"},
		{rotate(domain.Access, "none"), "request_invalid", "rotate access"},
		{retire("access-01", true), "ok", "retire access-01"},
		{func() error { s.store.broken = errBroken; return rotate(domain.Refresh, "")() }, "unavailable", "rotate refresh"},
	} {
		s.now = s.now.Add(time.Second)
		err := c.do()
		heard := r.heard()
		if len(heard) != 1 {
			t.Errorf("%s: got %+v, want one event", c.detail, heard)
			continue
		}
		e := heard[0]
		if e.Name != application.EventKeys || e.Outcome != c.outcome || e.Detail != c.detail || e.Actor != "command line: root" ||
			!e.Time.Equal(domain.Instant(s.now)) || (err == nil) != (c.outcome == application.Done) {
			t.Errorf("%s: got %+v, %v", c.detail, e, err)
		}
	}
}
