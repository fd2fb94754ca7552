// Package sealing keeps the private halves of the signing keys sealed in whatever store keeps them: a copy of the
// database forges nothing without the key-encryption key, which is kept elsewhere. It does not keep whoever can write to
// the database from putting a key of their own there.
//
// Sealed is AES-256-GCM with a random nonce. The key's id, purpose and algorithm are authenticated with it, so that a
// sealed key means nothing in another row.
package sealing
