package wire

// Paths of what programs ask.
const (
	Introspect = "/introspect"
	Revoke     = "/revoke"
	Metadata   = "/.well-known/oauth-authorization-server" // RFC 8414 section 3
)

// Form is the media type of what they ask with.
const Form = "application/x-www-form-urlencoded"

// Values of token_use: what a token is for. A refresh token is not to be taken for a pass.
const (
	UseAccess  = "access_token"
	UseRefresh = "refresh_token"
)

// Introspected is the answer to an introspection (RFC 7662 section 2.2). An inactive token has active and nothing else.
type Introspected struct {
	Active    bool     `json:"active"`
	TokenUse  string   `json:"token_use,omitzero"`
	TokenType string   `json:"token_type,omitzero"` // Bearer, of an access token
	Issuer    string   `json:"iss,omitzero"`
	Audience  any      `json:"aud,omitzero"` // a text, or several in an array (RFC 7519 section 4.1.3)
	ClientID  string   `json:"client_id,omitzero"`
	Subject   string   `json:"sub,omitzero"`
	Username  string   `json:"username,omitzero"` // the email
	Roles     []string `json:"roles,omitzero"`
	Session   string   `json:"sid,omitzero"`
	ID        string   `json:"jti,omitzero"`
	IssuedAt  int64    `json:"iat,omitzero"` // seconds since 1970
	Expires   int64    `json:"exp,omitzero"` // seconds since 1970
}

// ServerMetadata is what the service says of itself (RFC 8414 section 2).
type ServerMetadata struct {
	Issuer            string   `json:"issuer"`
	JWKS              string   `json:"jwks_uri"`
	ResponseTypes     []string `json:"response_types_supported"`
	GrantTypes        []string `json:"grant_types_supported"`
	Introspection     string   `json:"introspection_endpoint"`
	IntrospectionAuth []string `json:"introspection_endpoint_auth_methods_supported"`
	Revocation        string   `json:"revocation_endpoint"`
	RevocationAuth    []string `json:"revocation_endpoint_auth_methods_supported"`
}
