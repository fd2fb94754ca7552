package guard_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/porteiro/porteiro/adapters/grpcapi/guard"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestRules(t *testing.T) {
	roles := func(roles map[string][]domain.Role, exempt ...string) guard.Config {
		return guard.Config{Roles: roles, Exempt: exempt}
	}
	for _, c := range []struct {
		name         string
		rules        guard.Config
		check, watch string // the roles that are asked for; "-" where nobody is asked
	}{
		{"none", roles(nil), "", ""},
		{"a method's", roles(map[string][]domain.Role{check: {"admin", "reader"}}), "admin reader", ""},
		{"a service's", roles(map[string][]domain.Role{all: {"admin"}}), "admin", "admin"},
		{"a method's before its service's", roles(map[string][]domain.Role{all: {"admin"}, watch: {"reader"}}), "admin", "reader"},
		{"another service's", roles(map[string][]domain.Role{"/grpc.health.v1.Healthy/": {"admin"}, "/health.v1.Health/Check": {"admin"}}), "", ""},
		{"an exempt service", roles(nil, all), "-", "-"},
		{"an exempt method", roles(nil, watch), "", "-"},
		{"a method with roles in an exempt service", roles(map[string][]domain.Role{check: {"admin"}}, all), "admin", "-"},
		{"an exempt method in a service with roles", roles(map[string][]domain.Role{all: {"admin"}}, check), "-", "admin"},
		{"exempt in another case", roles(nil, strings.ToLower(check)), "", ""},
	} {
		d := newDoor(t, func(to *guard.Config) { to.Roles, to.Exempt = c.rules.Roles, c.rules.Exempt })
		for method, want := range map[string]string{check: c.check, watch: c.watch} {
			d.asked, d.in = nil, nil
			if err := d.call(t, method, "authorization", "Bearer T"); err != nil || len(d.in) != 1 {
				t.Fatalf("%s: %s: %v", c.name, method, err)
			}
			got := "-"
			if len(d.asked) == 1 {
				got = strings.Join(d.asked[0][1:], " ")
			}
			if _, known := application.IdentityOf(d.in[0]); got != want || known != (want != "-") {
				t.Errorf("%s: %s asked for %q, want %q; the method has an identity: %v", c.name, method, got, want, known)
			}
		}
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	asks := func(name string, roles ...domain.Role) guard.Config {
		return guard.Config{Gate: &gate{}, Logger: log, Roles: map[string][]domain.Role{name: roles}}
	}
	both := asks(check, "admin")
	both.Exempt = []string{check}
	for want, c := range map[string]guard.Config{
		"a Gate is needed":                         {Logger: log},
		"a Logger is needed":                       {Gate: &gate{}},
		"a timeout of -1s":                         {Gate: &gate{}, Logger: log, Timeout: -time.Second},
		"no role is required for " + check:         asks(check),
		`"Admin", for ` + all + `, is no role`:     asks(all, "Admin"),
		`"grpc.health.v1.Health/Check" is no meth`: asks("grpc.health.v1.Health/Check", "admin"),
		`"/grpc.health.v1.Health" is no method`:    asks("/grpc.health.v1.Health", "admin"),
		`"/" is no method`:                         {Gate: &gate{}, Logger: log, Exempt: []string{"/"}},
		`"//" is no method`:                        {Gate: &gate{}, Logger: log, Exempt: []string{"//"}},
		`"/grpc.health.v1.Health/*" is no method`:  {Gate: &gate{}, Logger: log, Exempt: []string{"/grpc.health.v1.Health/*"}},
		check + " is exempt and has roles":         both,
	} {
		if g, err := guard.New(c); g != nil || err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "guard: ") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A rule under a mistyped name would ask nobody for anything.
func TestCheck(t *testing.T) {
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, &service{})
	for name, right := range map[string]bool{
		check: true, watch: true, all: true, "/grpc.health.v1.Health/Chek": false, "/grpc.health.v1.health/Check": false, "/orders.v1.Orders/": false,
	} {
		for _, exempt := range []bool{false, true} {
			c := guard.Config{Gate: &gate{}, Logger: slog.New(slog.DiscardHandler), Roles: map[string][]domain.Role{name: {"admin"}}}
			if exempt {
				c.Roles, c.Exempt = nil, []string{name}
			}
			g, err := guard.New(c)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Check(server.GetServiceInfo()); (err == nil) != right || err != nil && !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
