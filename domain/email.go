package domain

import "strings"

// Email is an address in its one canonical form. Only [ParseEmail] makes one of what a person typed, so that one
// address is one account.
type Email string

const (
	maxEmail  = 254 // RFC 5321 section 4.5.3.1.3, less the angle brackets
	maxLocal  = 64  // RFC 5321 section 4.5.3.1.1
	maxLabel  = 63  // RFC 1035 section 2.3.4
	localMore = "!#$%&'*+-/=?^_`{|}~."
)

// ParseEmail trims surrounding ASCII white space, folds to lower case and takes a dot-atom at a host name, in
// printable ASCII, of at most 254 bytes; international domains in their xn-- form. Anything else is EmailInvalid.
func ParseEmail(s string) (Email, error) {
	s = strings.Trim(s, " \t\r\n")
	local, domain, found := strings.Cut(s, "@")
	if !found || len(s) > maxEmail || !localPart(local) || !hostName(domain) {
		return "", &Denied{Refusal: EmailInvalid, Field: "email"}
	}
	return Email(lowerASCII(s)), nil
}

// Local returns the part before the @.
func (e Email) Local() string {
	local, _, _ := strings.Cut(string(e), "@")
	return local
}

func localPart(s string) bool {
	if s == "" || len(s) > maxLocal || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		if !alphanumeric(s[i]) && strings.IndexByte(localMore, s[i]) < 0 {
			return false
		}
	}
	return true
}

func hostName(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !alphanumeric(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return true
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// lowerASCII folds A to Z only: strings.ToLower would also fold the Kelvin sign, which never gets this far.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
