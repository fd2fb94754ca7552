package bench_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
)

// What is said of a node is said of its hasher too.
func TestANodeIsAllOfItsProcesses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no /proc")
	}
	n := porteiro(t, "porteiro", "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), "--registration", "open", "--register-limit", "off", "--login-limit", "off")
	all := n.processes()
	if len(all) != 2 {
		t.Fatalf("its processes are %d", all)
	}
	alone, before := held(n.pid, "VmRSS:"), spent(all[1])
	for i := range 10 {
		var account struct{ ID string }
		post(t, n.url+"/register", fmt.Sprintf(`{"email":%q,"password":%q}`, email(i), password), &account)
	}
	const one = 19 << 20 // what a password fills
	if whole := n.resident(); whole < alone+one {
		t.Errorf("%d MiB, of which %d are the node's alone", whole>>20, alone>>20)
	}
	if theirs := spent(all[1]) - before; theirs == 0 || spent(all...) < spent(n.pid)+theirs {
		t.Errorf("%v for ten passwords, %v of %v", theirs, spent(n.pid), spent(all...))
	}
}
