package answer

import (
	"embed"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"golang.org/x/text/language"

	"github.com/porteiro/porteiro/domain"
)

// catalogues holds what people are told of each refusal: one file a language.
//
//go:embed texts/*.json
var catalogues embed.FS

// languages are those that there is a catalogue for, the default first.
func languages() []language.Tag {
	return []language.Tag{language.English, language.BrazilianPortuguese}
}

// texts is what people are told, and picks a language that they read.
type texts struct {
	matcher language.Matcher
	tags    []string
	details []map[domain.Refusal]string

	mu    sync.RWMutex
	asked map[string]int // which language was picked for an Accept-Language
}

func (t *texts) read() error {
	t.matcher = language.NewMatcher(languages())
	for _, tag := range languages() {
		b, err := catalogues.ReadFile("texts/" + tag.String() + ".json")
		if err != nil {
			return err
		}
		var details map[domain.Refusal]string
		if err := json.Unmarshal(b, &details); err != nil {
			return fmt.Errorf("texts in %s: %w", tag, err)
		}
		t.tags, t.details = append(t.tags, tag.String()), append(t.details, details)
	}
	return nil
}

// maxAccept is the longest Accept-Language that is read, in bytes: browsers send a tenth of it.
const maxAccept = 1 << 10

// What is remembered of Accept-Language: browsers send a few, and others may send what they like.
const (
	maxRemembered  = 128 // bytes of one
	mostRemembered = 256
)

// language returns which of the languages a request asks for. Whatever cannot be read asks for the default (RFC 9110
// section 12.5.4).
func (t *texts) language(r *http.Request) int {
	var accept string
	switch lines := r.Header["Accept-Language"]; len(lines) {
	case 0:
		return 0
	case 1:
		accept = lines[0]
	default:
		accept = strings.Join(lines, ",")
	}
	if accept == "" || len(accept) > maxAccept {
		return 0
	}
	t.mu.RLock()
	i, known := t.asked[accept]
	t.mu.RUnlock()
	if !known {
		i = t.pick(accept)
		t.remember(accept, i)
	}
	return i
}

func (t *texts) pick(accept string) (i int) {
	if wanted, _, err := language.ParseAcceptLanguage(accept); err == nil {
		_, i, _ = t.matcher.Match(wanted...)
	}
	return i
}

func (t *texts) remember(accept string, i int) {
	if len(accept) > maxRemembered {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.asked == nil || len(t.asked) >= mostRemembered {
		t.asked = make(map[string]int)
	}
	t.asked[accept] = i
}
