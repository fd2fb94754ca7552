package grpcapi

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/porteiro/porteiro/adapters/grpcapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// strict has a service refuse a message that cannot be read, which gRPC would call a fault of the server, and one with a
// field that is unknown here: whoever asks for more than this server knows must not be answered as if they had not.
// Interceptors come too late for either.
func strict(d grpc.ServiceDesc) *grpc.ServiceDesc {
	d.Methods = slices.Clone(d.Methods)
	for i, m := range d.Methods {
		d.Methods[i].Handler = func(server any, ctx context.Context, decode func(any) error, around grpc.UnaryServerInterceptor) (any, error) {
			return m.Handler(server, ctx, func(message any) error {
				if err := decode(message); err == nil && allKnown(message) {
					return nil
				}
				told, _ := wire.Refuse(domain.RequestInvalid, application.RequestID(first(ctx, wire.RequestID)))
				return told
			}, around)
		}
	}
	return &d
}

// allKnown looks at the message alone: no request has another one in it.
func allKnown(message any) bool {
	m, is := message.(proto.Message)
	return is && len(m.ProtoReflect().GetUnknown()) == 0
}
