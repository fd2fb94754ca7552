// Package linesocket carries Gate, Accounts and Sessions over a Unix socket, to programs of the same machine. It
// encrypts nothing: whoever may open the socket is trusted with what goes through it.
//
// A call is a connection: one line goes there, one comes back, and who hangs up before that no longer wants the answer.
// So calls at once never wait for each other, no answer reaches the wrong caller, and nothing is ever sent twice. The
// line of a call is its name, how long its caller waits, and its arguments, escaped as in a query, so that every byte
// arrives. The answer is a word and JSON: the port's own answer, or what was refused as a [domain.Denied].
//
//	login 4.998s ana%40example.com correct+horse+battery
//	ok {"AccessToken":"eyJhbGci…","RefreshToken":"eyJhbGci…","ExpiresIn":900000000000,"RefreshExpiresIn":2592000000000000}
//
//	register 4.998s ana%40example.com short
//	refused {"Refusal":"password_weak","RetryAfter":0,"Field":"password"}
package linesocket
