package contract

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// row is one promise. The check is given a subject that nobody has touched, and returns what was seen instead.
type row[S any] struct {
	name  string
	why   string // the sentence that the row proves; a failure prints it
	check func(ctx context.Context, subject S) error
}

const (
	// patience bounds a row. It measures nothing: it makes a subject that hangs fail with the row's sentence.
	patience = 2 * time.Minute
	// grace is how long past its context a subject may take before the row is given up on.
	grace = 10 * time.Second
)

// run opens a fresh subject for each row and runs them side by side. It returns when all are done, so that the caller
// may tear down what open has built upon.
func run[S any](t *testing.T, group string, open func(t *testing.T) S, rows []row[S]) {
	t.Helper()
	t.Run(group, func(t *testing.T) {
		for _, r := range rows {
			t.Run(strings.ReplaceAll(r.name, " ", "_"), func(t *testing.T) {
				t.Parallel()
				if err := r.prove(t.Context(), open(t)); err != nil {
					t.Errorf("%s\nbut: %v", r.why, err)
				}
			})
		}
	})
}

// prove runs the check and comes back even when the check does not.
func (r row[S]) prove(ctx context.Context, subject S) error {
	return r.within(ctx, subject, patience, grace)
}

func (r row[S]) within(ctx context.Context, subject S, patience, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		err := errors.New("the test was ended while the row was running")
		defer func() { done <- err }() // also when open calls t.FailNow
		err = safely(func() error { return r.check(ctx, subject) })
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(grace):
		return errHangs
	}
}

var errHangs = errors.New("a call did not come back, long after its context had ended")

// safely makes an error of a panic, so that a subject that panics fails its row and no other.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
