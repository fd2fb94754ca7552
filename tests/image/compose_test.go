//go:build unix

package image_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// project is a run of deploy/compose.yaml under a name of its own.
type project struct {
	t       *testing.T
	env     []string
	command []string
	name    string
}

func newProject(t *testing.T, port string, files ...string) *project {
	t.Helper()
	p := &project{t: t, name: fmt.Sprintf("porteiro-test-%d", os.Getpid()), env: []string{
		"PORTEIRO_IMAGE=" + image, "POSTGRES_IMAGE=" + postgresImage(t), "PORT=" + port, "REGISTRATION=open",
	}}
	switch {
	case exec.Command("docker", "compose", "version").Run() == nil:
		p.command = []string{"docker", "compose"}
	case exec.Command("docker-compose", "version").Run() == nil:
		p.command = []string{"docker-compose"}
	default:
		lacks(t, "no docker compose: install docker-compose")
	}
	p.command = append(p.command, "-p", p.name)
	for _, f := range files {
		p.command = append(p.command, "-f", filepath.Join("..", "..", "deploy", f))
	}
	return p
}

// postgresImage is one that is there, or can be had.
func postgresImage(t *testing.T) string {
	t.Helper()
	name := cmp.Or(os.Getenv("PORTEIRO_TEST_POSTGRES_IMAGE"), "postgres:17-alpine")
	if exec.Command("docker", "image", "inspect", name).Run() == nil {
		return name
	}
	if out, err := exec.Command("docker", "pull", "-q", name).CombinedOutput(); err != nil {
		lacks(t, fmt.Sprintf("no image %s (%s): .ci/postgres-image/build-local-pg-image.sh makes one without a registry; name it in PORTEIRO_TEST_POSTGRES_IMAGE", name, out))
	}
	return name
}

func (p *project) run(args ...string) string {
	p.t.Helper()
	return run(p.t, p.env, append(p.command, args...)...)
}

// container is that of a service.
func (p *project) container(service string) string {
	p.t.Helper()
	return run(p.t, nil, "docker", "ps", "-aq", "--filter", "label=com.docker.compose.project="+p.name, "--filter", "label=com.docker.compose.service="+service)
}

// A password that would be read otherwise in a URL is refused before there is a database that has it.
func TestComposeRefusesAPassword(t *testing.T) {
	needsImage(t)
	p := newProject(t, freePort(t), "compose.yaml")
	p.env = append(p.env, "DATABASE_PASSWORD=p@ss/word")
	afterwards(t, p.env, append(p.command, "down", "-v", "-t", "5")...)
	if says, err := try(p.env, append(p.command, "run", "-T", "--rm", "password")...); err == nil || !strings.Contains(says, "DATABASE_PASSWORD goes into a URL") {
		t.Errorf("%v: %s", err, says)
	}
}

// What compose.yaml is told by the environment reaches porteiro and its build, with the other file too.
func TestComposeTakesSettings(t *testing.T) {
	needsImage(t)
	for _, files := range [][]string{{"compose.yaml"}, {"compose.yaml", "compose.sealed.yaml"}} {
		p := newProject(t, freePort(t), files...)
		p.env = append(p.env, "TRUSTED_PROXY=172.16.0.0/12,10.0.0.1", "VERSION=v1.2.3")
		says := p.run("config")
		for _, want := range []string{"PORTEIRO_TRUSTED_PROXY: 172.16.0.0/12,10.0.0.1", "PORTEIRO_REGISTRATION: open", "VERSION: v1.2.3"} {
			if !strings.Contains(says, want) {
				t.Errorf("%v: it lacks %q: %s", files, want, says)
			}
		}
	}
}

// One command, and it is up; it says when its database is away; a stop loses nothing and a start finds everything; and the keys can be sealed later.
func TestCompose(t *testing.T) {
	needsImage(t)
	port := freePort(t)
	url := "http://127.0.0.1:" + port
	p := newProject(t, port, "compose.yaml")
	afterwards(t, p.env, append(p.command, "down", "-v", "-t", "5")...)
	p.run("up", "-d", "--no-build")
	porteiro := p.container("porteiro")
	becomes(t, porteiro, "healthy")
	token := story(t, url)

	for _, service := range []string{"porteiro", "database"} {
		if env := run(t, nil, "docker", "inspect", "-f", "{{.Config.Env}}", p.container(service)); strings.Contains(env, "postgres://") || strings.Contains(env, "PASSWORD=") {
			t.Errorf("whoever may inspect %s reads the password: %s", service, env)
		}
	}
	// A node that cannot work is told from one that can.
	p.run("pause", "database")
	becomes(t, porteiro, "unhealthy")
	p.run("unpause", "database")
	becomes(t, porteiro, "healthy")
	passes(t, url, token)

	p.run("stop")
	if code := run(t, nil, "docker", "inspect", "-f", "{{.State.ExitCode}}", porteiro); code != "0" {
		t.Errorf("after a stop: %s", code)
	}
	logged(t, porteiro)
	p.run("up", "-d", "--no-build")
	becomes(t, p.container("porteiro"), "healthy")
	passes(t, url, token)

	kek := filepath.Join(t.TempDir(), "kek")
	if err := os.WriteFile(kek, []byte(strings.Repeat("0123456789abcdef", 4)), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(kek, 65532, 65532); err != nil {
		t.Skipf("the rest is for root: %v", err)
	}
	sealed := newProject(t, port, "compose.yaml", "compose.sealed.yaml")
	sealed.env = append(sealed.env, "KEY_ENCRYPTION_KEY_FILE="+kek)
	sealed.run("up", "-d", "--no-build")
	becomes(t, sealed.container("porteiro"), "healthy")
	passes(t, url, token)
	if says := run(t, nil, "docker", "exec", sealed.container("porteiro"), "/porteiro", "key", "seal"); !strings.Contains(says, "sealed 2") {
		t.Errorf("key seal: %s", says)
	}
	passes(t, url, token)
}
