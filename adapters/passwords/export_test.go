package passwords

// Key is the work of argon2id: the arguments of argon2.IDKey.
type Key = func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte

// NewCheap is New without the floor under the parameters, so that a test may use some that cost nothing, and with
// another argon2id when key is not nil.
func NewCheap(c Config, key Key) *Hasher {
	h := build(c.withDefaults())
	if key != nil {
		h.key = key
	}
	return h
}

// Tighten bounds stored hashes to what a fuzzer has the time for.
func (h *Hasher) Tighten() {
	h.limits = limits{memory: 64, passes: 2, lanes: 3, blocks: 8, iterations: 10, cost: 4}
}

// Reads says whether New's Hasher would compute anything from hash, other than nobody's work.
func Reads(hash string) bool { return parse(hash, storedLimits()) != nil }
