package answer

import (
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/porteiro/porteiro/domain"
)

// problem is what a refusal looks like from outside, with what of its document is the same for everybody as JSON already:
// refusals come in crowds.
type problem struct {
	refusalRow
	heads []string // up to the name of the request, in the order of the languages
	code  string   // from there up to msg
}

// instance is what the name of a request follows.
const instance = "urn:porteiro:request:"

// prepare makes the problem of each refusal.
func prepare(t *texts) map[domain.Refusal]problem {
	all := make(map[domain.Refusal]problem, len(refusals))
	for refusal, row := range refusals {
		p := problem{refusalRow: row, code: string(member(nil, `,"code":`, string(refusal)))}
		for _, details := range t.details {
			head := member(nil, `{"type":`, "about:blank")
			head = member(head, `,"title":`, http.StatusText(row.status))
			head = strconv.AppendInt(append(head, `,"status":`...), int64(row.status), 10)
			head = member(head, `,"detail":`, details[refusal])
			p.heads = append(p.heads, string(head))
		}
		all[refusal] = p
	}
	return all
}

// document is the wire.Refused of a request as JSON, with a line end; field and code are left out when they are "".
func (p problem) document(language int, request, msg, field, code string) []byte {
	b := make([]byte, 0, 512)
	b = member(append(b, p.heads[language]...), `,"instance":`, instance+request)
	b = member(append(b, p.code...), `,"msg":`, msg)
	if field != "" {
		b = member(b, `,"field":`, field)
	}
	if code != "" {
		b = member(b, `,"error":`, code)
	}
	return append(b, '}', '\n')
}

func member(b []byte, name, value string) []byte {
	b, _ = jsontext.AppendQuote(append(b, name...), value) // an error is invalid UTF-8, which is replaced
	return b
}
