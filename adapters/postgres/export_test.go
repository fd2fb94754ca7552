package postgres

// Statement is one that must read an index, and no whole table.
type Statement struct{ SQL, Index string }

// Statements are those that meet tables which have grown, by name.
func Statements() map[string]Statement {
	return map[string]Statement{
		"standings":      {standings, "sessions_pkey"},
		"standing":       {standingOfOne, "sessions_pkey"},
		"walk":           {walk, "sessions_pkey"},
		"lock_over":      {lockOver, "sessions_pkey"},
		"delete_over":    {deleteSessions, "sessions_pkey"},
		"user_sessions":  {userSessions, "sessions_user_id_idx"},
		"lock_users":     {lockUsers, "users_pkey"},
		"save_logouts":   {saveLogouts, "users_pkey"},
		"read_buckets":   {readBuckets, "attempts_pkey"},
		"save_buckets":   {saveBuckets, "attempts_pkey"},
		"forget_buckets": {forgetBuckets, "attempts_empty_at_idx"},
	}
}
