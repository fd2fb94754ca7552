// Package wire holds what server and client of grpcapi share: how a refusal travels, how a token does, and limits.
package wire

import (
	"strings"

	"github.com/porteiro/porteiro/domain"
)

// Authorization is the metadata that a token is in.
const Authorization = "authorization"

// RequestID is the metadata that names a request, in it and in its answer.
const RequestID = "x-request-id"

// Limits, in bytes.
const (
	MaxRequest = 64 << 10  // of a message that the server reads; the core's own limit is lower and says more
	MaxHeader  = 32 << 10  // of the metadata of a call, names and all
	MaxToken   = 8 << 10   // past it a token is not even sent; the reader's own limit is lower
	MaxAnswer  = 512 << 10 // of what the client reads: a page of sessions is the longest
)

// Sendable refuses a token that metadata would change or not carry: white space at its end would be trimmed.
func Sendable(token string) error {
	outside := func(c rune) bool { return c <= ' ' || c >= 0x7f }
	if len(token) > MaxToken || strings.IndexFunc(token, outside) >= 0 {
		return domain.TokenInvalid
	}
	return nil
}

// Bearer takes the token out of the values of Authorization (RFC 6750 section 2.1). Two of them are refused rather than
// one ignored: whoever sends two must not depend on which one is taken.
func Bearer(values []string) (string, error) {
	switch len(values) {
	case 0:
		return "", domain.TokenMissing
	case 1:
	default:
		return "", &domain.Denied{Refusal: domain.RequestInvalid, Field: Authorization}
	}
	scheme, token, found := strings.Cut(values[0], " ")
	switch bearer := strings.EqualFold(scheme, "Bearer"); {
	case bearer && token == "":
		return "", &domain.Denied{Refusal: domain.RequestInvalid, Field: Authorization}
	case !bearer || !found:
		return "", domain.TokenMissing
	}
	return token, nil
}
