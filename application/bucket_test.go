package application_test

import (
	"strings"
	"testing"

	"github.com/porteiro/porteiro/application"
)

// Nodes of two versions count the same tries, and the store has names from before.
func TestBucketsKeepTheirNames(t *testing.T) {
	for want, of := range map[string][]string{
		"address:fd72c875eb598ecd26d7ff2045c65040":  {"192.0.2.7"},
		"account:cfb87c4c1ed713cc8ee9748a8813b380":  {"ana@example.com"},
		"pair:80b6fb60d74558af9562d59f182958cd":     {"ana@example.com", "192.0.2.7"},
		"familiar:a042322b51d50dfcfd7a43adeb4def30": {"ana@example.com", "2001:db8::/64"},
		"pair:facdde7abf1eac5b301273ab2e282f79":     {"a", "b"},
	} {
		kind, _, _ := strings.Cut(want, ":")
		if got := application.Bucket(kind, of...); got != want {
			t.Errorf("%q is %s, not %s", of, got, want)
		}
	}
	if long := application.Bucket("account", strings.Repeat("a", 1000)); len(long) != len("account:")+32 {
		t.Errorf("a long one is %s", long)
	}
	for _, of := range [][]string{{""}, {"", "192.0.2.7"}, {"ana@example.com", ""}} {
		if got := application.Bucket("pair", of...); got != "" {
			t.Errorf("%q is %s", of, got)
		}
	}
}
