package domain

import "time"

// Imported is what is remembered of a user who came from the service before this one, also when the user is no more: who
// was deleted here is not brought back. What that service called the user is kept as digests: no address stays behind.
type Imported struct {
	Key      string // the user's ID there
	User     UserID
	Subject  string    // digest of the email there, to the byte
	Address  string    // digest of that email in its canonical form
	Password string    // digest of the hash there
	Refused  time.Time // that service refuses every token of the user's that it issued until then; zero is none
}

// Equal reports whether both hold the same.
func (i Imported) Equal(j Imported) bool {
	return i.Key == j.Key && i.User == j.User && i.Subject == j.Subject && i.Address == j.Address &&
		i.Password == j.Password && i.Refused.Equal(j.Refused)
}

// Arrival is a user and where they came from.
type Arrival struct {
	Imported Imported
	User     User // the zero User when there is none any more
}

// Update is what the service before has to say of a user when it is asked again. Replacements are of what is here
// as it was taken over; what has been changed here stays.
type Update struct {
	LoginTime  time.Time
	LogoutTime time.Time
	Password   Replacement
	Email      Replacement
}

// Replacement puts one text in the place of another, if that is still there. The zero Replacement does nothing.
type Replacement struct{ Was, Is string }

func (r Replacement) of(is string) string {
	if r.Is != "" && is == r.Was {
		return r.Is
	}
	return is
}

// TakeOver brings a user up to what the service before says: of both logouts the later one counts, whatever began before
// it is over, and nothing else ends.
func (a *Account) TakeOver(u Update) {
	login, logout := Instant(u.LoginTime), Instant(u.LogoutTime)
	a.User.LoginTime = latest(a.User.LoginTime, login)
	if logout.After(a.User.LogoutTime) {
		a.User.LogoutTime, a.User.LogoutReason = logout, ByLogout
	}
	a.User.PasswordHash = u.Password.of(a.User.PasswordHash)
	if email := Email(u.Email.of(string(a.User.Email))); email != a.User.Email {
		a.User.Email, a.User.VerifiedAt = email, time.Time{}
	}
}
