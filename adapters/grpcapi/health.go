package grpcapi

import (
	"context"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/porteiro/porteiro/domain"
)

// watchEvery is how often a watch looks whether the answer has changed.
const watchEvery = 2 * time.Second

// health serves grpc.health.v1.Health with what readiness is over HTTP, looked at when it is asked. All services are
// ready or none is.
type health struct {
	grpc_health_v1.UnimplementedHealthServer
	Config
	names []string

	mu     sync.Mutex
	seen   *grpc_health_v1.HealthCheckResponse // by all who watch
	seenAt time.Time
}

func (h *health) Check(ctx context.Context, r *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if !slices.Contains(h.names, r.GetService()) {
		return nil, domain.NotFound
	}
	return h.now(ctx), nil
}

func (h *health) List(ctx context.Context, _ *grpc_health_v1.HealthListRequest) (*grpc_health_v1.HealthListResponse, error) {
	all, now := map[string]*grpc_health_v1.HealthCheckResponse{}, h.now(ctx)
	for _, name := range h.names {
		all[name] = now
	}
	return &grpc_health_v1.HealthListResponse{Statuses: all}, nil
}

// Watch tells the status at once and then each change, until the client leaves or the server stops.
func (h *health) Watch(r *grpc_health_v1.HealthCheckRequest, stream grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse]) error {
	var last grpc_health_v1.HealthCheckResponse_ServingStatus
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		// The protocol has a watch of what is unknown go on: it might come to be.
		now := &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN}
		if slices.Contains(h.names, r.GetService()) {
			now = h.watched(stream.Context())
		}
		if now.Status != last {
			if err := stream.Send(now); err != nil {
				return err
			}
			last = now.Status
		}
		select {
		case <-stream.Context().Done():
			return status.FromContextError(stream.Context().Err()).Err()
		case <-tick.C:
		}
	}
}

// watched is now as it was half of watchEvery ago at most: a watch costs its client nothing, and many would keep the database
// busy.
func (h *health) watched(ctx context.Context) *grpc_health_v1.HealthCheckResponse {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen == nil || time.Since(h.seenAt) > watchEvery/2 || h.Draining() {
		h.seen = h.now(context.WithoutCancel(ctx)) // one who leaves is no answer to the others
		h.seenAt = time.Now()
	}
	return h.seen
}

func (h *health) now(ctx context.Context) *grpc_health_v1.HealthCheckResponse {
	ctx, cancel := context.WithTimeout(ctx, h.RequestTimeout)
	defer cancel()
	s := grpc_health_v1.HealthCheckResponse_SERVING
	if h.Draining() || h.Ready(ctx) != nil {
		s = grpc_health_v1.HealthCheckResponse_NOT_SERVING
	}
	return &grpc_health_v1.HealthCheckResponse{Status: s}
}
