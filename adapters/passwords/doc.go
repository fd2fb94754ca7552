// Package passwords owns what a password costs: it hashes with argon2id, verifies also what older services stored, and
// refuses at once when more callers come than its slots and its queue hold.
//
// New hashes are argon2id in PHC form, $argon2id$v=19$m=19456,t=2,p=1$salt$tag by default. bcrypt ($2a$, $2b$, $2y$) and
// Werkzeug's pbkdf2:sha256, pbkdf2:sha512 and scrypt are verified and then stale, so that the first login renews them.
//
// Nobody, a wrong password, a hash that cannot be read and a current hash cost the same: one argon2id under the current
// parameters. A stale hash costs its own work and that one besides, so it is never cheaper than nobody; but it is dearer,
// and this shows in the time of an answer until a login renews it. So does a hash that was made under stronger
// parameters than the current ones, which is not stale: raise the parameters, do not lower them.
//
// A password is the bytes received: it is never cut, folded or normalised. Where an older kind cannot tell two passwords
// apart (bcrypt past 72 bytes and around NUL, PBKDF2 and scrypt in trailing NULs) the longer one is wrong.
//
// What a stored hash may ask for is bounded before anything is computed from it: 64 MiB of memory, 10 passes of argon2id,
// 2,000,000 iterations of PBKDF2, cost 15 of bcrypt. A computation cannot be interrupted once it has its slot.
package passwords
