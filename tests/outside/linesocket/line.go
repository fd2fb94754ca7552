package linesocket

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/porteiro/porteiro/domain"
)

const (
	maxToken  = 8 << 10   // bytes; every token that can hold is shorter
	maxCall   = 128 << 10 // bytes; application.MaxCredentials and a token fit in, escaped
	maxAnswer = 4 << 20   // bytes; application.MaxSessions sessions fit in
)

// readLine reads a line of at most max bytes: BodyTooLarge for a longer one.
func readLine(r io.Reader, max int64) (string, error) {
	text, err := bufio.NewReader(io.LimitReader(r, max)).ReadString('\n')
	if err == io.EOF && int64(len(text)) == max {
		return "", domain.BodyTooLarge
	}
	return strings.TrimSuffix(text, "\n"), err
}

// callLine is the line of a call.
func callLine(name string, wait time.Duration, args ...string) string {
	words := []string{name, wait.String()}
	for _, a := range args {
		words = append(words, url.QueryEscape(a))
	}
	return strings.Join(words, " ") + "\n"
}

func readCall(text string) (name string, wait time.Duration, args []string, err error) {
	words := strings.Split(text, " ")
	if len(words) < 2 {
		return "", 0, nil, domain.RequestInvalid
	}
	if wait, err = time.ParseDuration(words[1]); err != nil {
		return "", 0, nil, domain.RequestInvalid
	}
	for _, w := range words[2:] {
		arg, err := url.QueryUnescape(w)
		if err != nil {
			return "", 0, nil, domain.RequestInvalid
		}
		args = append(args, arg)
	}
	return words[0], wait, args, nil
}

// answerLine is the line of an answer, or of what a caller may know of an error: its words stay here.
func answerLine(answer any, err error) string {
	word := "ok"
	if err != nil {
		denied := domain.Denied{Refusal: domain.Unavailable}
		errors.As(err, &denied.Refusal)
		var more *domain.Denied
		if errors.As(err, &more) {
			denied = *more
		}
		whole := (denied.RetryAfter + time.Second - 1).Truncate(time.Second) // never less than it was
		word, answer = "refused", domain.Denied{Refusal: denied.Refusal, RetryAfter: whole, Field: denied.Field}
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return answerLine(nil, err)
	}
	return word + " " + string(text) + "\n"
}

// readAnswer returns the answer, or the refusal. What is neither is Unavailable.
func readAnswer[T any](text string) (T, error) {
	var answer, none T
	var denied domain.Denied
	word, rest, _ := strings.Cut(text, " ")
	switch {
	case word == "ok" && json.Unmarshal([]byte(rest), &answer) == nil:
		return answer, nil
	case word == "refused" && json.Unmarshal([]byte(rest), &denied) == nil && denied.Refusal.Known():
		return none, &denied
	}
	return none, fmt.Errorf("%w: the answer cannot be read", domain.Unavailable)
}
