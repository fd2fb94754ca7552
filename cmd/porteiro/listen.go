package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// drain goes on for the delay, so that whoever asks readyz sends no more, then has each server end what is idle and wait,
// within the limit, for what is not.
func drain(failed <-chan error, delay, limit time.Duration, servers ...func(context.Context) error) error {
	select {
	case err := <-failed:
		return err
	case <-time.After(delay):
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	ended := make(chan error, len(servers))
	for _, shutdown := range servers {
		go func() { ended <- shutdown(ctx) }()
	}
	var errs []error
	for range servers {
		errs = append(errs, <-ended)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("some requests did not end within %v: %w", limit, err)
	}
	return nil
}

// listen listens on the address that a flag gives.
func listen(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken: stop what listens there, or choose another %s", address, flag)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s is not permitted: choose a %s with a port above 1023", address, flag)
	case err != nil:
		return nil, fmt.Errorf("%s %s: %w", flag, address, err)
	}
	return l, nil
}
