package guard

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc"

	"github.com/porteiro/porteiro/domain"
)

// rule says who may call; the zero rule is everybody who is signed in.
type rule struct {
	exempt bool
	anyOf  []domain.Role
}

// rulesOf makes one rule of each name. A list of roles that came out empty must not let everybody in, and a name that is
// in both must not depend on which one is taken.
func rulesOf(c Config) (map[string]rule, error) {
	rules := map[string]rule{}
	for name, anyOf := range c.Roles {
		if !method(name) {
			return nil, misnamed(name)
		}
		if len(anyOf) == 0 {
			return nil, fmt.Errorf("no role is required for %s: name one, or leave the rule out", name)
		}
		for _, role := range anyOf {
			if _, err := domain.ParseRole(string(role)); err != nil {
				return nil, fmt.Errorf("%q, for %s, is no role: %w", role, name, err)
			}
		}
		rules[name] = rule{anyOf: slices.Clone(anyOf)}
	}
	for _, name := range c.Exempt {
		if !method(name) {
			return nil, misnamed(name)
		}
		if len(rules[name].anyOf) > 0 {
			return nil, fmt.Errorf("%s is exempt and has roles: leave one of them out", name)
		}
		rules[name] = rule{exempt: true}
	}
	return rules, nil
}

// method reports whether a name is one of a method, /SERVICE/METHOD, or of a service, /SERVICE/.
func method(name string) bool {
	service, _, found := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	return strings.HasPrefix(name, "/") && found && service != "" && strings.Count(name, "/") == 2 && !strings.ContainsAny(name, "* ")
}

func misnamed(name string) error {
	return fmt.Errorf("%q is no method: write /orders.v1.Orders/Cancel, or /orders.v1.Orders/ for all of a service", name)
}

// rule is the rule of a method: its own, else that of its service.
func (g *Guard) rule(name string) rule {
	if r, found := g.rules[name]; found {
		return r
	}
	return g.rules[name[:strings.LastIndexByte(name, '/')+1]]
}

// Check returns an error for a rule whose name nothing on the server has: a name that was mistyped asks nobody for a
// role. Call it when every service is registered: g.Check(server.GetServiceInfo()).
func (g *Guard) Check(served map[string]grpc.ServiceInfo) error {
	for name := range g.rules {
		service, called, _ := strings.Cut(strings.TrimPrefix(name, "/"), "/")
		info, found := served[service]
		has := func(m grpc.MethodInfo) bool { return m.Name == called }
		if !found || called != "" && !slices.ContainsFunc(info.Methods, has) {
			return fmt.Errorf("guard: the rule for %s is for nothing that the server has", name)
		}
	}
	return nil
}
