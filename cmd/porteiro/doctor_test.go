package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
)

// What takes a second server or another version to provoke is judged here by what the server would say.
func TestDoctorJudgesTheServer(t *testing.T) {
	well := postgres.Circumstances{
		Version: "15.18", VersionNumber: 150018, FSync: true, FullPageWrites: true, SynchronousCommit: "on", MaxConnections: 97,
	}
	for name, c := range map[string]struct {
		change func(*postgres.Circumstances)
		level  string
		says   string
	}{
		"well":                   {func(*postgres.Circumstances) {}, fine, "15.18"},
		"a standby":              {func(c *postgres.Circumstances) { c.InRecovery = true }, problem, "is a standby"},
		"standbys that lag":      {func(c *postgres.Circumstances) { c.Standbys = 2 }, warning, "its 2 standbys are not synchronous"},
		"standbys that do not":   {func(c *postgres.Circumstances) { c.Standbys, c.SynchronousStandbys = 2, "FIRST 1 (b)" }, fine, "15.18"},
		"an old server":          {func(c *postgres.Circumstances) { c.VersionNumber, c.Version = 140009, "14.9" }, warning, "it is 14.9"},
		"a pooler":               {func(c *postgres.Circumstances) { c.Pooling = postgres.PoolsTransaction }, warning, "by the transaction: porteiro migrate"},
		"settings that are lost": {func(c *postgres.Circumstances) { c.Lost = []string{"a = b", "c = d"} }, warning, "ALTER ROLE … SET a = b; ALTER ROLE … SET c = d"},
	} {
		d := &doctor{}
		d.pool = 16
		seen := well
		c.change(&seen)
		d.judge(seen)
		found := d.found[0]
		if found.Level != c.level || !strings.Contains(found.Says, c.says) || c.level != fine && len(d.found) != 2 {
			t.Errorf("%s: %+v", name, d.found)
		}
	}
}

// slow is a store whose clock is apart, or that does not say.
type slow struct {
	store
	apart time.Duration
	err   error
}

func (s slow) Now(context.Context) (time.Time, error) { return time.Now().Add(s.apart), s.err }

func TestDoctorComparesClocks(t *testing.T) {
	for _, c := range []struct {
		of    slow
		level string
	}{
		{slow{}, fine}, {slow{apart: 10 * time.Second}, fine}, {slow{apart: -20 * time.Second}, warning}, {slow{apart: 20 * time.Second}, warning},
		{slow{apart: time.Hour}, problem}, {slow{apart: -time.Hour}, problem}, {slow{err: errors.New("it is away")}, problem},
	} {
		d := &doctor{}
		d.leeway = 30 * time.Second
		d.clock(t.Context(), c.of)
		if len(d.found) != 1 || d.found[0].Level != c.level {
			t.Errorf("%v: %+v", c.of, d.found)
		}
	}
}

// What serve puts right is a warning, and another application's database is none of that, whatever its path says.
func TestDoctorTellsASchemaThatServeMends(t *testing.T) {
	for name, c := range map[string]struct {
		made  string
		level string
	}{"an empty one": {"select 1", warning}, "another application's": {"create table users (id integer primary key)", problem}} {
		dir := filepath.Join(t.TempDir(), "run porteiro migrate")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "x.db")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), c.made); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := inspectOnly(t.Context(), "sqlite:"+path, 1, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		d := &doctor{}
		if d.schema(t.Context(), s) || len(d.found) != 1 || d.found[0].Level != c.level {
			t.Errorf("%s: %+v; want a %s", name, d.found, c.level)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
