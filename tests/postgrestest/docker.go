package postgrestest

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	"github.com/testcontainers/testcontainers-go/modules/postgres"
)

const (
	defaultImage = "postgres:17-alpine"
	serverLabel  = "porteiro.test.server" // on each container; the watchdog finds it by this
)

// openDocker is the rung of a container. Nothing terminates it but its watchdog.
func openDocker() (*server, error) {
	log.SetDefault(log.NewNoopLogger()) // it writes to standard error, also about what the next rung makes good
	provider, err := dockerProvider()
	if err != nil {
		return nil, err
	}
	defer func() { _ = provider.Close() }()
	if err := reachable(provider); err != nil {
		return nil, err
	}
	image := cmp.Or(os.Getenv("PORTEIRO_TEST_POSTGRES_IMAGE"), defaultImage)
	if err := ensureImage(provider.Client(), image); err != nil {
		return nil, err
	}
	label := rand.Text()
	guard, err := watchContainer(provider.Client().DaemonHost(), serverLabel+"="+label)
	if err != nil {
		return nil, err
	}
	s, err := runContainer(image, label)
	if err != nil {
		guard.release()
		return nil, err
	}
	s.guard = guard
	return s, nil
}

// runContainer starts a server whose port is on 127.0.0.1 alone, and whose data is in memory: in a folder of its own,
// since PostgreSQL 18 and later refuse a mount at the folder that earlier images use.
func runContainer(image, label string) (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c, err := postgres.Run(ctx, image,
		postgres.WithPassword(rand.Text()),
		testcontainers.WithLabels(map[string]string{serverLabel: label}),
		testcontainers.WithEnv(map[string]string{"PGDATA": "/porteiro/data"}),
		testcontainers.WithTmpfs(map[string]string{"/porteiro": "rw"}),
		testcontainers.WithCmdArgs(hastySettings()...),
		testcontainers.WithHostConfigModifier(func(host *container.HostConfig) {
			host.AutoRemove = true
			host.PortBindings = network.PortMap{
				network.MustParsePort("5432/tcp"): {{HostIP: netip.MustParseAddr("127.0.0.1")}},
			}
		}),
		postgres.BasicWaitStrategies())
	if err != nil {
		return nil, err
	}
	address, err := c.ConnectionString(ctx, "sslmode=disable")
	if err != nil {
		return nil, err
	}
	return newServer("docker, image "+image, address)
}

// dockerProvider returns the provider of a daemon that is healthy. A daemon that is frozen is given up after a while:
// testcontainers asks it without a deadline.
func dockerProvider() (*testcontainers.DockerProvider, error) {
	type answer struct {
		provider *testcontainers.DockerProvider
		err      error
	}
	answers := make(chan answer, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil { // testcontainers panics where it finds no daemon
				answers <- answer{err: fmt.Errorf("no daemon: %v", r)}
			}
		}()
		provider, err := testcontainers.NewDockerProvider()
		if err == nil {
			err = provider.Health(context.Background())
		}
		answers <- answer{provider, err}
	}()
	select {
	case a := <-answers:
		return a.provider, a.err
	case <-time.After(10 * time.Second):
		return nil, errors.New("the daemon does not answer")
	}
}

// reachable refuses a daemon on whose 127.0.0.1 this process cannot dial, instead of dialling for a minute.
func reachable(provider *testcontainers.DockerProvider) error {
	if os.Getenv("TESTCONTAINERS_HOST_OVERRIDE") != "" {
		return nil
	}
	host, err := provider.DaemonHost(context.Background())
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("the port of a container is published on 127.0.0.1, but testcontainers would dial %s: "+
		"set TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1 if the daemon runs on this machine", host)
}
