package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

// listedKey is a key as porteiro key list --json shows it.
type listedKey struct {
	ID, Purpose, Algorithm, State string
	ActiveFrom                    time.Time `json:"active_from"`
	SealedWith                    string    `json:"sealed_with"`
}

func keys(t *testing.T, databaseURL, purpose string) (found []listedKey) {
	t.Helper()
	var all []listedKey
	if err := json.Unmarshal([]byte(key(t, databaseURL, "list", "--json")), &all); err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		if k.Purpose == purpose {
			found = append(found, k)
		}
	}
	return found
}

// key runs porteiro key, which must succeed.
func key(t *testing.T, databaseURL string, args ...string) string {
	t.Helper()
	out, errs, code := porteiro(t, "", append(append([]string{"key"}, args...), "--database-url", databaseURL)...)
	if code != 0 || errs != "" {
		t.Fatalf("key %v: exit %d: %s", args, code, errs)
	}
	return out
}

// kid is the key that a token names.
func kid(t *testing.T, token string) string {
	t.Helper()
	var header struct{ Kid string }
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	if err != nil || json.Unmarshal(b, &header) != nil {
		t.Fatalf("a token begins with %q", b)
	}
	return header.Kid
}

// soon are settings with which a new key signs after two seconds rather than six minutes.
func soon() []string {
	return []string{"--key-poll", "200ms", "--jwks-max-age", "600ms", "--leeway", "1s"}
}

// becomes waits until the answer is the status: a node looks at the keys with every poll.
func (n *node) becomes(what, token string, status int) {
	n.t.Helper()
	deadline := time.Now().Add(30 * time.Second) // measures nothing: what never comes fails
	for {
		a := n.ask("GET", "/protected", token, "")
		if a.status == status {
			return
		}
		if time.Now().After(deadline) {
			n.t.Fatalf("%s: %d %s, want %d", what, a.status, a.body, status)
		}
	}
}

func TestTwoNodesAtOnceAgreeOnTheFirstKeys(t *testing.T) {
	databaseURL := postgrestest.URL(t)
	nodes := make([]*node, 4)
	var started sync.WaitGroup
	for i := range nodes {
		nodes[i] = &node{t: t, args: []string{"serve", "--listen", "127.0.0.1:0", "--database-url", databaseURL, "--registration", "open", "--drain-delay", "0s"}}
		started.Go(nodes[i].start)
	}
	started.Wait()
	for _, n := range nodes {
		t.Cleanup(n.kill)
	}
	access, refresh := keys(t, databaseURL, "access"), keys(t, databaseURL, "refresh")
	if len(access) != 1 || len(refresh) != 1 || access[0].State != "signing" || access[0].Algorithm != "EdDSA" || refresh[0].State != "signing" {
		t.Errorf("there are %v and %v", access, refresh)
	}
}

// TestT027RotationUnderLoad: two nodes rotate on schedule, every two seconds, while clients use one and refresh on the
// other, and no request fails.
func TestT027RotationUnderLoad(t *testing.T) {
	databaseURL := postgrestest.URL(t)
	more := append(soon(), "--key-rotation", "2s")
	nodes := []*node{serve(t, databaseURL, more...), serve(t, databaseURL, more...)}
	if a := nodes[0].ask("POST", "/register", "", credentials); a.status != 201 {
		t.Fatalf("register: %d %s", a.status, a.body)
	}
	const clients, rotations = 4, 2
	before, _ := nodes[0].login()
	var all sync.WaitGroup
	for c := range clients {
		access, refresh := nodes[c%2].login()
		all.Go(func() {
			first, signedBy := access, map[string]bool{}
			for i := c; len(signedBy) < 2*(rotations+1); i++ {
				signedBy[kid(t, access)], signedBy[kid(t, refresh)] = true, true
				here, there := nodes[i%2], nodes[(i+1)%2]
				for _, token := range []string{access, first} {
					if a, err := here.try("GET", "/authorize", token, ""); err != nil || a.status != 200 {
						t.Errorf("authorize of a token of %s: %v %d %s", kid(t, token), err, a.status, a.body)
						return
					}
				}
				renewed, err := there.try("POST", "/refresh", refresh, "")
				again, err2 := here.try("POST", "/refresh", refresh, "") // the answer was lost: T056
				if err != nil || err2 != nil || renewed.status != 200 || again.text("refresh_token") != renewed.text("refresh_token") {
					t.Errorf("refresh of a token of %s: %v %d %s, again %v %d %s", kid(t, refresh), err, renewed.status, renewed.body, err2, again.status, again.body)
					return
				}
				access, refresh = renewed.text("access_token"), renewed.text("refresh_token")
			}
		})
	}
	all.Wait()
	for _, purpose := range []string{"access", "refresh"} {
		listed := keys(t, databaseURL, purpose)
		for i := 1; i < len(listed); i++ { // of two nodes that find a rotation due one makes the key
			if gap := listed[i].ActiveFrom.Sub(listed[i-1].ActiveFrom); gap < 2*time.Second {
				t.Errorf("two %s keys begin %v apart", purpose, gap)
			}
		}
		if len(listed) < rotations+1 {
			t.Errorf("there are %d %s keys", len(listed), purpose)
		}
	}
	nodes[0].passes("a token of the first key", before)
	key(t, databaseURL, "retire", kid(t, before), "--now")
	for _, n := range nodes {
		n.becomes("a token of the first key, retired", before, 401)
		n.refusesKey("a token of the first key, retired", before)
	}
}

