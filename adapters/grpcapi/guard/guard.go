// Package guard protects a Go service's gRPC methods: whoever passes is in the call's context, and whoever does not is
// answered with the statuses that porteiro itself answers. It asks an application.Gate about every call, near (the core
// in the same process) or far (the client of a transport), keeps nothing, and lets nobody in without a yes.
package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/porteiro/porteiro/adapters/grpcapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Config is whom a guard asks, and its settings.
type Config struct {
	Gate    application.Gate // required
	Logger  *slog.Logger     // required: failures go there, once, and never a secret
	Timeout time.Duration    // bounds the asking, and not the call; default 5 seconds. Past it Unavailable

	// Roles says who may call what: any of the roles. A name is a method, "/orders.v1.Orders/Cancel", or a whole service,
	// "/orders.v1.Orders/"; the method's own rule comes before its service's. What has no rule is for everybody who is
	// signed in.
	Roles map[string][]domain.Role

	// Exempt are the methods and services, named likewise, that anybody may call: "/grpc.health.v1.Health/" for those who
	// ask whether the server is well, "/grpc.reflection.v1.ServerReflection/" for tools. Their calls have no identity.
	Exempt []string
}

// Guard protects the methods of a server by its interceptors. It is safe for concurrent use.
type Guard struct {
	gate    application.Gate
	log     *slog.Logger
	timeout time.Duration
	rules   map[string]rule
}

// New returns a guard, or an error that names what is missing or cannot be.
func New(c Config) (*Guard, error) {
	switch {
	case c.Gate == nil:
		return nil, errors.New("guard: a Gate is needed")
	case c.Logger == nil:
		return nil, errors.New("guard: a Logger is needed")
	case c.Timeout < 0:
		return nil, fmt.Errorf("guard: a timeout of %v lets nobody in", c.Timeout)
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	rules, err := rulesOf(c)
	if err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	return &Guard{c.Gate, c.Logger, c.Timeout, rules}, nil
}

// Unary guards the calls of one request and one answer: grpc.ChainUnaryInterceptor(g.Unary).
func (g *Guard) Unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	ctx, err := g.admit(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return next(ctx, request)
}

// Stream guards streams: grpc.ChainStreamInterceptor(g.Stream). A stream is asked about when it begins: one that goes on
// after a logout is the service's to end.
func (g *Guard) Stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	ctx, err := g.admit(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	return next(server, admitted{stream, ctx})
}

// admitted is a stream whose context has the identity.
type admitted struct {
	grpc.ServerStream
	ctx context.Context
}

func (a admitted) Context() context.Context { return a.ctx }

// admit returns the context of a call that may pass, or the status that refuses it.
func (g *Guard) admit(ctx context.Context, method string) (context.Context, error) {
	rule := g.rule(method)
	if rule.exempt {
		return ctx, nil
	}
	asking := named(ctx)
	id, err := g.identify(asking, rule.anyOf)
	if err != nil {
		return nil, g.refuse(asking, method, err)
	}
	return application.WithIdentity(ctx, id), nil
}

func (g *Guard) identify(ctx context.Context, anyOf []domain.Role) (application.Identity, error) {
	token, err := wire.Bearer(metadata.ValueFromIncomingContext(ctx, wire.Authorization))
	if err != nil {
		return application.Identity{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	id, err := g.gate.Authorize(ctx, token, anyOf...)
	if err == nil && id.User == "" {
		err = fmt.Errorf("%w: the gate said yes to nobody", domain.Unavailable)
	}
	return id, err
}

// named gives the call the name that porteiro would, unless what is before the guard has named it: the events of a gate
// that is near, the log and the answer then have the same.
func named(ctx context.Context) context.Context {
	origin := application.OriginOf(ctx)
	if origin.RequestID != "" {
		return ctx
	}
	given := ""
	if values := metadata.ValueFromIncomingContext(ctx, wire.RequestID); len(values) > 0 {
		given = values[0]
	}
	origin.RequestID = application.RequestID(given)
	return application.WithOrigin(ctx, origin)
}

// refuse turns an error into its status, and logs what is a fault of the service's; a caller that left before the answer
// is nobody's.
func (g *Guard) refuse(ctx context.Context, method string, err error) error {
	id := application.OriginOf(ctx).RequestID
	_ = grpc.SetHeader(ctx, metadata.Pairs(wire.RequestID, id)) // an error is that something was sent already; the status has it too
	told, refused := wire.Refuse(err, id)
	gone := errors.Is(context.Cause(ctx), context.Canceled)
	if (!refused || errors.Is(err, domain.Unavailable)) && !gone {
		g.log.LogAttrs(ctx, slog.LevelWarn, "call failed", slog.String("request_id", id), slog.String("method", method),
			slog.String("code", status.Code(told).String()), slog.String("error", err.Error()))
	}
	return told
}
