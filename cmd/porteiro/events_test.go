package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
)

func TestLogging(t *testing.T) {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.FixedZone("BRT", -3*60*60))
	for _, c := range []struct {
		logging
		says string
	}{
		{logging{"text", "info"}, "time=2026-03-04T15:00:00.000Z level=INFO msg=x\n"},
		{logging{"json", "debug"}, `{"time":"2026-03-04T15:00:00Z","level":"DEBUG","msg":"x"}` + "\n" + `{"time":"2026-03-04T15:00:00Z","level":"INFO","msg":"x"}` + "\n"},
		{logging{"json", "warn"}, ""},
	} {
		var b bytes.Buffer
		h, err := c.handler(&b)
		if err != nil {
			t.Fatal(err)
		}
		for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo} {
			if h.Enabled(t.Context(), level) {
				h.Handle(t.Context(), slog.NewRecord(noon, level, "x", 0))
			}
		}
		if b.String() != c.says {
			t.Errorf("%+v: got %q, want %q", c.logging, &b, c.says)
		}
	}
}

func TestOperated(t *testing.T) {
	actor := application.OriginOf(operated(context.Background())).Actor
	if name, found := strings.CutPrefix(actor, "command line: "); !found || name == "" {
		t.Errorf("got %q", actor)
	}
}
