package postgrestest

// hastySettings are for servers whose data nobody misses: nothing waits for a disk.
func hastySettings() []string {
	return flags(
		"fsync=off",
		"synchronous_commit=off",
		"full_page_writes=off",
		"autovacuum=off",
		"shared_buffers=32MB",
		"max_wal_size=64MB",
		"max_connections=200",
	)
}

// flags turns name=value into arguments of postgres.
func flags(settings ...string) []string {
	args := make([]string, 0, 2*len(settings))
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}
