// Package sqlite keeps users, sessions, signing keys and attempts in one file on this machine's disk, and serves the
// processes of this machine only: SQLite's locks and its write-ahead log do not reach across a network file system.
//
// One connection writes, so that the goroutines of a process queue for it in Go, bounded by their contexts; a few
// others read. A commit is on the disk before it is acknowledged (synchronous=FULL).
package sqlite
