// Package metrics counts and times what the service does, for Prometheus. It stands before ports as a decorator of each
// and changes nothing of what they answer; where nobody asks for metrics, nothing of it is there. No label holds more
// than a fixed set of values: no path, no email, no address, no key's id.
package metrics
