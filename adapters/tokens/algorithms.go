package tokens

import (
	"github.com/golang-jwt/jwt/v5"

	"github.com/porteiro/porteiro/domain"
)

// algorithm is one that keys of a purpose may have. The header of a token never chooses it: the key does.
type algorithm struct {
	purpose domain.Kind
	method  jwt.SigningMethod // its Alg is the name in keys and headers
	// load reads domain.Key.Private into what the method signs and verifies with.
	load func(private []byte) (sign, verify any, err error)
	// generate makes a key's ID, which says nothing of the secret, and its Private.
	generate func() (id string, private []byte, err error)
}

// algorithms is every one; for each purpose the first is the default.
var algorithms = []algorithm{
	{domain.Access, jwt.SigningMethodEdDSA, loadEd25519, generateEd25519},
	{domain.Access, jwt.SigningMethodES256, loadP256, generateP256},
	{domain.Access, jwt.SigningMethodRS256, loadRSA, generateRSA},
	{domain.Access, jwt.SigningMethodHS256, loadSecret, generateSecret},
	{domain.Refresh, jwt.SigningMethodHS256, loadDerived, generateSecret},
}

var kinds = []domain.Kind{domain.Access, domain.Refresh}

func algorithmOf(purpose domain.Kind, name string) (algorithm, bool) {
	for _, a := range algorithms {
		if a.purpose == purpose && (name == "" || a.method.Alg() == name) {
			return a, true
		}
	}
	return algorithm{}, false
}

// Algorithms returns the names of those that access keys may have, the default first.
func Algorithms() []string {
	var names []string
	for _, a := range algorithms {
		if a.purpose == domain.Access {
			names = append(names, a.method.Alg())
		}
	}
	return names
}
