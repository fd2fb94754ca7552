// Package memory keeps users and sessions in this process, and loses them with it. It keeps the signing keys and the
// attempts too, and passes the same contract suites as the stores that last: tests and examples need no database.
package memory
