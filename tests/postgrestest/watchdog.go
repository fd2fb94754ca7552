package postgrestest

import (
	"fmt"
	"os"
	"os/exec"
)

// watchdog is a shell that cleans up when this process ends, in whatever way: its standard input is a pipe whose other
// end only this process holds. It is a session of its own, out of reach of Ctrl-C and of what go test kills.
type watchdog struct {
	leash *os.File
	gone  <-chan struct{}
}

// watch starts the script. It begins to run when the watchdog is released, or when this process is gone.
func watch(script string, env []string, args ...string) (*watchdog, error) {
	end, leash, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = end.Close() }()
	cmd := exec.Command("sh", append([]string{"-c", "cat >/dev/null\n" + script, "sh"}, args...)...)
	cmd.Stdin, cmd.Env, cmd.Dir = end, env, "/"
	detach(cmd)
	if err := cmd.Start(); err != nil {
		_ = leash.Close()
		return nil, fmt.Errorf("watchdog: %w", err)
	}
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(gone)
	}()
	return &watchdog{leash, gone}, nil
}

// release lets the watchdog clean up now. It does not wait for that: gone tells.
func (w *watchdog) release() { _ = w.leash.Close() }

// removeContainer looks for a while, for a daemon may still be busy creating what the dead process had asked for.
const removeContainer = `
for i in 1 2 3 4 5; do
	ids=$(docker ps -aq --no-trunc --filter "label=$1" 2>/dev/null)
	[ -n "$ids" ] && exec docker rm -fv $ids >/dev/null 2>&1
	sleep 1
done`

// watchContainer guards the container with that label, through the docker command.
func watchContainer(daemon, label string) (*watchdog, error) {
	if _, err := exec.LookPath("docker"); err != nil {
		return nil, fmt.Errorf("what removes the container is the docker command: %w", err)
	}
	return watch(removeContainer, append(os.Environ(), "DOCKER_HOST="+daemon), label)
}

// removeCluster stops the server of the folder, a frozen one too, and removes the folder and the shared memory of a
// server that was killed.
const removeCluster = `
cd "$1" || exit
if pid=$(cat pid 2>/dev/null); then
	backends=$(cat /proc/$pid/task/$pid/children 2>/dev/null || pgrep -P $pid)
	kill -QUIT $pid
	kill -CONT $pid $backends
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		kill -0 $pid || break
		sleep 0.05
	done
	kill -0 $pid && kill -KILL $pid $backends
fi 2>/dev/null
set -- "$1" $(sed -n 7p data/postmaster.pid 2>/dev/null)
[ -n "$3" ] && ipcrm -m "$3" 2>/dev/null
cd / && rm -rf "$1"`

// watchCluster guards the server whose folder that is, and the folder.
func watchCluster(folder string) (*watchdog, error) {
	return watch(removeCluster, os.Environ(), folder)
}
