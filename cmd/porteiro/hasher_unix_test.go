//go:build unix

package main

import (
	"testing"
	"time"
)

// What is spent is the processor time of this process: it grows with the work, and no faster than all processors could.
func TestSpentIsProcessorTime(t *testing.T) {
	before, start := spentHere(), time.Now()
	for n := 0; spentHere()-before < 30*time.Millisecond; n++ {
		if time.Since(start) > time.Minute {
			t.Fatalf("%v after a minute of work", spentHere()-before)
		}
	}
	before = spentHere()
	<-time.After(30 * time.Millisecond)
	if idle := spentHere() - before; idle > 25*time.Millisecond {
		t.Errorf("%v in 30 ms of waiting", idle)
	}
}
