package answer

import (
	"embed"
	"fmt"
	"net/http"
	"strings"

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

// texts picks what a person is told, in a language that they read.
type texts struct {
	matcher language.Matcher
	tags    []string
	details []map[domain.Refusal]string
}

func readTexts() (texts, error) {
	t := texts{matcher: language.NewMatcher(languages())}
	for _, tag := range languages() {
		b, err := catalogues.ReadFile("texts/" + tag.String() + ".json")
		if err != nil {
			return texts{}, err
		}
		var details map[domain.Refusal]string
		if err := json.Unmarshal(b, &details); err != nil {
			return texts{}, fmt.Errorf("texts in %s: %w", tag, err)
		}
		t.tags, t.details = append(t.tags, tag.String()), append(t.details, details)
	}
	return t, nil
}

// maxAccept is the longest Accept-Language that is read, in bytes: browsers send a tenth of it.
const maxAccept = 1 << 10

// detail returns the text of a refusal in the language that the request asks for, and the language's tag. Whatever
// cannot be read asks for the default (RFC 9110 section 12.5.4).
func (t texts) detail(r *http.Request, refusal domain.Refusal) (text, tag string) {
	i := 0
	if accept := strings.Join(r.Header.Values("Accept-Language"), ","); accept != "" && len(accept) <= maxAccept {
		if wanted, _, err := language.ParseAcceptLanguage(accept); err == nil {
			_, i, _ = t.matcher.Match(wanted...)
		}
	}
	return t.details[i][refusal], t.tags[i]
}
