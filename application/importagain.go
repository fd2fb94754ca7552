package application

import (
	"context"
	"errors"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// again is for a user who came before; one who was deleted here since stays so.
func (i *importing) again(ctx context.Context, was domain.Arrival, u Former) error {
	if was.User.ID == "" {
		i.sum.Deleted++
		return nil
	}
	email, why := i.takes(u)
	return i.update(ctx, was, u, email, why)
}

// update brings a user who came before up to date, as far as nothing stands against it. A logout there counts in any
// case, and so does it that an email there is not the user's any more: somebody else may have it by now.
func (i *importing) update(ctx context.Context, was domain.Arrival, u Former, email domain.Email, why string) error {
	now := was.Imported
	now.Subject = remembered(u.Email)
	moved, renewed := now.Subject != was.Imported.Subject, remembered(u.Hash) != now.Password
	if why == "" && moved && renewed {
		now.Subject, why = "", "has another email and another password than at the import before: is it the same database?"
	}
	for _, t := range []time.Time{i.refused(u), i.since(moved)} {
		if t.After(now.Refused) {
			now.Refused = t
		}
	}
	change := domain.Update{LoginTime: u.LoginTime, LogoutTime: u.LogoutTime}
	if why == "" && renewed {
		change.Password = untouched(was.User.PasswordHash, now.Password, u.Hash)
		now.Password = remembered(u.Hash)
	}
	if address := remembered(string(email)); why == "" && address != now.Address {
		change.Email = untouched(string(was.User.Email), now.Address, string(email))
		now.Address = address
	}
	changed, err := i.takeOver(ctx, was.User, change)
	if errors.Is(err, domain.EmailTaken) {
		why = "has another email now, which another user has here"
		change.Email, now.Address = domain.Replacement{}, was.Imported.Address
		changed, err = i.takeOver(ctx, was.User, change)
	}
	switch {
	case errors.Is(err, domain.NotFound):
		i.sum.Deleted++
		return nil
	case err != nil:
		return err
	}
	if !now.Equal(was.Imported) {
		i.saves = append(i.saves, now)
	}
	i.count(ctx, u, was.User, changed || moved, why)
	return nil
}

func (i *importing) count(ctx context.Context, u Former, user domain.User, changed bool, why string) {
	switch {
	case why != "":
		i.leave(u, why)
	case changed:
		i.sum.Updated++
	default:
		i.sum.Unchanged++
	}
	if changed {
		i.tell(ctx, "import again", user)
	}
}

// since is when an email moved to somebody, or away, by all that is known.
func (i *importing) since(moved bool) time.Time {
	if moved {
		return i.readAt
	}
	return time.Time{}
}

// untouched replaces what is here if it is what was taken over.
func untouched(here, taken, is string) domain.Replacement {
	if remembered(here) != taken {
		return domain.Replacement{}
	}
	return domain.Replacement{Was: here, Is: is}
}

// takeOver changes a user, if there is anything to change.
func (i *importing) takeOver(ctx context.Context, user domain.User, u domain.Update) (bool, error) {
	would := domain.NewAccount(user)
	would.TakeOver(u)
	if would.Changes().User == nil {
		return false, nil
	}
	return true, i.d.Store.Change(ctx, user.ID, func(a *domain.Account) error {
		a.TakeOver(u)
		return nil
	})
}

func (i *importing) tell(ctx context.Context, what string, user domain.User) {
	e := Event{Name: EventAdmin, Detail: what, User: user.ID, Account: digest(user.Email)}
	e.complete(ctx, i.d.Clock(), nil, nil)
	i.d.Events.Record(ctx, e)
}
