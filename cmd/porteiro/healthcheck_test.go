package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A node that takes the question and says nothing is not waited for: it is not well.
func TestHealthcheckIsOutOfPatience(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts, and nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := &probe{listen: l.Addr().String(), basePath: "/", patience: 10 * time.Millisecond}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a test that fails should not hang
	defer cancel()
	err = p.run(ctx, io.Discard)
	if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil || !strings.HasPrefix(err.Error(), "no answer") || exitCode(err) != 1 {
		t.Errorf("%v, and the test's own patience: %v", err, ctx.Err())
	}
}

// The image gives up later than the check, which then says why.
func TestHealthcheckIsLessPatientThanTheImage(t *testing.T) {
	dockerfile, err := os.ReadFile("../../deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`HEALTHCHECK .*--timeout=(\S+)`).FindSubmatch(dockerfile)
	if said == nil {
		t.Fatal("the image's health check has no timeout")
	}
	if image, err := time.ParseDuration(string(said[1])); err != nil || patience >= image || patience <= 0 {
		t.Errorf("the image waits for %v, %v, and the check for %v", image, err, patience)
	}
}
