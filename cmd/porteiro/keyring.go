package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/adapters/sealing"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// keyTimes are the settings that say how long keys are announced and kept: the same for every node and for those who
// rotate by hand.
type keyTimes struct {
	access, session, leeway, poll, maxAge time.Duration
}

func (k *keyTimes) flags(f *pflag.FlagSet) {
	f.DurationVar(&k.access, "access-ttl", 15*time.Minute, "the life of an access token")
	f.DurationVar(&k.session, "session-ttl", 720*time.Hour, "the life of a session from its login")
	f.DurationVar(&k.leeway, "leeway", 30*time.Second, "how far the clocks of nodes and store may be apart")
	f.DurationVar(&k.poll, "key-poll", 10*time.Second, "how often a node looks at the signing keys")
	f.DurationVar(&k.maxAge, "jwks-max-age", 5*time.Minute, "how long the public keys may be kept by those who verify")
}

// check refuses what cannot be meant.
func (k *keyTimes) check() error {
	const shortest = 100 * time.Millisecond
	switch {
	case k.poll < shortest:
		return usagef("--key-poll is at least %v, not %v", shortest, k.poll)
	case k.maxAge < 0 || k.leeway < 0:
		return usagef("--jwks-max-age and --leeway are not negative")
	}
	return nil
}

// deps is the settings as the use case takes them.
func (k *keyTimes) deps(store application.KeyStore) application.KeyRingDeps {
	return application.KeyRingDeps{
		Store: store, Maker: tokens.Maker{}, Clock: time.Now, Poll: k.poll, MaxAge: noneIfZero(k.maxAge), Leeway: noneIfZero(k.leeway),
		AccessTTL: k.access, SessionTTL: k.session,
	}
}

// kekFiles name the files of key-encryption keys.
type kekFiles struct{ kek, oldKEK string }

func (k *kekFiles) flags(f *pflag.FlagSet) {
	f.StringVar(&k.kek, "key-encryption-key-file", "", "a file with the key that seals the signing keys in the database: 32 random bytes in base64 or hex")
	f.StringVar(&k.oldKEK, "old-key-encryption-key-file", "", "a file with the one before, to open what it has sealed")
}

// check refuses the key before without the one now.
func (k *kekFiles) check() error {
	if k.kek == "" && k.oldKEK != "" {
		return usagef("--old-key-encryption-key-file is given without --key-encryption-key-file: give the new one too")
	}
	return nil
}

// read reads the files that are named, and says on which lines somebody should be warned.
func (k *kekFiles) read(warn func(string)) ([]sealing.KEK, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	var keks []sealing.KEK
	for _, f := range []struct{ flag, path string }{{"key-encryption-key-file", k.kek}, {"old-key-encryption-key-file", k.oldKEK}} {
		if f.path == "" {
			continue
		}
		kek, open, err := readKEK(f.path)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", f.flag, err)
		}
		if open {
			warn(fmt.Sprintf("%s can be read by others than its owner: chmod 600 it", f.path))
		}
		keks = append(keks, kek)
	}
	return keks, nil
}

// readKEK reads a file, and says whether others than its owner can.
func readKEK(path string) (kek sealing.KEK, open bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sealing.KEK{}, false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return sealing.KEK{}, false, err
	}
	b, err := io.ReadAll(io.LimitReader(f, 1<<10)) // such a key has 64 characters at most
	if err != nil {
		return sealing.KEK{}, false, err
	}
	if kek, err = sealing.ParseKEK(string(b)); err != nil {
		return sealing.KEK{}, false, fmt.Errorf("%s %w", path, err)
	}
	return kek, runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0, nil
}

// sealedSentence says to a person why a key cannot be opened.
func sealedSentence(err error) error {
	var sealed *sealing.Error
	if errors.As(err, &sealed) {
		return sealed
	}
	return err
}

// signing is what serve's flags say of keys, beside their times.
type signing struct {
	kekFiles
	algorithm string
	rotation  time.Duration
}

func (s *signing) flags(f *pflag.FlagSet) {
	f.StringVar(&s.algorithm, "algorithm", "EdDSA", "how access tokens are signed: "+strings.Join(tokens.Algorithms(), ", "))
	f.DurationVar(&s.rotation, "key-rotation", 720*time.Hour, "how long a signing key signs before the next one does; 0 until porteiro key rotate")
	s.kekFiles.flags(f)
}

func (s *signing) check(t keyTimes) error {
	switch {
	case !slices.Contains(tokens.Algorithms(), s.algorithm):
		return usagef("--algorithm is one of %s, not %q", strings.Join(tokens.Algorithms(), ", "), s.algorithm)
	case s.rotation < 0:
		return usagef("--key-rotation is not negative")
	case s.rotation > 0 && s.rotation < t.maxAge+2*t.poll+t.leeway:
		return usagef("--key-rotation (%v) is at least as long as a new key is published before it signs (%v): --jwks-max-age, "+
			"--leeway and two --key-poll", s.rotation, t.maxAge+2*t.poll+t.leeway)
	}
	if err := s.kekFiles.check(); err != nil {
		return err
	}
	return t.check()
}

// ring makes the first keys and returns what looks after them, and the tokens that follow it.
func (s *signing) ring(
	ctx context.Context, st application.KeyStore, keks []sealing.KEK, t keyTimes, n names, log *slog.Logger,
) (*application.KeyRing, *tokens.Live, error) {
	store := sealing.New(st, time.Now, keks...)
	deps := t.deps(store)
	deps.Algorithm, deps.Every = s.algorithm, s.rotation
	ring, err := application.NewKeyRing(deps)
	if err != nil {
		return nil, nil, err
	}
	tell := func(made []domain.Key, err error) error {
		for _, k := range made {
			if k.ActiveFrom.Equal(k.CreatedAt) {
				continue // a first key is no news
			}
			log.Info("a signing key was made", "id", k.ID, "purpose", k.Purpose, "algorithm", k.Algorithm, "active_from", k.ActiveFrom)
		}
		return err
	}
	if err := tell(ring.Begin(ctx)); err != nil {
		return nil, nil, sealedSentence(err)
	}
	live, err := tokens.NewLive(ctx, store, tokens.LiveConfig{
		Config: tokens.Config{
			Issuer: n.issuer, Audience: n.audience, ClientID: n.clientID, MaxAccess: ceiling(t.access),
		},
		Poll: t.poll, Clock: time.Now, Logger: log,
		Tend: func(ctx context.Context) error { return tell(ring.Tend(ctx)) },
	})
	if err != nil {
		return nil, nil, err
	}
	return ring, live, warnOfUnsealed(ctx, st, keks, log)
}

// warnOfUnsealed: somebody who sets a key-encryption key believes that the keys are sealed.
func warnOfUnsealed(ctx context.Context, st application.KeyStore, keks []sealing.KEK, log *slog.Logger) error {
	if len(keks) == 0 {
		return nil
	}
	stored, err := st.Keys(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(stored, func(k domain.Key) bool { return sealing.SealedWith(k) == "" }) {
		log.Warn("signing keys from before are in the database unsealed: porteiro key seal seals them")
	}
	return nil
}

// ceiling is what an access token may say that it lives for: what this node would have it live, in whole seconds, as
// its times are cut. One that was issued under a longer time to live is refused from the change on.
func ceiling(ttl time.Duration) time.Duration { return (ttl + time.Second - 1).Truncate(time.Second) }
