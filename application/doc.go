// Package application carries the use cases, one to a file, and owns every port: the driving ones that transports
// call and the driven ones that stores, tokens and hashers implement. It knows no transport and no database; [New]
// gives the core, ready to be driven.
package application
