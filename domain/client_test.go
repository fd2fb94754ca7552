package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func TestParseClientID(t *testing.T) {
	for _, id := range []string{"a", "gate", "0", "a.b-c_9", strings.Repeat("z", 64)} {
		if got, err := domain.ParseClientID(id); err != nil || string(got) != id {
			t.Errorf("%q: %q, %v", id, got, err)
		}
	}
	for _, id := range []string{"", "A", "a b", "a:b", "é", "a\x00", "a\n", strings.Repeat("z", 65)} {
		var d *domain.Denied
		if _, err := domain.ParseClientID(id); !errors.As(err, &d) || d.Refusal != domain.RequestInvalid || d.Field != "client_id" {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// A session that stands is ended, alone; one that does not stays as it is, whatever the reason.
func TestRevoke(t *testing.T) {
	user := domain.User{ID: "018f0000-0000-7000-8000-000000000001", Email: "ana@example.com", PasswordHash: "h"}
	open := func(a *domain.Account, id domain.SessionID) {
		t.Helper()
		_, err := a.Open(noon, domain.Opening{ID: id, Verified: "h", Lifetime: domain.Lifetime{Absolute: time.Hour, Idle: time.Hour}})
		if err != nil {
			t.Fatal(err)
		}
	}
	a := domain.NewAccount(user)
	open(a, "s1")
	open(a, "s2")
	if !a.Revoke(noon.Add(time.Minute), "s1") {
		t.Error("it says that it did nothing")
	}
	s1, _ := a.Session("s1")
	if !s1.EndedAt.Equal(noon.Add(time.Minute)) || s1.EndReason != domain.ByRevocation {
		t.Errorf("ended at %v: %s", s1.EndedAt, s1.EndReason)
	}
	if s2, _ := a.Session("s2"); domain.StandingOf(a.User, s2).Refuse(noon) != nil {
		t.Error("the other session is over")
	}
	if a.Revoke(noon.Add(2*time.Minute), "s1") || a.Revoke(noon, "s3") || a.Revoke(noon.Add(time.Hour), "s2") {
		t.Error("it ended what was over")
	}
	if again, _ := a.Session("s1"); !again.Equal(s1) {
		t.Errorf("it ended it again: %v", again)
	}
}
