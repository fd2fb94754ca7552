package domain_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// wire freezes the codes: clients of every transport compare them.
func wire() map[string]domain.Refusal {
	return map[string]domain.Refusal{
		"invalid_credentials": domain.InvalidCredentials, "invalid_client": domain.InvalidClient, "token_missing": domain.TokenMissing, "token_invalid": domain.TokenInvalid,
		"token_expired": domain.TokenExpired, "token_revoked": domain.TokenRevoked, "token_reused": domain.TokenReused,
		"session_expired": domain.SessionExpired, "insufficient_role": domain.InsufficientRole, "email_taken": domain.EmailTaken,
		"email_invalid": domain.EmailInvalid, "password_weak": domain.PasswordWeak, "registration_closed": domain.RegistrationClosed,
		"too_many_attempts": domain.TooManyAttempts, "cross_site": domain.CrossSite,
		"request_invalid": domain.RequestInvalid, "not_found": domain.NotFound, "method_not_allowed": domain.MethodNotAllowed,
		"media_type": domain.MediaType, "body_too_large": domain.BodyTooLarge, "unavailable": domain.Unavailable,
	}
}

func TestRefusals(t *testing.T) {
	for code, refusal := range wire() {
		if string(refusal) != code || refusal.Error() != code || !refusal.Known() {
			t.Errorf("got %q, Error() %q, known %v; want %q", string(refusal), refusal.Error(), refusal.Known(), code)
		}
	}
	for _, other := range []domain.Refusal{"", "Unavailable", "unavailable ", "teapot"} {
		if other.Known() {
			t.Errorf("%q is known", string(other))
		}
	}
	t.Run("each one declared is in the table above", func(t *testing.T) {
		file, err := parser.ParseFile(token.NewFileSet(), "refusal.go", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		declared := map[string]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			if c, ok := n.(*ast.ValueSpec); ok && len(c.Values) == 1 {
				if lit, ok := c.Values[0].(*ast.BasicLit); ok {
					declared[strings.Trim(lit.Value, `"`)] = true
				}
			}
			return true
		})
		for code := range declared {
			if _, ok := wire()[code]; !ok {
				t.Errorf("%s is declared and not in the table", code)
			}
		}
		if len(declared) != len(wire()) {
			t.Errorf("%d are declared, %d in the table", len(declared), len(wire()))
		}
	})
}

// TestNamesInTheStores freezes the words that rows and tokens keep.
func TestNamesInTheStores(t *testing.T) {
	for want, got := range map[string]any{
		"logout": domain.ByLogout, "password": domain.ByPassword, "disabled": domain.ByDisabling, "reuse": domain.ByReuse,
		"administrator": domain.ByAdministrator, "revocation": domain.ByRevocation, "access": domain.Access, "refresh": domain.Refresh,
		"global": domain.Global, "local": domain.Local, "others": domain.Others,
	} {
		if fmt.Sprint(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if domain.PasswordMethod != "password" {
		t.Errorf("got %q, want password", domain.PasswordMethod)
	}
}

func TestDenied(t *testing.T) {
	var err error = fmt.Errorf("register: %w", &domain.Denied{Refusal: domain.PasswordWeak, Field: "password", RetryAfter: time.Second})
	if !errors.Is(err, domain.PasswordWeak) || errors.Is(err, domain.EmailInvalid) {
		t.Errorf("errors.Is does not find the refusal, or finds another, in %v", err)
	}
	var d *domain.Denied
	if !errors.As(err, &d) || d.Field != "password" || d.RetryAfter != time.Second {
		t.Errorf("errors.As: got %+v", d)
	}
	for d, want := range map[*domain.Denied]string{
		{Refusal: domain.PasswordWeak, Field: "password"}: "password_weak: password",
		{Refusal: domain.Unavailable}:                     "unavailable",
	} {
		if got := d.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestErrPasswordChangedIsNoRefusal(t *testing.T) {
	if domain.ErrPasswordChanged.Error() != "the password changed since it was verified" {
		t.Errorf("got %q", domain.ErrPasswordChanged)
	}
	var r domain.Refusal
	if errors.As(domain.ErrPasswordChanged, &r) {
		t.Error("a caller could be told that the password changed")
	}
}
