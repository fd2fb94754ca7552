// Package domain holds users, sessions and the rules by which a token passes or is refused. It is pure: no I/O, no
// context, no clock of its own, nothing but the standard library. Whoever calls it says what time it is.
//
// The heart is one rule, in [Pass]: a token may pass if and only if its times hold, its session exists, belongs to its
// subject, has not ended and is within its ages, its user is not disabled, and the session began after the user's last
// logout. Every decision that writes is a method of [Account], so that it is taken on what a store's lock shows.
package domain
