// Package tokens owns what a token looks like: it makes and reads porteiro's JSON Web Tokens with a ring of keys, and
// knows neither whether a token has expired nor whether its session stands.
//
// Access tokens are at+jwt (RFC 9068), signed with a key that may be published. Refresh tokens have a typ of their own
// and a MAC by a key that never is: a service that verifies by public keys and forgets to look at typ must not take a
// refresh token of thirty days for an access token.
//
// A [Codec] knows the keys that it was made of; a [Live] one follows those of a store. Which key signs depends on when a
// token is issued, so that a new key takes over on every node at once, and a repeated refresh gets the same token.
//
// Reading is strict. golang-jwt verifies signatures and does nothing else here, because with every option on it still
// lets through what RFC 7515, 7519, 8725 and 9068 refuse: unknown critical headers, a wrong typ, members that are there
// twice or in another case, times in quotes, line breaks within base64. Nothing is decoded before its size is known, no
// payload is parsed before its signature has been verified, and a token says nothing about where its key is found.
package tokens
