package sqlite

import "github.com/jmoiron/sqlx"

// Reader shows the connections that read.
func (s *Store) Reader() *sqlx.DB { return s.reader }

// Writer shows the connection that writes.
func (s *Store) Writer() *sqlx.DB { return s.writer }
