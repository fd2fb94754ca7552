package answer

import "github.com/porteiro/porteiro/domain"

// inOAuth is a refusal of an endpoint whose errors have a form of their own.
type inOAuth struct{ error }

func (o inOAuth) Unwrap() error { return o.error }

// InOAuth has an error told in the form of RFC 6749 section 5.2: JSON, with its code as the member error.
func InOAuth(err error) error { return inOAuth{err} }

// oauthCode is the error code of a refusal (RFC 6749 sections 5.2 and 4.1.2.1).
func oauthCode(refusal domain.Refusal) string {
	switch refusal {
	case domain.InvalidClient:
		return "invalid_client"
	case domain.Unavailable:
		return "temporarily_unavailable"
	case Internal:
		return "server_error"
	}
	return "invalid_request"
}
