package application

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// newID makes a UUIDv7 (RFC 9562 section 5.7): the time first, so that an index grows at its end, then 74 random bits.
func newID(now time.Time) string {
	var b [16]byte
	ms := now.UnixMilli()
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	rand.Read(b[6:]) // never fails (crypto/rand)
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func newUserID(now time.Time) domain.UserID { return domain.UserID(newID(now)) }

func newSessionID(now time.Time) domain.SessionID { return domain.SessionID(newID(now)) }
