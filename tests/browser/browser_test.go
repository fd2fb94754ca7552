// Package browser_test drives a real browser: what keeps pages of other origins from acting for whoever is signed in is
// half the browser's work, and no client of Go's does that half.
package browser_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// chromium finds the browser. Without one the test is skipped, or fails where it is required.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("PORTEIRO_TEST_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	const says = "no chromium: apt-get install --no-install-recommends chromium fonts-dejavu-core, or name one in PORTEIRO_TEST_CHROMIUM"
	if os.Getenv("PORTEIRO_REQUIRE_BROWSER") == "1" {
		t.Fatal(says)
	}
	t.Skip(says)
	return ""
}

// patience bounds the whole test: a page takes a few milliseconds, a machine that is busy with other tests far longer.
const patience = 90 * time.Second

// open starts a browser that reaches this machine alone, whatever a page is called, and closes it with the test.
func open(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)),
		chromedp.NoSandbox,                           // as root
		chromedp.Flag("disable-dev-shm-usage", true), // containers have little of it
		chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Env("HOME="+t.TempDir(), "TMPDIR="+t.TempDir()),
		chromedp.Flag("ignore-certificate-errors", true), // the test's own certificate names nobody
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1, MAP *.example 127.0.0.1, MAP * ~NOTFOUND"),
		chromedp.WSURLReadTimeout(patience),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	tab, cancel := chromedp.NewContext(ctx, chromedp.WithErrorf(t.Logf))
	t.Cleanup(func() {
		if err := chromedp.Cancel(tab); err != nil { // closes the browser, and waits for it
			t.Logf("closing the browser: %v", err)
		}
		cancel()
	})
	// The browser lives as long as the context that it is started with, so that is not the one with the deadline.
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(tab, patience)
	t.Cleanup(cancel)
	return ctx
}

// visit goes to a page.
func visit(t *testing.T, ctx context.Context, url string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

// script runs a script in the page that is open and returns the text that it, or its promise, ends in.
func script(t *testing.T, ctx context.Context, source string) string {
	t.Helper()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](source, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return text
}

// submit runs a script that sends a form, and returns the status of the page that comes of it.
func submit(t *testing.T, ctx context.Context, source string) int64 {
	t.Helper()
	response, err := chromedp.RunResponse(ctx, chromedp.Evaluate[chromedp.Void](source))
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return int64(response.Status)
}
