package contract

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// refused holds a token against Read for both kinds.
func refused(sut application.Tokens, what, token string) error {
	for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
		if err := refusedAs(sut, kind, what, token); err != nil {
			return err
		}
	}
	return nil
}

func refusedAs(sut application.Tokens, kind domain.Kind, what, token string) error {
	claims, err := sut.Read(kind, token)
	switch {
	case !errors.Is(err, domain.TokenInvalid):
		return fmt.Errorf("%s: Read(%s) gave the error %v, want %v", what, kind, err, domain.TokenInvalid)
	case claims != domain.Claims{}:
		return fmt.Errorf("%s: Read(%s) refused it and gave %+v", what, kind, claims)
	}
	return nil
}

func kindsAreNeverMixed(_ context.Context, sut application.Tokens) error {
	for _, c := range bothKinds() {
		token, err := sut.Issue(c)
		if err != nil {
			return err
		}
		if err := refusedAs(sut, otherKind(c.Kind), "a token of the kind "+string(c.Kind), token); err != nil {
			return err
		}
	}
	return nil
}

func unknownKinds(_ context.Context, sut application.Tokens) error {
	for _, kind := range []domain.Kind{"", "Access", "access ", "id"} {
		for _, c := range bothKinds() {
			token, err := sut.Issue(c)
			if err != nil {
				return err
			}
			if err := refusedAs(sut, kind, "a token of the kind "+string(c.Kind), token); err != nil {
				return err
			}
			c.Kind = kind
			if _, err := sut.Issue(c); err == nil {
				return fmt.Errorf("issue made a token of the kind %q", kind)
			}
		}
	}
	return nil
}

func everyBitCounts(ctx context.Context, sut application.Tokens) error {
	for _, c := range bothKinds() {
		token, err := sut.Issue(c)
		if err != nil {
			return err
		}
		for i := range 8 * len(token) {
			if err := ctx.Err(); err != nil {
				return err
			}
			flipped := []byte(token)
			flipped[i/8] ^= 1 << (i % 8)
			if err := refused(sut, fmt.Sprintf("%s, bit %d of %d flipped", c.Kind, i, 8*len(token)), string(flipped)); err != nil {
				return err
			}
		}
	}
	return nil
}

func everyCharacterCounts(_ context.Context, sut application.Tokens) error {
	for _, c := range bothKinds() {
		token, err := sut.Issue(c)
		if err != nil {
			return err
		}
		for n := range len(token) {
			if err := refused(sut, fmt.Sprintf("%s, cut to %d of %d bytes", c.Kind, n, len(token)), token[:n]); err != nil {
				return err
			}
			for _, more := range []string{"\n", "\r", " ", "=", ".", "A", "\x00"} {
				longer := token[:n] + more + token[n:]
				if longer == token {
					continue
				}
				if err := refused(sut, fmt.Sprintf("%s, %q at %d", c.Kind, more, n), longer); err != nil {
					return err
				}
			}
		}
		for _, more := range []string{"\n", "\r\n", " ", "=", "==", ".", ".A", "A", "AA", "AAA", "AAAA", "\x00", token, "." + token} {
			if err := refused(sut, fmt.Sprintf("%s, %.8q at its end", c.Kind, more), token+more); err != nil {
				return err
			}
		}
	}
	return nil
}

func partsDoNotFit(_ context.Context, sut application.Tokens) error {
	var tokens [][]string
	for _, c := range bothKinds() {
		other := c
		other.Subject, other.Session = "0198f2a0-1111-7abc-8def-00000000000f", "0198f2a0-2222-7abc-8def-00000000000f"
		for _, c := range []domain.Claims{c, other} {
			token, err := sut.Issue(c)
			if err != nil {
				return err
			}
			tokens = append(tokens, strings.Split(token, "."))
		}
	}
	whole := make(map[string]bool)
	for _, parts := range tokens {
		whole[strings.Join(parts, ".")] = true
	}
	for n := range len(tokens) * len(tokens) * len(tokens) {
		a, b, c := n%len(tokens), n/len(tokens)%len(tokens), n/len(tokens)/len(tokens)
		last := len(tokens[c]) - 1
		token := strings.Join([]string{tokens[a][0], strings.Join(tokens[b][1:len(tokens[b])-1], "."), tokens[c][last]}, ".")
		if whole[token] {
			continue
		}
		if err := refused(sut, fmt.Sprintf("the head of token %d, the middle of %d, the end of %d", a, b, c), token); err != nil {
			return err
		}
	}
	return nil
}

func signaturesAreNeeded(_ context.Context, sut application.Tokens) error {
	for _, c := range bothKinds() {
		token, err := sut.Issue(c)
		if err != nil {
			return err
		}
		head, rest, _ := strings.Cut(token, ".")
		middle, end, _ := strings.Cut(rest, ".")
		for _, unsigned := range []string{head + "." + middle, head + "." + middle + ".", "." + middle + ".", "." + middle + "." + end, middle} {
			if err := refused(sut, "a token without all of its parts", unsigned); err != nil {
				return err
			}
		}
		for _, alg := range []string{"none", "None", "NONE", "nOnE", ""} {
			for _, typ := range []string{"JWT", "at+jwt", "rt+jwt"} {
				header := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"alg":%q,"typ":%q}`, alg, typ))
				for _, end := range []string{"", end} {
					if err := refused(sut, fmt.Sprintf("alg %q, typ %q", alg, typ), header+"."+middle+"."+end); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func garbageIsRefused(_ context.Context, sut application.Tokens) error {
	garbage := []string{
		"", ".", "..", "...", "....", "a", "a.b", "a.b.c", "e30.e30.e30", "e30.e30.", "bnVsbA.bnVsbA.bnVsbA", "W10.W10.W10",
		"null", "{}", `{"payload":"e30","signatures":[]}`, "\x00", "\xff\xfe", "\ufeff", "Bearer ", "a.b.c.d.e",
		strings.Repeat(".", 5000), strings.Repeat(".", 1<<20), strings.Repeat("A", 4097), strings.Repeat("A", 1<<20),
		strings.Repeat("e30.", 1<<18), strings.Repeat("\x00", 1<<16),
	}
	for _, g := range garbage {
		if err := refused(sut, fmt.Sprintf("%.20q (%d bytes)", g, len(g)), g); err != nil {
			return err
		}
	}
	return nil
}

func nothingShows(_ context.Context, sut application.Tokens) error {
	for _, c := range bothKinds() {
		token, err := sut.Issue(c)
		if err != nil {
			return err
		}
		cut := token[:len(token)-4]
		for _, kind := range []domain.Kind{c.Kind, otherKind(c.Kind)} {
			claims, err := sut.Read(kind, cut)
			if err == nil || claims != (domain.Claims{}) {
				return fmt.Errorf("a token that was cut gave %+v and the error %v", claims, err)
			}
			secrets := append(strings.Split(cut, "."), string(c.Subject), string(c.Session))
			for _, secret := range secrets {
				if strings.Contains(err.Error(), secret) {
					return fmt.Errorf("the error shows some of the token: %v", err)
				}
			}
		}
	}
	return nil
}
