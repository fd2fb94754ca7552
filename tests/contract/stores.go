package contract

import (
	"testing"

	"github.com/porteiro/porteiro/application"
)

// Stores proves a store of users and sessions. The function opens an empty one.
func Stores(t *testing.T, open func(t *testing.T) application.Store) {
	t.Helper()
	for group, rows := range storeRows() {
		run(t, group, open, rows)
	}
}

func storeRows() map[string][]row[application.Store] {
	return map[string][]row[application.Store]{
		"users":       userRows(),
		"change":      changeRows(),
		"sessions":    openedRows(),
		"listed":      listedRows(),
		"purge":       purgeRows(),
		"contexts":    contextRows(),
		"standings":   standingRows(),
		"concurrency": concurrencyRows(),
	}
}
