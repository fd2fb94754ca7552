// Package bench_test measures porteiro beside what it is compared with, in one run on one machine: the built binary, the
// same answer without any authentication, and services that verify each token and ask PostgreSQL about each request.
// Figures of such a run are ratios. `make bench` runs it whole; without -full every part runs for a moment, so that it
// goes on working.
package bench_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

var (
	full    = flag.Bool("full", false, "measure: whole rounds, all connections, the table and the picture")
	seconds = flag.Int("seconds", 4, "of one measurement, with -full")
	rounds  = flag.Int("rounds", 5, "of every comparison, with -full")
	at      = flag.String("connections", "1,64,256,1024", "how many at the same time, with -full")
	beside  = flag.String("beside", "", "another build of porteiro that is measured too")
	results = flag.String("results", "", "the folder for the table and the picture, with -full")
)

var (
	binary      string // of porteiro, built once by TestMain
	connections []int  // of flag at
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" { // this binary is a baseline
		fmt.Fprintln(os.Stderr, serveBaseline(role))
		os.Exit(1)
	}
	flag.Parse()
	if err := json.Unmarshal([]byte("["+*at+"]"), &connections); err != nil {
		fmt.Fprintln(os.Stderr, "-connections are numbers with commas between them")
		os.Exit(2)
	}
	if testing.Short() {
		fmt.Println("not in a short run")
		return
	}
	dir, err := os.MkdirTemp("", "porteiro-bench-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "porteiro")
	build := exec.Command("go", "build", "-trimpath", "-o", binary, "github.com/porteiro/porteiro/cmd/porteiro")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// size is what a run measures.
type size struct {
	each        time.Duration
	rounds      int
	connections []int
	sessions    int // in the database
	inUse       int // whose tokens are sent
}

func sizeOf() size {
	if *full {
		return size{time.Duration(*seconds) * time.Second, *rounds, connections, 100_000, 1000}
	}
	return size{300 * time.Millisecond, 1, []int{1, 16}, 1000, 100}
}
