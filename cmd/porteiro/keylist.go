package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/porteiro/porteiro/adapters/sealing"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// shownKey is a key as people and programs see one: nothing of the secret.
type shownKey struct {
	ID         string     `json:"id"`
	Purpose    string     `json:"purpose"`
	Algorithm  string     `json:"algorithm"`
	State      string     `json:"state"`
	CreatedAt  *time.Time `json:"created_at"`
	ActiveFrom *time.Time `json:"active_from"`
	RetiredAt  *time.Time `json:"retired_at"`
	SealedWith string     `json:"sealed_with"` // the id of the key-encryption key; "" when it is not sealed
}

func (k *keyCommands) list() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the signing keys, the oldest first",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return k.administer(cmd, keyTimes{}, func(ctx context.Context, keys application.Keys, stored store) error {
				all, err := keys.List(ctx)
				if err != nil {
					return err
				}
				sealed, err := sealedWith(ctx, stored)
				if err != nil {
					return err
				}
				return k.print(all, sealed, time.Now())
			})
		},
	}
	cmd.Flags().BoolVar(&k.json, "json", false, "print JSON, for programs")
	return cmd
}

// sealedWith says which key-encryption key each key in the database is sealed with.
func sealedWith(ctx context.Context, stored application.KeyStore) (map[string]string, error) {
	keys, err := stored.Keys(ctx)
	if err != nil {
		return nil, err
	}
	with := map[string]string{}
	for _, key := range keys {
		with[key.ID] = sealing.SealedWith(key)
	}
	return with, nil
}

func (k *keyCommands) print(keys []domain.Key, sealed map[string]string, now time.Time) error {
	shown := make([]shownKey, len(keys))
	for i, key := range keys {
		shown[i] = shownKey{
			ID: key.ID, Purpose: string(key.Purpose), Algorithm: key.Algorithm, State: string(domain.StateOf(key, keys, now)),
			CreatedAt: orNull(key.CreatedAt), ActiveFrom: orNull(key.ActiveFrom), RetiredAt: orNull(key.RetiredAt), SealedWith: sealed[key.ID],
		}
	}
	if k.json {
		return printJSON(k.stdout, shown)
	}
	table := tabwriter.NewWriter(k.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tPURPOSE\tALGORITHM\tSTATE\tCREATED\tSIGNS FROM\tRETIRES\tSEALED WITH")
	for i, key := range keys {
		with := shown[i].SealedWith
		if with == "" {
			with = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", key.ID, key.Purpose, key.Algorithm, shown[i].State,
			moment(key.CreatedAt), moment(key.ActiveFrom), moment(key.RetiredAt), with)
	}
	return table.Flush()
}
