package domain

import (
	_ "embed" // for the list
	"strings"
	"unicode"
	"unicode/utf8"
)

// commonPasswords is one password a line, folded, sorted by bytes. Where it is from says common_passwords.NOTICE.txt.
//
//go:embed common_passwords.txt
var commonPasswords string

// listed searches the list as it is embedded: nothing is built of it when the program starts.
func listed(folded string) bool {
	for list := commonPasswords; list != ""; {
		middle := strings.LastIndexByte(list[:len(list)/2], '\n') + 1 // of the line that is there its beginning
		line, rest, _ := strings.Cut(list[middle:], "\n")
		switch strings.Compare(folded, line) {
		case 0:
			return true
		case -1:
			list = list[:middle]
		default:
			list = rest
		}
	}
	return false
}

// foldCase makes one of what differs in case alone. It goes through upper case, so that the Kelvin sign and the long s
// are the letters that they look like.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, s)
}

const (
	service = "porteiro"
	// dressed is how many code points the service's name may have with what is put around it: past that they count.
	dressed = 2 * len(service)
)

// isService reports whether the password is the service's name, alone or with digits and signs before or after it.
func isService(folded string) bool {
	bare := strings.TrimFunc(folded, func(r rune) bool { return r < utf8.RuneSelf && !unicode.IsLetter(r) && r != ' ' })
	return bare == service && utf8.RuneCountInString(folded) <= dressed
}
