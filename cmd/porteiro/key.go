package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/porteiro/porteiro/adapters/sealing"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// keyCommands is what the subcommands of key share.
type keyCommands struct {
	*console
	database
	kekFiles
	audit
	json bool
	lost bool // the key-encryption key before
}

func newKey(c *console) *cobra.Command {
	k := &keyCommands{console: c}
	cmd := &cobra.Command{
		Use:   "key",
		Short: "List, rotate, retire and seal the signing keys",
		Args:  noSubcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(k.list(), k.rotate(), k.retire(), k.seal())
	for _, sub := range cmd.Commands() {
		k.database.flags(sub.Flags())
		k.audit.flags(sub.Flags())
	}
	return cmd
}

// open hands f the store of the keys as they are kept.
func (k *keyCommands) open(cmd *cobra.Command, f func(ctx context.Context, stored store) error) error {
	location, err := k.location(cmd.Flags().Changed)
	if err != nil {
		return err
	}
	s, err := open(cmd.Context(), location, k.pool, 5*time.Second, true)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Check(cmd.Context()); err != nil {
		return err
	}
	return f(cmd.Context(), s)
}

// administer hands f the use case. It opens no sealed key, and needs the key-encryption key for new ones only.
func (k *keyCommands) administer(cmd *cobra.Command, t keyTimes, f func(context.Context, application.Keys, store) error) error {
	keks, err := k.keks()
	if err != nil {
		return err
	}
	return k.open(cmd, func(ctx context.Context, stored store) error {
		deps := t.deps(sealing.New(stored, time.Now, keks...).Blind(k.lost))
		deps.Events = k.events(k.stderr)
		ring, err := application.NewKeyRing(deps)
		if err != nil {
			return err
		}
		return f(operated(ctx), ring, stored)
	})
}

func (k *keyCommands) keks() ([]sealing.KEK, error) {
	return k.read(func(line string) { fmt.Fprintln(k.stderr, "porteiro: warning:", line) })
}

func (k *keyCommands) rotate() *cobra.Command {
	var t keyTimes
	var algorithm, purpose string
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Add keys that sign as soon as everybody can know them",
		Long: `Rotate adds a key for access tokens and one for refresh tokens. They sign when every node and whoever keeps the
public keys can know them; the keys before them go on verifying until the last token that they signed has expired.

Give it the same --access-ttl, --session-ttl, --leeway, --key-poll and --jwks-max-age as porteiro serve, and the same
--algorithm, to which a node returns at its next start. Keys that are sealed take the --key-encryption-key-file of the
nodes: with another one no node could open the new keys. Where that file is lost, --lost-key-encryption-key adds keys
sealed with a new one; retire those before with --now and restart every node with it.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			purposes, err := rotated(purpose, algorithm)
			if err != nil {
				return err
			}
			if err := t.check(); err != nil {
				return err
			}
			return k.administer(cmd, t, func(ctx context.Context, keys application.Keys, _ store) error {
				for _, p := range purposes {
					wanted := ""
					if p == domain.Access {
						wanted = algorithm
					}
					key, err := keys.Rotate(ctx, p, wanted)
					if err != nil {
						return keySentence(err, "", algorithm)
					}
					fmt.Fprintf(k.stdout, "added %s (%s, %s): it signs from %s on\n", key.ID, key.Purpose, key.Algorithm, moment(key.ActiveFrom))
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&algorithm, "algorithm", "", "of the key for access tokens (default: the one so far)")
	cmd.Flags().StringVar(&purpose, "purpose", "", "access or refresh (default: both)")
	cmd.Flags().BoolVar(&k.lost, "lost-key-encryption-key", false, "the file with the key that sealed those before is lost")
	t.flags(cmd.Flags())
	k.kekFiles.flags(cmd.Flags())
	return cmd
}

func rotated(purpose, algorithm string) ([]domain.Kind, error) {
	switch {
	case purpose == "":
		return []domain.Kind{domain.Access, domain.Refresh}, nil
	case purpose == string(domain.Refresh) && algorithm != "":
		return nil, usagef("--algorithm is of access tokens: those for refreshing have but one")
	case purpose == string(domain.Access), purpose == string(domain.Refresh):
		return []domain.Kind{domain.Kind(purpose)}, nil
	}
	return nil, usagef("--purpose is access or refresh, not %q", purpose)
}

func (k *keyCommands) retire() *cobra.Command {
	var t keyTimes
	var now bool
	cmd := &cobra.Command{
		Use:   "retire ID",
		Short: "Have what a key signed refused, on every node",
		Long: `Retire has every token that the key signed refused, on every node as soon as it looks at the keys again (porteiro
serve --key-poll). After a rotation nobody needs it: a key retires by itself when its last token has expired. It is for
a key that somebody else may have: rotate first, then retire it with --now. The new key then signs at once; who
verifies by public keys may not know it before they fetch them again.`,
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.check(); err != nil {
				return err
			}
			return k.administer(cmd, t, func(ctx context.Context, keys application.Keys, _ store) error {
				if err := keys.Retire(ctx, args[0], now); err != nil {
					return keySentence(err, args[0], "")
				}
				fmt.Fprintf(k.stdout, "retired %s: every node refuses what it signed with its next look at the keys\n", args[0])
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&now, "now", false, "also when tokens that it signed are out: their owners have to log in again")
	t.flags(cmd.Flags())
	return cmd
}

// keySentence says a refusal to a person.
func keySentence(err error, id, algorithm string) error {
	switch {
	case errors.Is(err, domain.NotFound):
		return fmt.Errorf("there is no key %s: porteiro key list shows which there are", id)
	case errors.Is(err, domain.ErrLastKey):
		return fmt.Errorf("%s is the last key of its purpose that is there to stay: porteiro key rotate first", id)
	case errors.Is(err, domain.ErrKeyInUse):
		return fmt.Errorf("tokens that %s signed pass still: --now has all of them refused, and their owners log in again", id)
	case errors.Is(err, domain.RequestInvalid):
		return usagef("no access tokens are signed with %q: porteiro serve --help lists the algorithms", algorithm)
	}
	return sealedSentence(err)
}

func (k *keyCommands) seal() *cobra.Command {
	var unseal bool
	cmd := &cobra.Command{
		Use:   "seal",
		Short: "Seal the keys in the database, or seal them with another key-encryption key",
		Long: `Seal seals every signing key in the database with the key-encryption key, at once or not at all. To seal them with
another one: restart every node with the new file as --key-encryption-key-file and the one before as
--old-key-encryption-key-file, seal with both, then leave the old one out.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if k.kek == "" {
				return usagef("--key-encryption-key-file is needed: openssl rand -base64 32 makes one")
			}
			keks, err := k.keks()
			if err != nil {
				return err
			}
			return k.open(cmd, func(ctx context.Context, stored store) error {
				s := sealing.New(stored, time.Now, keks...)
				do, done := s.Reseal, "sealed %d keys with the key-encryption key "+keks[0].ID()+"\n"
				if unseal {
					do, done = s.Unseal, "unsealed %d keys\n"
				}
				before, err := sealedWith(ctx, stored)
				if err != nil {
					return err
				}
				n, err := do(ctx)
				if err != nil {
					return sealedSentence(err)
				}
				fmt.Fprintf(k.stdout, done, n)
				if !unseal && slices.Contains(slices.Collect(maps.Values(before)), "") {
					fmt.Fprintln(k.stdout, "copies of the database from before hold keys unsealed: porteiro key rotate, and retire those with --now if a copy may be lost")
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&unseal, "unseal", false, "open them instead, for serving without a key-encryption key")
	k.kekFiles.flags(cmd.Flags())
	return cmd
}
