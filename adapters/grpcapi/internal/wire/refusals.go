package wire

import (
	"errors"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/porteiro/porteiro/domain"
)

// Domain is that of the ErrorInfo of a refusal.
const Domain = "porteiro"

type refusalRow struct {
	code       codes.Code
	retryAfter time.Duration // that is told where the refusal tells none; whole seconds
}

// refusals is the one table from a refusal to its status. It never changes.
var refusals = map[domain.Refusal]refusalRow{
	domain.InvalidCredentials: {codes.Unauthenticated, 0},
	domain.InvalidClient:      {codes.Unauthenticated, 0},
	domain.TokenMissing:       {codes.Unauthenticated, 0},
	domain.TokenInvalid:       {codes.Unauthenticated, 0},
	domain.TokenExpired:       {codes.Unauthenticated, 0},
	domain.TokenRevoked:       {codes.Unauthenticated, 0},
	domain.TokenReused:        {codes.Unauthenticated, 0},
	domain.SessionExpired:     {codes.Unauthenticated, 0},
	domain.InsufficientRole:   {codes.PermissionDenied, 0},
	domain.EmailTaken:         {codes.AlreadyExists, 0},
	domain.EmailInvalid:       {codes.InvalidArgument, 0},
	domain.PasswordWeak:       {codes.InvalidArgument, 0},
	domain.RegistrationClosed: {codes.PermissionDenied, 0},
	domain.TooManyAttempts:    {codes.ResourceExhausted, time.Second},
	domain.CrossSite:          {codes.PermissionDenied, 0},
	domain.RequestInvalid:     {codes.InvalidArgument, 0},
	domain.NotFound:           {codes.NotFound, 0},
	domain.MethodNotAllowed:   {codes.Unimplemented, 0},
	domain.MediaType:          {codes.InvalidArgument, 0},
	domain.BodyTooLarge:       {codes.ResourceExhausted, 0}, // as gRPC itself says of a message that is too large
	domain.Unavailable:        {codes.Unavailable, time.Second},
}

// Internal is what a fault of the service itself looks like from outside. It is no refusal: the far side takes it for
// what it takes everything that it does not know.
func Internal(requestID string) error {
	return withDetails(status.New(codes.Internal, "internal error"), requestInfo(requestID))
}

// Refuse turns the refusal in an error into a status. Nothing but the refusal and what it carries goes over the wire;
// refused is false for an error that has none in it, and the status is Internal then.
func Refuse(err error, requestID string) (told error, refused bool) {
	var refusal domain.Refusal
	if !errors.As(err, &refusal) {
		return Internal(requestID), false
	}
	row, known := refusals[refusal]
	if !known {
		return Internal(requestID), false
	}
	var denied *domain.Denied
	if !errors.As(err, &denied) {
		denied = &domain.Denied{Refusal: refusal}
	}
	details := []protoadapt.MessageV1{
		&errdetails.ErrorInfo{Reason: string(refusal), Domain: Domain},
	}
	if wait := max(wholeSeconds(denied.RetryAfter), row.retryAfter); wait > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(wait)})
	}
	message := string(refusal)
	if denied.Field != "" {
		message += ": " + denied.Field
		details = append(details, &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: denied.Field, Description: string(refusal)},
		}})
	}
	return withDetails(status.New(row.code, message), append(details, requestInfo(requestID))...), true
}

// wholeSeconds is never less: whoever waits for it has waited for long enough.
func wholeSeconds(d time.Duration) time.Duration {
	return (max(d, 0) + time.Second - 1).Truncate(time.Second)
}

func requestInfo(id string) protoadapt.MessageV1 { return &errdetails.RequestInfo{RequestId: id} }

func withDetails(s *status.Status, details ...protoadapt.MessageV1) error {
	if full, err := s.WithDetails(details...); err == nil { // it always is: none of them is nil
		return full.Err()
	}
	return s.Err()
}

// mostWait is the longest that is believed, as over HTTP: there is room in a duration to round it up.
const mostWait = (1<<31 - 1) * time.Second

// Refusal reads what Refuse wrote. found is false for a status that is none of ours.
func Refusal(err error) (refusal error, found bool) {
	s, isStatus := status.FromError(err)
	if !isStatus {
		return nil, false
	}
	var denied domain.Denied
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			if d.GetDomain() == Domain {
				denied.Refusal = domain.Refusal(d.GetReason())
			}
		case *errdetails.RetryInfo:
			denied.RetryAfter = min(max(d.GetRetryDelay().AsDuration(), 0), mostWait)
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				denied.Field = v.GetField()
			}
		}
	}
	switch {
	case !denied.Refusal.Known():
		return nil, false
	case denied.RetryAfter == 0 && denied.Field == "":
		return denied.Refusal, true
	}
	return &denied, true
}
