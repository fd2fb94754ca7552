package contract

import (
	"context"
	"fmt"
	"sync"

	"github.com/porteiro/porteiro/domain"
)

func importsAtOnce(ctx context.Context, s Importing) error {
	const users, imports = 20, 8
	var mu sync.Mutex
	count := make([]int, users)
	err := atOnce(imports, func(n int) error {
		var all []domain.Arrival
		for i := range users {
			a := arrival(i)
			a.User.ID = userID(1000*n + i)
			a.Imported.User = a.User.ID
			all = append(all, a)
		}
		added, err := s.AddImported(ctx, all...)
		if err == nil && len(added) != users {
			err = fmt.Errorf("of %d it says %d", users, len(added))
		}
		mu.Lock()
		defer mu.Unlock()
		for i, ok := range added {
			if ok && i < users {
				count[i]++
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("AddImported: %w", err)
	}
	for i, n := range count {
		if n != 1 {
			return fmt.Errorf("user %d was added %d times", i, n)
		}
	}
	page, err := s.Page(ctx, "", 100)
	if err != nil || len(page) != users {
		return fmt.Errorf("there are %d users, %v", len(page), err)
	}
	return nil
}
