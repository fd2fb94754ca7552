package passwords

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// phc is an argon2id hash in the PHC string format.
type phc struct {
	params    Params
	salt, tag []byte
}

// parsePHC returns a phc or nil. There is one way to write a hash: what would not be written back byte for byte is not
// read, and that settles leading zeros, padding, stray bits and the line breaks that encoding/base64 skips.
func parsePHC(hash string, l limits) any {
	fields := strings.Split(hash, "$") // "", "argon2id", version, parameters, salt, tag
	if len(fields) != 6 {
		return nil
	}
	var p phc
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &p.params.Memory, &p.params.Time, &p.params.Threads); err != nil {
		return nil
	}
	var err error
	if p.salt, err = encoding().DecodeString(fields[4]); err != nil {
		return nil
	}
	if p.tag, err = encoding().DecodeString(fields[5]); err != nil {
		return nil
	}
	sound := l.allow(p.params) && within(p.salt, 8, 64) && within(p.tag, 16, 64)
	if !sound || p.String() != hash {
		return nil
	}
	return p
}

// String returns the PHC string.
func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$%v$%s$%s", argon2.Version, p.params,
		encoding().EncodeToString(p.salt), encoding().EncodeToString(p.tag))
}

// covers says whether p is as strong as a new hash of params would be, in every part: else it is stale. More lanes are
// weaker, because they give an attacker the same work in less time.
func (p phc) covers(params Params) bool {
	return p.params.Memory >= params.Memory && p.params.Time >= params.Time && p.params.Threads <= params.Threads &&
		len(p.salt) >= saltSize && len(p.tag) >= tagSize
}

func encoding() *base64.Encoding { return base64.RawStdEncoding.Strict() }

func within(b []byte, least, most int) bool { return len(b) >= least && len(b) <= most }
