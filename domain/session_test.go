package domain_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// each calls f for every field of the struct, with a copy in which that field alone differs.
func each[T any](t *testing.T, of T, f func(field string, differs T)) {
	t.Helper()
	for i := range reflect.TypeFor[T]().NumField() {
		differs := of
		v := reflect.ValueOf(&differs).Elem().Field(i)
		switch field := v.Addr().Interface().(type) {
		case *time.Time:
			*field = field.Add(domain.Tick)
		case *[]domain.Role:
			*field = append([]domain.Role{"other"}, *field...)
		case *[]domain.Method:
			*field = append([]domain.Method{"other"}, *field...)
		case *int:
			*field++
		default:
			v.SetString(v.String() + "x")
		}
		f(reflect.TypeFor[T]().Field(i).Name, differs)
	}
}

func TestSessionEqual(t *testing.T) {
	s := domain.Session{ID: sid(1), LoginTime: noon, Methods: []domain.Method{domain.PasswordMethod}}
	elsewhere := s
	elsewhere.LoginTime = s.LoginTime.In(time.FixedZone("", 3600))
	if !s.Equal(s.Clone()) || !s.Equal(elsewhere) {
		t.Error("a session is not equal to itself")
	}
	each(t, s, func(field string, differs domain.Session) {
		if s.Equal(differs) || differs.Equal(s) {
			t.Errorf("%s differs, and Equal does not see it", field)
		}
	})
}

func TestSessionEnded(t *testing.T) {
	if (domain.Session{EndReason: domain.ByLogout}).Ended() {
		t.Error("a session without the time of its end has ended")
	}
	if !(domain.Session{EndedAt: time.Unix(0, 0)}).Ended() {
		t.Error("a session that ended at the epoch has not ended")
	}
}

func TestSessionCloneSharesNothing(t *testing.T) {
	s := domain.Session{ID: sid(1), Methods: []domain.Method{domain.PasswordMethod}}
	s.Clone().Methods[0] = "spoilt"
	if s.Methods[0] != domain.PasswordMethod {
		t.Error("the clone's methods are the session's")
	}
}
