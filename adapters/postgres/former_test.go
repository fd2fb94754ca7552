package postgres_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestFormerNodesGoOn has the newest schema answer what nodes of former ones ask: every one that the schema admits has
// its statements recorded in testdata/former, under the number of the last migration that it knew. A migration that an
// old statement cannot live with has to raise oldest in porteiro_schema.
func TestFormerNodesGoOn(t *testing.T) {
	inFull(t)
	url := postgrestest.URL(t)
	open(t, postgres.Config{URL: url})
	db := admin(t, url)
	var oldest int
	if err := db.QueryRowContext(t.Context(), "SELECT oldest FROM porteiro_schema").Scan(&oldest); err != nil {
		t.Fatal(err)
	}
	records, err := filepath.Glob("testdata/former/*.sql")
	if err != nil || len(records) == 0 {
		t.Fatalf("%v, %v", records, err)
	}
	for _, record := range records {
		var number int
		if _, err := fmt.Sscanf(filepath.Base(record), "%d", &number); err != nil {
			t.Fatal(err)
		}
		if number < oldest {
			continue
		}
		text, err := os.ReadFile(record)
		if err != nil {
			t.Fatal(err)
		}
		tx, err := admin(t, url).BeginTx(t.Context(), nil) // on a connection that has prepared nothing
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range strings.SplitAfter(string(text), ";\n") {
			_, want, wanted := strings.Cut(statement, "-- want ")
			want, _, _ = strings.Cut(want, "\n")
			rows, err := tx.QueryContext(t.Context(), statement)
			if err != nil {
				t.Fatalf("%s: %s: %v", record, statement, err)
			}
			var got string
			if columns, _ := rows.Columns(); rows.Next() {
				into := make([]any, len(columns))
				for i := range into {
					into[i] = new(any)
				}
				if err := rows.Scan(into...); err != nil {
					t.Fatal(err)
				}
				switch first := (*into[0].(*any)).(type) {
				case []byte:
					got = string(first)
				default:
					got = fmt.Sprint(first)
				}
			} else if wanted {
				got = "nothing"
			}
			if err := rows.Close(); err != nil || rows.Err() != nil || wanted && got != want {
				t.Errorf("%s: %s: %v, %v: %q", record, statement, err, rows.Err(), got)
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}
