package logfile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Store is one file, open. Whatever goes in or comes out is a copy.
type Store struct {
	// turn is held by the one writer that there may be, f included. It is no mutex, because whoever waits for it has a
	// context. Readers do not wait for it.
	turn chan struct{}
	file *os.File
	lock *os.File
	lost error // why nothing can be written any more; guarded by turn

	mu sync.RWMutex // guards the state; held for moments only, never while f runs or the disk works
	state
}

var (
	_ application.Store    = (*Store)(nil)
	_ application.KeyStore = (*Store)(nil)
	_ application.Attempts = (*Store)(nil)
)

// Open opens the file, which is made if need be. It fails if another process has it open or if it is damaged.
func Open(path string) (*Store, error) {
	held, err := lock(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("logfile: %s.lock: %w: is another process at work on it?", path, err)
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	var st state
	if err == nil {
		st, err = replay(content)
	}
	var f *os.File
	if err == nil {
		f, err = rewrite(path, st)
	}
	if err != nil {
		held.Close()
		return nil, fmt.Errorf("logfile: %s: %w", path, err)
	}
	return &Store{turn: make(chan struct{}, 1), file: f, lock: held, state: st}, nil
}

var errClosed = errors.New("logfile: the store is closed")

// Close waits for the writer and lets go of the file. What was acknowledged is on the disk already.
func (s *Store) Close() error {
	s.turn <- struct{}{}
	defer s.end()
	if errors.Is(s.lost, errClosed) {
		return nil
	}
	s.lost = errClosed
	return errors.Join(s.file.Close(), s.lock.Close())
}

// begin waits for this writer's turn.
func (s *Store) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.lost != nil {
		s.end()
		return s.lost
	}
	return nil
}

func (s *Store) end() { <-s.turn }

// commit puts a record on the disk and then into the state. A disk that failed once is not asked again: what it holds
// then is known to nobody, and opening the file finds out.
func (s *Store) commit(r record) error {
	line, err := encode(r)
	if err != nil {
		return err
	}
	if _, err = s.file.Write(line); err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		s.lost = fmt.Errorf("logfile: a write failed, open the store again: %w", err)
		return s.lost
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.apply(r)
	return nil
}

// Add is documented at application.Store.
func (s *Store) Add(ctx context.Context, user domain.User) error {
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("add: %w", err)
	}
	defer s.end()
	if _, again := s.users[user.ID]; again { // only who has the turn writes, so that it may read without the lock
		return nil
	}
	if _, taken := s.emails[user.Email]; taken {
		return domain.EmailTaken
	}
	if err := s.commit(record{Users: []userRow{rowOfUser(user)}}); err != nil {
		return fmt.Errorf("add: %w", err)
	}
	return nil
}

// ByEmail is documented at application.Store.
func (s *Store) ByEmail(ctx context.Context, email domain.Email) (domain.User, error) {
	if err := ctx.Err(); err != nil {
		return domain.User{}, fmt.Errorf("by email: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	id, found := s.emails[email]
	if !found {
		return domain.User{}, domain.NotFound
	}
	return s.users[id].Clone(), nil
}

// Page is documented at application.Store.
func (s *Store) Page(ctx context.Context, after domain.Email, n int) ([]domain.User, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var page []domain.User
	for _, email := range slices.Sorted(maps.Keys(s.emails)) {
		if email > after && len(page) < n {
			page = append(page, s.users[s.emails[email]].Clone())
		}
	}
	return page, nil
}

// Now is documented at application.Store.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, fmt.Errorf("now: %w", err)
	}
	return time.Now(), nil
}
