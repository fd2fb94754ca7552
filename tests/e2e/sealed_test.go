package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/sqlite"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

// dump reads the keys as the database keeps them.
func dump(t *testing.T, path string) []domain.Key {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	kept, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// TestT053ADumpOfSealedKeysForgesNothing: whoever has the whole database, and every session in it, but not the
// key-encryption key, makes no token that passes.
func TestT053ADumpOfSealedKeysForgesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "porteiro.db")
	databaseURL, kek := "sqlite:"+path, kekFile(t, 1)
	n := serve(t, databaseURL, "--algorithm", "HS256", "--key-encryption-key-file", kek)
	if a := n.ask("POST", "/register", "", credentials); a.status != 201 {
		t.Fatalf("register: %d %s", a.status, a.body)
	}
	access, refresh := n.login()
	me := n.ask("GET", "/me", access, "")
	kept := dump(t, path)
	for i := range kept { // what is kept, or the part of it that is not the mark, taken for a secret
		for _, cut := range []int{0, len("porteiro-sealed-1:"), len(kept[i].Private) - 48, len(kept[i].Private) - 32} {
			n.forge(access, refresh, me, kept[i], kept[i].Private[cut:])
		}
	}
	n.passes("the true token", access)
	n.stop()
	key(t, databaseURL, "seal", "--unseal", "--key-encryption-key-file", kek)
	n.args = append(n.args[:len(n.args)-2:len(n.args)-2], "--algorithm", "HS256")
	n.start()
	passed := 0
	for _, k := range dump(t, path) { // the control: unsealed, the same forger gets in
		if bytes.HasPrefix(k.Private, []byte("porteiro-sealed")) {
			t.Errorf("%s is sealed still", k.ID)
		}
		passed += n.forged(access, refresh, me, k, k.Private)
	}
	if passed != 2 {
		t.Errorf("from a dump that is not sealed %d tokens pass: the forger of this test is no good", passed)
	}
}

func (n *node) forge(access, refresh string, me answer, k domain.Key, secret []byte) {
	n.t.Helper()
	if n.forged(access, refresh, me, k, secret) != 0 {
		n.t.Errorf("with %d bytes of the sealed key %s a token is forged that passes", len(secret), k.ID)
	}
}

// forged makes a token of a key with the secret, and says how many pass.
func (n *node) forged(access, refresh string, me answer, k domain.Key, secret []byte) int {
	n.t.Helper()
	k.Private, k.Algorithm = secret, "HS256"
	other, err := tokens.Maker{}.Make(map[domain.Kind]domain.Kind{domain.Access: domain.Refresh, domain.Refresh: domain.Access}[k.Purpose], "")
	if err != nil {
		n.t.Fatal(err)
	}
	codec, err := tokens.New([]domain.Key{k, other}, tokens.Config{})
	if err != nil {
		n.t.Fatal(err)
	}
	claims := domain.Claims{
		Kind: k.Purpose, Session: domain.SessionID(me.text("session")), Subject: domain.UserID(me.text("id")),
		IssuedAt: time.Now(), Expires: time.Now().Add(10 * time.Minute),
	}
	method, path := "POST", "/refresh"
	if k.Purpose == domain.Access {
		claims.ID, method, path = "forged", "GET", "/protected"
	}
	token, err := codec.Issue(claims)
	if err != nil {
		n.t.Fatal(err)
	}
	if token == access || token == refresh {
		n.t.Error("it made the true token")
	}
	a := n.ask(method, path, token, "")
	if a.status == 200 {
		return 1
	}
	if a.status != 401 || a.text("code") != "token_invalid" {
		n.t.Errorf("a forged %s token: %d %s", k.Purpose, a.status, a.body)
	}
	return 0
}

func TestSealedKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "porteiro.db")
	databaseURL, one, two := "sqlite:"+path, kekFile(t, 1), kekFile(t, 101)
	n := serve(t, databaseURL)
	if a := n.ask("POST", "/register", "", credentials); a.status != 201 {
		t.Fatalf("register: %d %s", a.status, a.body)
	}
	token, _ := n.login()
	n.stop()
	plain := n.args
	with := func(files ...string) {
		n.args = append(plain[:len(plain):len(plain)], files...)
		n.start()
		n.passes("with "+strings.Join(files, " "), token)
		if strings.Contains(n.stderr.String(), "unsealed") != (len(files) == 2 && keys(t, databaseURL, "access")[0].SealedWith == "") {
			t.Errorf("it logs %s", n.stderr)
		}
		n.stop()
	}
	refused := func(what, says string, args ...string) {
		t.Helper()
		out, errs, code := porteiro(t, "", append(append(args, "--database-url", databaseURL), strings.Fields(map[bool]string{true: "--listen 127.0.0.1:0"}[args[0] == "serve"])...)...)
		if code == 0 || !strings.Contains(errs, says) || strings.Count(errs, "\n") != 1 || strings.Contains(errs, "unavailable") || out != "" {
			t.Errorf("%s: exit %d: %q %q, want %q", what, code, out, errs, says)
		}
	}
	with("--key-encryption-key-file", one) // set later: what is there goes on
	if out := key(t, databaseURL, "seal", "--key-encryption-key-file", one); !strings.Contains(out, "sealed 2 keys") || !strings.Contains(out, "copies of the database") {
		t.Errorf("seal says %q", out)
	}
	with("--key-encryption-key-file", one)
	refused("serve without the file", "give its file with --key-encryption-key-file", "serve")
	refused("serve with another", "give the right file", "serve", "--key-encryption-key-file", two)
	refused("serve with a file that is none", "openssl rand -base64 32", "serve", "--key-encryption-key-file", path)
	refused("serve with a file without an end", "openssl rand -base64 32", "serve", "--key-encryption-key-file", "/dev/zero")
	refused("serve with a folder", "is a directory", "serve", "--key-encryption-key-file", t.TempDir())
	refused("serve with no file", "no such file", "serve", "--key-encryption-key-file", path+".none")
	refused("serve with the old one alone", "--key-encryption-key-file", "serve", "--old-key-encryption-key-file", two)
	refused("rotate without the file", "give its file with --key-encryption-key-file", "key", "rotate")
	refused("rotate with another", "give the right file", "key", "rotate", "--key-encryption-key-file", two)
	refused("seal with another", "--old-key-encryption-key-file", "key", "seal", "--key-encryption-key-file", two)
	if out, errs, code := porteiro(t, "", "user", "list", "--database-url", databaseURL); code != 0 || !strings.Contains(out, "ana@example.com") {
		t.Errorf("user list needs no keys: exit %d %s", code, errs)
	}
	with("--key-encryption-key-file", two, "--old-key-encryption-key-file", one)
	if out := key(t, databaseURL, "seal", "--key-encryption-key-file", two, "--old-key-encryption-key-file", one); !strings.Contains(out, "sealed 2 keys") || strings.Contains(out, "copies") {
		t.Errorf("seal says %q", out)
	}
	with("--key-encryption-key-file", two)
	key(t, databaseURL, "rotate", "--key-encryption-key-file", two)
	for _, k := range dump(t, path) {
		if !bytes.HasPrefix(k.Private, []byte("porteiro-sealed-1:")) {
			t.Errorf("%s is not sealed", k.ID)
		}
	}
	if out := key(t, databaseURL, "seal", "--unseal", "--key-encryption-key-file", two); !strings.Contains(out, "unsealed 4 keys") {
		t.Errorf("unseal says %q", out)
	}
	with()
	if err := os.Chmod(two, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := porteiro(t, "", "key", "seal", "--key-encryption-key-file", two, "--database-url", databaseURL); code != 0 || !strings.Contains(errs, "chmod 600") {
		t.Errorf("a file that others can read: exit %d %q", code, errs)
	}
}

// TestALostKeyEncryptionKey: without the file nothing that it sealed is used again, and there is a way on.
func TestALostKeyEncryptionKey(t *testing.T) {
	databaseURL, lost, found := "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), kekFile(t, 1), kekFile(t, 101)
	n := serve(t, databaseURL, "--key-encryption-key-file", lost)
	if a := n.ask("POST", "/register", "", credentials); a.status != 201 {
		t.Fatalf("register: %d %s", a.status, a.body)
	}
	old, _ := n.login()
	n.stop()
	before := append(keys(t, databaseURL, "access"), keys(t, databaseURL, "refresh")...)
	key(t, databaseURL, "rotate", "--lost-key-encryption-key", "--key-encryption-key-file", found)
	for _, k := range before {
		key(t, databaseURL, "retire", k.ID, "--now")
	}
	n.args[len(n.args)-1] = found
	n.start()
	n.refusesKey("a token from before", old)
	token, _ := n.login()
	n.passes("a token of the new key", token)
}
