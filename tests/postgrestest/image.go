package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/moby/moby/client"
)

// ensureImage pulls the image when it is absent. A registry must begin to answer within ten seconds and then has five
// minutes: a machine without a network goes on to the next rung at once, and one with a slow network is waited for.
// Nothing is tried twice, and no credentials are sent: pull a private image beforehand.
func ensureImage(docker client.APIClient, image string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	_, err := docker.ImageInspect(ctx, image)
	if missing := new(interface{ NotFound() }); !errors.As(err, missing) {
		return err
	}
	silence := time.AfterFunc(10*time.Second, cancel)
	progress, err := docker.ImagePull(ctx, image, client.ImagePullOptions{})
	if !silence.Stop() {
		err = errors.New("the registry does not answer")
	}
	if err == nil {
		err = progress.Wait(ctx)
	}
	if err != nil {
		return fmt.Errorf("the image %s is not here and cannot be pulled: %w", image, err)
	}
	return nil
}
