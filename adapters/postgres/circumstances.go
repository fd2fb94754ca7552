package postgres

import (
	"context"
	"fmt"
)

// Circumstances is what of the server and of the way to it matters to what the store promises.
type Circumstances struct {
	Version             string // as the server says it
	VersionNumber       int    // 150018 is 15.18
	InRecovery          bool   // a standby
	ReadOnly            bool   // transactions are read-only unless they say otherwise
	FSync               bool   // off: a crash may lose or damage everything
	FullPageWrites      bool   // off: a crash may damage pages
	SynchronousCommit   string // of the store's own connections
	SynchronousStandbys string // synchronous_standby_names; "" when none are
	Standbys            int    // that stream, as far as this user may see
	MaxConnections      int    // without those that are reserved for superusers
	Pooling             Pooling
	Lost                []string // settings that a connection asks for and does not have
}

const circumstances = `SELECT current_setting('server_version'), current_setting('server_version_num')::int, pg_is_in_recovery(),
	current_setting('default_transaction_read_only')::bool, current_setting('fsync')::bool, current_setting('full_page_writes')::bool,
	current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
	(SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'),
	current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int`

// Circumstances looks at the server. It writes nothing.
func (s *Store) Circumstances(ctx context.Context) (c Circumstances, err error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	err = s.db.QueryRowContext(ctx, circumstances).Scan(&c.Version, &c.VersionNumber, &c.InRecovery, &c.ReadOnly, &c.FSync,
		&c.FullPageWrites, &c.SynchronousCommit, &c.SynchronousStandbys, &c.Standbys, &c.MaxConnections)
	if err != nil {
		return Circumstances{}, translate(err)
	}
	// Milliseconds are the unit of these settings in pg_settings too.
	for _, name := range ignorable() {
		asked, found := s.cfg.Runtime[name]
		if !found {
			continue
		}
		var is string
		if err := s.db.QueryRowContext(ctx, `SELECT setting FROM pg_settings WHERE name = '`+name+`'`).Scan(&is); err != nil {
			return Circumstances{}, translate(err)
		}
		if is != asked {
			c.Lost = append(c.Lost, fmt.Sprintf("%s = %s", name, asked))
		}
	}
	if c.Pooling, err = s.Pooled(ctx); err != nil {
		return Circumstances{}, err
	}
	return c, nil
}
