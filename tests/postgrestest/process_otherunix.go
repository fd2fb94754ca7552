//go:build unix && !linux

package postgrestest

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
)

func memory() string { return disk }

// dieWithParent is a promise that only Linux can keep; the watchdog does elsewhere.
func dieWithParent(*exec.Cmd) {}

func children(pid int) ([]int, error) {
	list, err := exec.Command("pgrep", "-P", strconv.Itoa(pid)).Output()
	if exit := new(exec.ExitError); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) { // 1: there are none
		return nil, err
	}
	var pids []int
	for field := range strings.FieldsSeq(string(list)) {
		child, err := strconv.Atoi(field)
		if err != nil {
			return nil, err
		}
		pids = append(pids, child)
	}
	return pids, nil
}

// frozen tells whether SIGSTOP has come into effect.
func frozen(pid int) bool {
	state, err := exec.Command("ps", "-o", "state=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(state)), "T")
}
