package answer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every refusal has a text in every language, and there is none for anything else.
func TestCatalogues(t *testing.T) {
	files, err := filepath.Glob("texts/*")
	if err != nil || !slices.Equal(files, []string{"texts/en.json", "texts/pt-BR.json"}) {
		t.Errorf("the catalogues are %q, %v", files, err)
	}
	seen := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(b, &texts); err != nil {
			t.Fatal(err)
		}
		for refusal := range refusals {
			code := string(refusal)
			text := texts[code]
			if text == "" || text != strings.TrimSpace(text) || !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %s says %q", f, code, text)
			}
			if where, twice := seen[text]; twice {
				t.Errorf("%s: %s says what %s says", f, code, where)
			}
			seen[text] = f + " of " + code
			delete(texts, code)
		}
		for code := range texts {
			t.Errorf("%s: %s is no refusal", f, code)
		}
	}
}
