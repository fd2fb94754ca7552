package grpcapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/porteiro/porteiro/adapters/grpcapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// surround gives every call a name, an origin and a deadline, turns errors into statuses, and lets no panic out.
type surround struct {
	Config
	stopping <-chan struct{}
	few      application.Few[string]
}

func (s *surround) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (answer any, err error) {
	o := s.origin(ctx)
	ctx, cancel := context.WithTimeout(application.WithOrigin(ctx, o), s.RequestTimeout)
	defer cancel()
	_ = grpc.SetHeader(ctx, metadata.Pairs(wire.RequestID, o.RequestID)) // nothing was sent yet, so it is never too late
	defer func() {
		if p := recover(); p != nil {
			s.panicked(ctx, info.FullMethod, p)
			answer, err = nil, wire.Internal(o.RequestID)
		}
	}()
	if !understood(request) {
		return nil, s.refuse(ctx, info.FullMethod, domain.RequestInvalid)
	}
	if answer, err = next(ctx, request); err != nil {
		return nil, s.refuse(ctx, info.FullMethod, err)
	}
	return answer, nil
}

// refuse is the one way to say no: the refusal in err as a status, and a line in the log when it is the service's fault.
// A client that left before the answer is nobody's; of what there was no time for, or no store, a few of each kind are
// logged, and left_out says how many were not since.
func (s *surround) refuse(ctx context.Context, method string, err error) error {
	told, refused := wire.Refuse(err, application.OriginOf(ctx).RequestID)
	if refused && !errors.Is(err, domain.Unavailable) || errors.Is(context.Cause(ctx), context.Canceled) {
		return told
	}
	why, before := err.Error(), slog.Attr{} // which no handler shows
	if refused {
		leftOut, taken := s.few.Take(s.Clock(), why)
		if !taken {
			return told
		}
		if leftOut > 0 {
			before = slog.Int("left_out", leftOut)
		}
	}
	s.log(ctx, slog.LevelWarn, "call failed", method, slog.String("code", status.Code(told).String()), slog.String("error", why), before)
	return told
}

// panicked logs a panic. The value may quote what the client sent; the stack does not.
func (s *surround) panicked(ctx context.Context, method string, p any) {
	s.log(ctx, slog.LevelError, "panic", method, slog.String("type", fmt.Sprintf("%T", p)), slog.String("stack", string(debug.Stack())))
}

func (s *surround) log(ctx context.Context, level slog.Level, what, method string, more ...slog.Attr) {
	o := application.OriginOf(ctx)
	attrs := []slog.Attr{slog.String("request_id", o.RequestID), slog.String("method", method), slog.String("ip", o.IP)}
	s.Logger.LogAttrs(ctx, level, what, append(attrs, more...)...)
}

// stream ends a stream when the server stops: a watch and a reflection go on for as long as the client likes, and
// nothing is lost with them.
func (s *surround) stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	done := make(chan error, 1)
	go func() {
		err := wire.Internal("")
		defer func() {
			if p := recover(); p != nil {
				s.panicked(stream.Context(), info.FullMethod, p)
			}
			done <- err
		}()
		err = next(server, stream)
	}()
	select {
	case err := <-done:
		return err
	case <-s.stopping:
		return status.Error(codes.Unavailable, "the server stops")
	}
}

// origin is where a call comes from. Only what the peer's own address is, and what trusted proxies say, counts.
func (s *surround) origin(ctx context.Context) application.Origin {
	o := application.Origin{
		UserAgent: application.UserAgent(first(ctx, "user-agent")), RequestID: application.RequestID(first(ctx, wire.RequestID)),
	}
	var from netip.Addr
	if p, found := peer.FromContext(ctx); found {
		if tcp, is := p.Addr.(*net.TCPAddr); is {
			from = tcp.AddrPort().Addr()
		}
	}
	var forwarded []string
	if len(s.TrustedProxies) > 0 {
		forwarded = metadata.ValueFromIncomingContext(ctx, "x-forwarded-for")
	}
	o.IP = s.TrustedProxies.Address(from, forwarded...)
	return o
}

func first(ctx context.Context, name string) string {
	if values := metadata.ValueFromIncomingContext(ctx, name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// token takes the token out of the metadata.
func token(ctx context.Context) (string, error) {
	return wire.Bearer(metadata.ValueFromIncomingContext(ctx, wire.Authorization))
}
