package httpapi

import (
	"fmt"
	"net/http"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/domain"
)

// healthz says that the process is alive.
func (s *server) healthz(w http.ResponseWriter, _ *http.Request) error {
	return answer.JSON(w, http.StatusOK, wire.JSON, wire.Health{Status: "alive"})
}

// readyz says whether the node should be sent requests.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) error {
	if s.Draining() {
		return fmt.Errorf("draining: %w", domain.Unavailable)
	}
	if err := s.Ready(r.Context()); err != nil {
		return err
	}
	return answer.JSON(w, http.StatusOK, wire.JSON, wire.Health{Status: "ready"})
}
