package guard_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/porteiro/porteiro/adapters/grpcapi/guard"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestWhoPassedIsInTheContext(t *testing.T) {
	for _, method := range []string{check, watch} {
		d := newDoor(t, func(c *guard.Config) { c.Timeout = time.Second })
		if err := d.call(t, method, "authorization", "Bearer A.B.C"); err != nil || len(d.in) != 1 {
			t.Fatalf("%s: %v, let in %d times", method, err, len(d.in))
		}
		if id, ok := application.IdentityOf(d.in[0]); !ok || cmp.Diff(ana(), id) != "" {
			t.Errorf("%s: the method sees %+v, %v", method, id, ok)
		}
		if end, bounded := d.in[0].Deadline(); !bounded || time.Until(end) < 10*time.Second {
			t.Errorf("%s: the time for asking bounds the method", method)
		}
		if want := [][]string{{"A.B.C"}}; cmp.Diff(want, d.asked) != "" {
			t.Errorf("%s: the gate was asked %q", method, d.asked)
		}
	}
}

// refused is what a status says: its code, and the reason, the field and the request's name of its details.
type refused struct {
	code              codes.Code
	reason, field, id string
	retry             time.Duration
}

func read(t *testing.T, err error) (r refused) {
	t.Helper()
	s := status.Convert(err)
	r.code = s.Code()
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			if r.reason = d.Reason; d.Domain != "porteiro" {
				t.Errorf("the domain is %q", d.Domain)
			}
		case *errdetails.RetryInfo:
			r.retry = d.RetryDelay.AsDuration()
		case *errdetails.BadRequest:
			r.field = d.FieldViolations[0].Field
		case *errdetails.RequestInfo:
			r.id = d.RequestId
		}
	}
	return r
}

func TestRefusals(t *testing.T) {
	for _, method := range []string{check, watch} {
		for _, c := range []struct {
			say  error
			want refused
		}{
			{domain.TokenInvalid, refused{code: codes.Unauthenticated, reason: "token_invalid"}},
			{domain.TokenExpired, refused{code: codes.Unauthenticated, reason: "token_expired"}},
			{fmt.Errorf("authorize: %w", domain.TokenRevoked), refused{code: codes.Unauthenticated, reason: "token_revoked"}},
			{domain.SessionExpired, refused{code: codes.Unauthenticated, reason: "session_expired"}},
			{domain.InsufficientRole, refused{code: codes.PermissionDenied, reason: "insufficient_role"}},
			{domain.Unavailable, refused{code: codes.Unavailable, reason: "unavailable", retry: time.Second}},
			{&domain.Denied{Refusal: domain.Unavailable, RetryAfter: 2500 * time.Millisecond}, refused{code: codes.Unavailable, reason: "unavailable", retry: 3 * time.Second}},
			{fmt.Errorf("%w: %w", domain.Unavailable, errors.New("dial tcp 10.1.2.3:5432")), refused{code: codes.Unavailable, reason: "unavailable", retry: time.Second}},
			{errors.New("dial tcp 10.1.2.3:5432"), refused{code: codes.Internal}},
		} {
			d := newDoor(t)
			d.err = c.say
			err := d.call(t, method, "authorization", "Bearer canary.token", "x-request-id", "the-request")
			c.want.id = "the-request"
			if got := read(t, err); got != c.want || len(d.in) != 0 {
				t.Errorf("%s: the gate says %v: %+v, want %+v; let in %d times", method, c.say, got, c.want, len(d.in))
			}
			log, failed := d.log.String(), c.want.code == codes.Unavailable || c.want.code == codes.Internal
			if strings.Contains(err.Error(), "10.1.2.3") || strings.Contains(log, "canary") || strings.Contains(log, "request_id=the-request") != failed {
				t.Errorf("the caller is told %v, and the log says %s", err, log)
			}
		}
	}
}

func TestTheTokenIsInOnePlace(t *testing.T) {
	missing := refused{code: codes.Unauthenticated, reason: "token_missing", id: "r"}
	malformed := refused{code: codes.InvalidArgument, reason: "request_invalid", field: "authorization", id: "r"}
	for _, method := range []string{check, watch} {
		for _, c := range []struct {
			metadata []string
			want     refused
		}{
			{nil, missing}, {[]string{"authorization", "Basic YTpi"}, missing}, {[]string{"authorization", "A.B.C"}, missing},
			{[]string{"authorization", ""}, missing}, {[]string{"token", "A.B.C"}, missing}, {[]string{"cookie", "__Host-access_token=A"}, missing},
			{[]string{"authorization", "Bearer"}, malformed}, {[]string{"authorization", "Bearer A", "authorization", "Bearer A"}, malformed},
		} {
			d := newDoor(t)
			got := read(t, d.call(t, method, append(c.metadata, "x-request-id", "r")...))
			if got != c.want || len(d.in) != 0 || len(d.asked) != 0 {
				t.Errorf("%s with %q: %+v, want %+v; let in %d times", method, c.metadata, got, c.want, len(d.in))
			}
		}
	}
}

func TestTheAskingIsBounded(t *testing.T) {
	for _, method := range []string{check, watch} {
		d := newDoor(t, func(c *guard.Config) { c.Timeout = time.Millisecond })
		d.wait = true
		if got := read(t, d.call(t, method, "authorization", "Bearer T")); got.code != codes.Unavailable || len(d.in) != 0 {
			t.Errorf("%s: %+v, let in %d times", method, got, len(d.in))
		}
	}
}

func TestAYesToNobodyIsNone(t *testing.T) {
	d := newDoor(t)
	d.id = application.Identity{}
	if got := read(t, d.call(t, check, "authorization", "Bearer T")); got.code != codes.Unavailable || len(d.in) != 0 {
		t.Errorf("%+v, let in %d times", got, len(d.in))
	}
}

// Whoever left before the answer is no failure of the service's.
func TestACallerWhoLeftIsNotLogged(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var log strings.Builder
	g, err := guard.New(guard.Config{Gate: leaving{leave: cancel}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Unary(metadata.NewIncomingContext(ctx, metadata.Pairs("authorization", "Bearer T")), nil, &grpc.UnaryServerInfo{FullMethod: check}, func(context.Context, any) (any, error) {
		t.Error("let in")
		return nil, nil
	})
	if status.Code(err) != codes.Unavailable || log.String() != "" {
		t.Errorf("%v, and the log says %s", err, &log)
	}
}
