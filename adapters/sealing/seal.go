package sealing

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// mark begins whatever is sealed, in the one version there is; PKCS #8 begins with another byte, and no random secret
// begins like this. After it come the id of the key-encryption key, a colon, the nonce and the sealed bytes.
const mark = "porteiro-sealed-1:"

// SealedWith returns the id of the key-encryption key that a stored key is sealed with, or "" when it is not sealed.
func SealedWith(stored domain.Key) string {
	id, _, sealed := cut(stored.Private)
	if !sealed {
		return ""
	}
	return id
}

func cut(private []byte) (id string, sealed []byte, ok bool) {
	rest, marked := bytes.CutPrefix(private, []byte(mark))
	if !marked {
		return "", nil, false
	}
	before, sealed, found := bytes.Cut(rest, []byte(":"))
	if !found || len(before) != 2*idSize {
		return "unknown", nil, true
	}
	return string(before), sealed, true
}

// seal returns the key as it is stored.
func (k KEK) seal(key domain.Key) domain.Key {
	head := mark + k.id + ":"
	key.Private = k.aead.Seal([]byte(head), nil, key.Private, about(k.id, key))
	return key
}

// about is what is authenticated beside the secret: each text after its length, so that no two rows have the same.
func about(kek string, key domain.Key) []byte {
	b := []byte(mark)
	for _, s := range []string{kek, key.ID, string(key.Purpose), key.Algorithm} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

// Error says why a key cannot be opened and what to do, in one line that shows nothing of a key.
type Error struct{ line string }

func (e *Error) Error() string { return e.line }

func errorf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// keks opens what any of several keys has sealed.
type keks []KEK

// open returns the key as it is used, or an error that says what to do and shows nothing of it.
func (k keks) open(stored domain.Key) (domain.Key, error) {
	id, sealed, is := cut(stored.Private)
	if !is {
		return stored, nil
	}
	for _, kek := range k {
		if kek.id != id {
			continue
		}
		private, err := kek.aead.Open(nil, nil, sealed, about(id, stored))
		if err != nil {
			return domain.Key{}, errorf("signing key %s was sealed for another row, or has been altered: restore it from a backup, "+
				"or porteiro key rotate and then porteiro key retire it", stored.ID)
		}
		stored.Private = private
		return stored, nil
	}
	if len(k) == 0 {
		return domain.Key{}, errorf("signing key %s is sealed with the key-encryption key %s: give its file with "+
			"--key-encryption-key-file", stored.ID, id)
	}
	return domain.Key{}, errorf("signing key %s is sealed with the key-encryption key %s, and --key-encryption-key-file holds %s: "+
		"give the right file, or both (--old-key-encryption-key-file)", stored.ID, id, k)
}

// String lists the ids.
func (k keks) String() string {
	s := ""
	for i, kek := range k {
		if i > 0 {
			s += " and "
		}
		s += kek.id
	}
	return s
}
