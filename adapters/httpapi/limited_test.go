package httpapi

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

type key struct{}

// Each is done to a context of a second, and says what that context, and all that is derived from it, has ended with.
func TestLimitedEnds(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(endParent, end context.CancelFunc)
		want error
		at   time.Duration
	}{
		"its time":         {func(_, _ context.CancelFunc) { time.Sleep(time.Minute) }, context.DeadlineExceeded, time.Second},
		"the request's":    {func(endParent, _ context.CancelFunc) { time.Sleep(time.Second / 2); endParent() }, context.Canceled, time.Second / 2},
		"of the answer":    {func(_, end context.CancelFunc) { time.Sleep(time.Second / 2); end(); end() }, context.Canceled, time.Second / 2},
		"before it began":  {func(endParent, _ context.CancelFunc) { endParent() }, context.Canceled, 0},
		"answered at once": {func(_, end context.CancelFunc) { end() }, context.Canceled, 0},
	} {
		for waits, waiter := range map[string]func(context.Context, context.CancelFunc){
			"nobody": func(context.Context, context.CancelFunc) {},
			"waits":  func(ctx context.Context, told context.CancelFunc) { go func() { <-ctx.Done(); told() }() },
			"func":   func(ctx context.Context, told context.CancelFunc) { context.AfterFunc(ctx, told) },
			"derived": func(ctx context.Context, told context.CancelFunc) {
				child, cancel := context.WithCancel(ctx)
				go func() { defer cancel(); <-child.Done(); told() }()
			},
			"patient": func(ctx context.Context, told context.CancelFunc) {
				child, cancel := context.WithTimeout(context.WithValue(ctx, key{}, 2), time.Hour)
				go func() { defer cancel(); <-child.Done(); told() }()
			},
		} {
			t.Run(name+", "+waits, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					parent, endParent := context.WithCancel(context.WithValue(t.Context(), key{}, 1))
					defer endParent()
					start := time.Now()
					ctx := within(parent, time.Second)
					defer ctx.end()
					var told time.Duration = -1
					waiter(ctx, func() { told = time.Since(start) })
					synctest.Wait()
					if err := ctx.Err(); err != nil || ctx.Value(key{}) != 1 {
						t.Errorf("before: %v, %v", err, ctx.Value(key{}))
					}
					c.do(endParent, ctx.end)
					synctest.Wait()
					if !errors.Is(ctx.Err(), c.want) {
						t.Errorf("Err is %v, want %v", ctx.Err(), c.want)
					}
					select {
					case <-ctx.Done():
					default:
						t.Error("it is not done")
					}
					if !errors.Is(ctx.Err(), c.want) || ctx.Value(key{}) != 1 || !errors.Is(context.Cause(ctx), c.want) {
						t.Errorf("afterwards Err is %v, its cause %v, its value %v", ctx.Err(), context.Cause(ctx), ctx.Value(key{}))
					}
					if waits != "nobody" && told != c.at {
						t.Errorf("it was told after %v, want %v", told, c.at)
					}
				})
			})
		}
	}
}

func TestLimitedKeepsAnEarlierDeadline(t *testing.T) {
	parent, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	want, _ := parent.Deadline()
	ctx := within(parent, time.Hour)
	defer ctx.end()
	if got, has := ctx.Deadline(); !has || !got.Equal(want) {
		t.Errorf("%v, %v, want %v", got, has, want)
	}
}
