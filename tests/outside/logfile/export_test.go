package logfile

// Break takes the file away from under the store: every write fails from then on.
func (s *Store) Break() { s.file.Close() }