// TestKeyCommands: a key that somebody else may have is rotated away and retired, with another algorithm on the way.
func TestKeyCommands(t *testing.T) {
	databaseURL := "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db")
	n := serve(t, databaseURL, append(soon(), "--key-rotation", "0")...)
	if a := n.ask("POST", "/register", "", credentials); a.status != 201 {
		t.Fatalf("register: %d %s", a.status, a.body)
	}
	old, oldRefresh := n.login()
	first := keys(t, databaseURL, "access")[0].ID
	refused := func(what string, code int, says string, args ...string) {
		t.Helper()
		out, errs, got := porteiro(t, "", append(append([]string{"key"}, args...), "--database-url", databaseURL)...)
		if got != code || !strings.Contains(errs, says) || strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("%s: exit %d: %q %q, want %d and %q", what, got, out, errs, code, says)
		}
	}
	refused("the last key", 1, "porteiro key rotate first", "retire", first, "--now")
	refused("no key", 1, "porteiro key list", "retire", "x")
	refused("no algorithm", 2, "porteiro serve --help", "rotate", "--algorithm", "none")
	refused("no purpose", 2, "access or refresh", "rotate", "--purpose", "id")
	refused("the algorithm of refresh keys", 2, "--algorithm", "rotate", "--purpose", "refresh", "--algorithm", "ES256")
	refused("seal without a key", 2, "openssl rand -base64 32", "seal")
	out := key(t, databaseURL, append([]string{"rotate", "--purpose", "access", "--algorithm", "ES256"}, soon()...)...)
	if !strings.Contains(out, "(access, ES256): it signs from ") || strings.Count(out, "\n") != 1 {
		t.Errorf("rotate says %q", out)
	}
	listed := keys(t, databaseURL, "access")
	if len(listed) != 2 || listed[0].State != "signing" || listed[1].State != "next" || listed[1].Algorithm != "ES256" {
		t.Errorf("after a rotation there are %v", listed)
	}
	refused("the one that signs", 1, "--now", "retire", first)
	n.passes("before the retirement", old)
	if out := key(t, databaseURL, "retire", first, "--now"); !strings.HasPrefix(out, "retired "+first) {
		t.Errorf("retire says %q", out)
	}
	n.becomes("a token of the retired key", old, 401)
	n.expect("a token of the retired key", n.ask("GET", "/protected", old, ""), 401, "code", "token_invalid")
	renewed := n.ask("POST", "/refresh", oldRefresh, "") // its key was not retired
	if renewed.status != 200 || kid(t, renewed.text("access_token")) != listed[1].ID {
		t.Fatalf("refresh: %d %s", renewed.status, renewed.body)
	}
	n.passes("a token of the new key", renewed.text("access_token"))
	table := key(t, databaseURL, "list")
	for _, want := range []string{"ID ", "STATE", first, "retired", "signing", "never"} {
		if !strings.Contains(table, want) {
			t.Errorf("list does not say %q:\n%s", want, table)
		}
	}
	n.stop()
	n.start()
	n.passes("after a restart", renewed.text("access_token"))
	n.refusesKey("after a restart", old)
}

func (n *node) refusesKey(what, token string) {
	n.t.Helper()
	n.expect(what, n.ask("GET", "/protected", token, ""), 401, "code", "token_invalid")
}

// kekFile makes a key-encryption key.
func kekFile(t *testing.T, fill byte) string {
	t.Helper()
	b := make([]byte, 32)
	for i := range b {
		b[i] = fill + byte(i)
	}
	path := filepath.Join(t.TempDir(), "kek")
	if err := os.WriteFile(path, []byte(base64.StdEncoding.EncodeToString(b)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
