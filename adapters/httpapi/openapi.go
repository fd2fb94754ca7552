package httpapi

import (
	"crypto/sha256"
	_ "embed" // openapi.json
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/carried"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/domain"
)

// openapi describes every route (OpenAPI 3.1) as a service without a base path has them.
//
//go:embed openapi.json
var openapi string

// document is what one service says of itself.
type document struct {
	body, etag string
}

// describe puts the base path and the names of the cookies into the description: whoever reads it reads how this service
// is called.
func (s *server) describe() document {
	plain := carried.Cookies{On: true}
	body := openapi
	for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
		body = strings.ReplaceAll(body, `"`+plain.Name(kind)+`"`, `"`+s.carried.Name(kind)+`"`)
	}
	if s.base != "" {
		body = strings.Replace(body, `"servers": [{"url": "/"}]`, `"servers": [{"url": "`+s.base+`"}]`, 1)
	}
	sum := sha256.Sum256([]byte(body))
	return document{body, `"` + hex.EncodeToString(sum[:16]) + `"`}
}

// describeItself answers the description. It may be kept for a while, and asked about by its ETag (RFC 9110 section
// 13.1.2): a new binary may say something else.
func (s *server) describeItself(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	set(h, "Etag", s.document.etag, "Cache-Control", "public, max-age=300")
	if known := strings.Join(r.Header.Values("If-None-Match"), ","); known == "*" || strings.Contains(known, s.document.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	set(h, "Content-Type", wire.JSON, "Content-Length", strconv.Itoa(len(s.document.body)))
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, s.document.body) // a client that is gone is no error of ours
	return nil
}
