package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/porteiro/porteiro/adapters/grpcapi/internal/wire"
	"github.com/porteiro/porteiro/domain"
)

// Every refusal has a status, and is the same refusal on the far side.
func TestEveryRefusalHasItsStatus(t *testing.T) {
	for refusal, code := range map[domain.Refusal]codes.Code{
		domain.InvalidCredentials: codes.Unauthenticated, domain.InvalidClient: codes.Unauthenticated, domain.TokenMissing: codes.Unauthenticated, domain.TokenInvalid: codes.Unauthenticated,
		domain.TokenExpired: codes.Unauthenticated, domain.TokenRevoked: codes.Unauthenticated, domain.TokenReused: codes.Unauthenticated,
		domain.SessionExpired: codes.Unauthenticated, domain.InsufficientRole: codes.PermissionDenied, domain.EmailTaken: codes.AlreadyExists,
		domain.EmailInvalid: codes.InvalidArgument, domain.PasswordWeak: codes.InvalidArgument, domain.RegistrationClosed: codes.PermissionDenied,
		domain.TooManyAttempts: codes.ResourceExhausted, domain.CrossSite: codes.PermissionDenied, domain.RequestInvalid: codes.InvalidArgument,
		domain.NotFound: codes.NotFound, domain.MethodNotAllowed: codes.Unimplemented, domain.MediaType: codes.InvalidArgument,
		domain.BodyTooLarge: codes.ResourceExhausted, domain.Unavailable: codes.Unavailable,
	} {
		told, refused := wire.Refuse(fmt.Errorf("a secret: %w", refusal), "name")
		back, found := wire.Refusal(told)
		if !refused || !found || !errors.Is(back, refusal) || status.Code(told) != code || strings.Contains(told.Error(), "secret") {
			t.Errorf("%s: %v, %v", refusal, told, back)
		}
		told, _ = wire.Refuse(&domain.Denied{Refusal: refusal, RetryAfter: 1500 * time.Millisecond, Field: "email"}, "name")
		var denied *domain.Denied
		back, _ = wire.Refusal(told)
		if !errors.As(back, &denied) || *denied != (domain.Denied{Refusal: refusal, RetryAfter: 2 * time.Second, Field: "email"}) {
			t.Errorf("%s with more: %+v", refusal, back)
		}
	}
}

// However long somebody is to wait, it is never less than nothing.
func TestRetryAfterIsBounded(t *testing.T) {
	for _, c := range []struct{ told, want time.Duration }{
		{-1 << 62, 0}, {3 * time.Second, 3 * time.Second}, {1<<63 - 1, (1<<31 - 1) * time.Second},
	} {
		s, err := status.New(codes.ResourceExhausted, "").WithDetails(
			&errdetails.ErrorInfo{Reason: string(domain.TooManyAttempts), Domain: wire.Domain}, &errdetails.RetryInfo{RetryDelay: durationpb.New(c.told)},
		)
		if err != nil {
			t.Fatal(err)
		}
		var denied *domain.Denied
		back, _ := wire.Refusal(s.Err())
		if errors.As(back, &denied); !errors.Is(back, domain.TooManyAttempts) || (denied != nil) != (c.want > 0) || denied != nil && denied.RetryAfter != c.want {
			t.Errorf("%v: %v, %+v", c.told, back, denied)
		}
	}
}

// What is no refusal says nothing of what it is, and is none on the far side.
func TestFaultsAreInternal(t *testing.T) {
	for _, err := range []error{errors.New("hunter2"), domain.Refusal("hunter2"), status.Error(codes.NotFound, "hunter2")} {
		told, refused := wire.Refuse(err, "name")
		if refused || status.Code(told) != codes.Internal || strings.Contains(fmt.Sprint(status.Convert(told).Proto()), "hunter2") {
			t.Errorf("%v: %v", err, status.Convert(told).Proto())
		}
		if back, found := wire.Refusal(told); found {
			t.Errorf("%v is a refusal on the far side: %v", err, back)
		}
	}
}

// Bad or good, there is one way to send a token.
func TestBearer(t *testing.T) {
	for _, c := range []struct {
		values []string
		token  string
		err    error
	}{
		{nil, "", domain.TokenMissing},
		{[]string{""}, "", domain.TokenMissing},
		{[]string{"Bearer a.b.c"}, "a.b.c", nil},
		{[]string{"bearer a.b.c"}, "a.b.c", nil},
		{[]string{"BEARER  a"}, " a", nil}, // which is no token, and the reader says so
		{[]string{"Bearer"}, "", domain.RequestInvalid},
		{[]string{"Bearer "}, "", domain.RequestInvalid},
		{[]string{"Basic YTpi"}, "", domain.TokenMissing},
		{[]string{"a.b.c"}, "", domain.TokenMissing},
		{[]string{"Bearera.b.c"}, "", domain.TokenMissing},
		{[]string{"Bearer a", "Bearer a"}, "", domain.RequestInvalid},
		{[]string{"Bearer a", ""}, "", domain.RequestInvalid},
	} {
		if token, err := wire.Bearer(c.values); token != c.token || !errors.Is(err, c.err) {
			t.Errorf("%q: %q, %v; want %q, %v", c.values, token, err, c.token, c.err)
		}
	}
}
