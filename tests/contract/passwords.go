package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Passwords proves a hasher right. open gives a hasher with room for one caller at least.
func Passwords(t *testing.T, open func(t *testing.T) application.Passwords) {
	t.Helper()
	run(t, "Passwords", open, passwordRows())
}

func passwordRows() []row[application.Passwords] {
	return []row[application.Passwords]{
		{"a hash verifies", "The password of a hash is ok, and under the current parameters not stale.", hashVerifies},
		{"any other does not", "Every other password is not ok: nothing is trimmed, folded or cut.", otherDoesNot},
		{"salted", "The same password hashes to something else each time.", salted},
		{"nobody", "The hash \"\" is nobody's: never ok, not even with the password \"\".", nobody},
		{"unreadable", "A hash that cannot be read is a wrong password and no error.", unreadableHash},
		{"over", "A call whose context has ended is Unavailable, or is answered right.", hashingOver},
		{"lengths", "A password counts to its last character, however long it is.", lastCharacterCounts},
		{"callers do not mix", "Passwords that are hashed and verified at the same time are each their own.", hashersDoNotMix},
		{"places", "Whoever has a place is worked for though all are taken, until they leave; everybody else is Unavailable. For application.Places.", placesHold},
	}
}

func hashVerifies(ctx context.Context, p application.Passwords) error {
	for _, password := range []string{password, "", "\x00", "senha com espaços e ção", strings.Repeat("long ", 200)} {
		hash, err := p.Hash(ctx, password)
		if err != nil {
			return err
		}
		ok, stale, err := p.Verify(ctx, password, hash)
		if err != nil || !ok || stale {
			return fmt.Errorf("%.20q: ok %v, stale %v, %v", password, ok, stale, err)
		}
	}
	return nil
}

func otherDoesNot(ctx context.Context, p application.Passwords) error {
	long := strings.Repeat("x", 72)
	for right, wrongs := range map[string][]string{
		password:        {"", password + " ", " " + password, strings.ToUpper(password), password[1:], password + "\x00"},
		long:            {long + "x", long[1:]},
		"\u00e9":        {"e\u0301", "\u00e8"},
		"nul\x00inside": {"nul", "nul\x00Inside", "nul\x00"},
	} {
		hash, err := p.Hash(ctx, right)
		if err != nil {
			return err
		}
		for _, wrong := range wrongs {
			if ok, _, err := p.Verify(ctx, wrong, hash); ok || err != nil {
				return fmt.Errorf("%.90q in place of %.90q: ok %v, %v", wrong, right, ok, err)
			}
		}
	}
	return nil
}

func salted(ctx context.Context, p application.Passwords) error {
	a, err1 := p.Hash(ctx, password)
	b, err2 := p.Hash(ctx, password)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if a == b || strings.Contains(a, password) {
		return fmt.Errorf("%q and %q", a, b)
	}
	return nil
}

func nobody(ctx context.Context, p application.Passwords) error {
	for _, password := range []string{"", password} {
		if ok, stale, err := p.Verify(ctx, password, ""); ok || stale || err != nil {
			return fmt.Errorf("%q: ok %v, stale %v, %v", password, ok, stale, err)
		}
	}
	return nil
}

func unreadableHash(ctx context.Context, p application.Passwords) error {
	hash, err := p.Hash(ctx, password)
	if err != nil {
		return err
	}
	for _, broken := range []string{"x", password, "$", hash[:len(hash)/2], hash + hash, strings.Repeat("$", 1000), "\x00\xff"} {
		if ok, stale, err := p.Verify(ctx, password, broken); ok || stale || err != nil {
			return fmt.Errorf("%.60q: ok %v, stale %v, %v", broken, ok, stale, err)
		}
	}
	return nil
}

func hashingOver(ctx context.Context, p application.Passwords) error {
	hash, err := p.Hash(ctx, password)
	if err != nil {
		return err
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := p.Hash(over, password); err != nil && !errors.Is(err, domain.Unavailable) {
		return fmt.Errorf("hash: %w", err)
	}
	if ok, _, err := p.Verify(over, password, hash); err != nil && !errors.Is(err, domain.Unavailable) || err == nil && !ok {
		return fmt.Errorf("verify: ok %v, %w", ok, err)
	}
	return nil
}

// lastCharacterCounts tries the lengths at which one hash or another stops to read.
func lastCharacterCounts(ctx context.Context, p application.Passwords) error {
	for _, n := range []int{8, 15, 16, 55, 64, 72, 100, 128, 255, 256, 1024} {
		right := strings.Repeat("x", n)
		hash, err := p.Hash(ctx, right+"a")
		if err != nil {
			return err
		}
		for _, wrong := range []string{right + "b", right} {
			if ok, _, err := p.Verify(ctx, wrong, hash); ok || err != nil {
				return fmt.Errorf("of %d characters the last one was left out: ok %v, %w", n+1, ok, err)
			}
		}
	}
	return nil
}

func hashersDoNotMix(ctx context.Context, p application.Passwords) error {
	return atOnce(4, func(i int) error {
		mine, theirs := fmt.Sprintf("%s %d", password, i), fmt.Sprintf("%s %d", password, (i+1)%4)
		hash, err := p.Hash(ctx, mine)
		if errors.Is(err, domain.Unavailable) { // every slot was taken
			return nil
		}
		if err != nil {
			return err
		}
		for try, want := range map[string]bool{mine: true, theirs: false} {
			ok, _, err := p.Verify(ctx, try, hash)
			if err != nil && !errors.Is(err, domain.Unavailable) || err == nil && ok != want {
				return fmt.Errorf("%q for the hash of %q: ok %v, %w", try, mine, ok, err)
			}
		}
		return nil
	})
}

// placesHold fills every place, so far as there is an end to them.
func placesHold(ctx context.Context, p application.Passwords) error {
	places, ok := p.(application.Places)
	if !ok {
		return nil
	}
	held, leave, err := places.Place(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for range 2 { // as one who has a place
		_, again, err := places.Place(held)
		if err != nil {
			return fmt.Errorf("who has a place: %w", err)
		}
		again()
	}
	taken, full := 0, false
	for !full && taken < 10_000 {
		_, leave, err := places.Place(ctx)
		if full = errors.Is(err, domain.Unavailable); full {
			break
		}
		if err != nil {
			return fmt.Errorf("place %d: %w", taken+2, err)
		}
		defer leave()
		taken++
	}
	hash, err := p.Hash(held, password)
	if err != nil {
		return fmt.Errorf("hash, in a place: %w", err)
	}
	if ok, _, err := p.Verify(held, password, hash); err != nil || !ok {
		return fmt.Errorf("verify, in a place: ok %v, %w", ok, err)
	}
	if !full {
		return nil
	}
	return placesEnd(ctx, p, places, leave)
}

// placesEnd starts where every place is taken, and leaves one of them.
func placesEnd(ctx context.Context, p application.Passwords, places application.Places, leave func()) error {
	if _, err := p.Hash(ctx, password); !errors.Is(err, domain.Unavailable) {
		return fmt.Errorf("hash, without a place: %w", err)
	}
	if _, _, err := p.Verify(ctx, password, ""); !errors.Is(err, domain.Unavailable) {
		return fmt.Errorf("verify, without a place: %w", err)
	}
	leave()
	leave()
	_, other, err := places.Place(ctx)
	if err != nil {
		return fmt.Errorf("the place of one who left: %w", err)
	}
	defer other()
	if _, _, err := places.Place(ctx); !errors.Is(err, domain.Unavailable) {
		return fmt.Errorf("one left twice, and two came in: %w", err)
	}
	return nil
}
