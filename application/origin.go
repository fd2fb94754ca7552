package application

import "context"

// Origin is where a request came from. A server's transport puts it into the context; what a client says of itself is
// not believed.
type Origin struct {
	IP        string
	UserAgent string
	RequestID string
	Actor     string // who asks, when it is not a client: whoever runs the service names themselves for the events
}

type originKey struct{}

// WithOrigin returns a context that carries the origin.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns the origin that the context carries, or an empty one.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}
