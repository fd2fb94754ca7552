package application

import "github.com/porteiro/porteiro/domain"

// Overdue says of which purposes the next key should have been made by now, and for two polls and the leeway already: no
// node that rotates has been running. It looks at the keys that it is given, and writes nothing.
func (r *KeyRing) Overdue(keys []domain.Key) []domain.Kind {
	var late []domain.Kind
	for _, purpose := range purposes() {
		if domain.NewRing(keys...).Due(r.d.Clock().Add(-2*r.d.Poll-r.d.Leeway), purpose, r.d.Every, r.handover(purpose)) {
			late = append(late, purpose)
		}
	}
	return late
}
