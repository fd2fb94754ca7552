package bench_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// series is what one variant showed in the rounds at one number of connections.
type series struct {
	variant     string
	connections int
	rounds      []figures
	ratios      []float64 // to the first variant of the same round
	server      []time.Duration
	database    []time.Duration
	resident    int
}

func median[T cmp.Ordered](all []T) T {
	var zero T
	if len(all) == 0 {
		return zero
	}
	s := slices.Sorted(slices.Values(all))
	return s[len(s)/2]
}

func pick[T cmp.Ordered](rounds []figures, of func(figures) T) []T {
	out := make([]T, len(rounds))
	for i, f := range rounds {
		out[i] = of(f)
	}
	return out
}

// table is the comparison as Markdown.
func table(title string, all []series) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", title)
	b.WriteString("| connections | variant | answers/s | ratio | p50 | p99 | CPU of server / database per answer | memory |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, s := range all {
		fmt.Fprintf(&b, "| %d | %s | %.0f | %.2f | %s | %s | %s / %s | %d MiB |\n", s.connections, s.variant,
			median(pick(s.rounds, func(f figures) float64 { return f.rate })), median(s.ratios),
			short(median(pick(s.rounds, func(f figures) time.Duration { return f.p50 }))),
			short(median(pick(s.rounds, func(f figures) time.Duration { return f.p99 }))),
			short(median(s.server)), short(median(s.database)), s.resident>>20)
	}
	return b.String() + "\n"
}

func short(d time.Duration) string {
	if d > 10*time.Millisecond {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// picture draws the ratios as bars, in SVG.
func picture(all []series) string {
	const bar, gap, left, wide = 18, 6, 330, 420
	high := 40 + len(all)*(bar+gap)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", left+wide+60, high)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>` + "\n")
	fmt.Fprintf(&b, `<text x="8" y="20" font-weight="bold">Answers a second, as a share of the same handler without authentication</text>`+"\n")
	for i, s := range all {
		y := 32 + i*(bar+gap)
		ratio := median(s.ratios)
		colour := "#b8b8b8"
		if strings.HasPrefix(s.variant, "porteiro") {
			colour = "#2f6f4f"
		}
		fmt.Fprintf(&b, `<text x="8" y="%d">%d connections: %s</text>`, y+13, s.connections, s.variant)
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.0f" height="%d" fill="%s"/>`, left, y, ratio*wide, bar, colour)
		fmt.Fprintf(&b, `<text x="%.0f" y="%d">%.2f</text>`+"\n", left+ratio*wide+6, y+13, ratio)
	}
	return b.String() + "</svg>\n"
}

// keep writes a file of results, where a folder is given.
func keep(t *testing.T, name, content string) {
	t.Helper()
	t.Log("\n" + content)
	if *results == "" {
		return
	}
	if err := os.MkdirAll(*results, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*results, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
