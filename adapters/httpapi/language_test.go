package httpapi_test

import (
	"slices"
	"strings"
	"testing"
)

func TestLanguages(t *testing.T) {
	const en, pt = "There is nothing at this path.", "Não há nada neste caminho."
	for _, c := range []struct {
		name, accept, want string
	}{
		{"none", "", "en"}, {"English", "en", "en"}, {"American", "en-US,en;q=0.9", "en"}, {"British", "en-GB", "en"},
		{"Brazilian", "pt-BR", "pt-BR"}, {"Portuguese", "pt", "pt-BR"}, {"of Portugal", "pt-PT", "pt-BR"}, {"of Angola", "pt-AO", "pt-BR"},
		{"a browser in Brazil", "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7", "pt-BR"}, {"rather English", "pt;q=0.1, en;q=0.2", "en"},
		{"rather Portuguese", "en;q=0.1,pt;q=0.2", "pt-BR"}, {"no Portuguese", "pt;q=0, en;q=0.1", "en"}, {"only no Portuguese", "pt;q=0", "en"},
		{"in capitals", "PT-br", "pt-BR"}, {"with an underscore", "pt_BR", "pt-BR"}, {"with a script", "pt-Latn-BR", "pt-BR"},
		{"whatever", "*", "en"}, {"whatever, rather Portuguese", "*;q=0.1,pt", "pt-BR"}, {"another", "ja", "en"}, {"another before", "ja, pt;q=0.5", "pt-BR"},
		{"garbage", "\x00\xff;;q=,,", "en"}, {"a weight that is none", "pt;q=x", "en"},
		{"semicolons", ";;;;", "en"}, {"commas", ",,,pt", "pt-BR"}, {"a path", "../../etc/passwd", "en"},
		{"10 kB", "pt," + strings.Repeat("de;q=0.5,", 1200), "en"}, {"10 kB of hyphens", strings.Repeat("a-", 5000), "en"},
		{"10 kB of extensions", "pt-x" + strings.Repeat("-abcdefgh", 1100), "en"},
	} {
		w := newAPI(t).ask("GET", "/nothing", "", "Accept-Language: "+c.accept)
		p := problem(t, w, 404, "not_found")
		h := w.Header()
		if got := h.Get("Content-Language"); got != c.want || p["detail"] != map[string]string{"en": en, "pt-BR": pt}[c.want] || p["msg"] != "Not found" {
			t.Errorf("%s: %q, %v", c.name, got, p)
		}
		if !slices.Equal(h.Values("Vary"), []string{"Accept-Language"}) {
			t.Errorf("%s: Vary %q", c.name, h.Values("Vary"))
		}
	}
	w := newAPI(t).ask("GET", "/nothing", "", "Accept-Language: ja", "Accept-Language: pt")
	if got := w.Header().Get("Content-Language"); got != "pt-BR" {
		t.Errorf("in a second line: %q", got)
	}
	w = newAPI(t, sharing).ask("PUT", "/login", "", "Origin: "+page)
	if vary := strings.Join(w.Header().Values("Vary"), ", "); !strings.Contains(vary, "Accept-Language") || !strings.Contains(vary, "Origin") {
		t.Errorf("with CORS: Vary %q", vary)
	}
}
