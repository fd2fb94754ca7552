package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
)

// T080: what is not exactly one cookie of exactly our name is ignored or refused.
func TestCookiesOfOthers(t *testing.T) {
	crowd := strings.Repeat("x=y; ", 200)
	for _, c := range []struct {
		name    string
		headers []string
		status  int
		token   string // what is asked about, where anything is
	}{
		{"twice", []string{"Cookie: " + access + "=T; " + access + "=E"}, 400, ""},
		{"twice the same", []string{"Cookie: " + access + "=T; " + access + "=T"}, 400, ""},
		{"twice in two lines", []string{"Cookie: " + access + "=E", "Cookie: " + access + "=T"}, 400, ""},
		{"twice, one of them empty", []string{"Cookie: " + access + "=T; " + access + "="}, 400, ""},
		{"twice, one of them without a value", []string{"Cookie: " + access + "; " + access + "=T"}, 400, ""},
		{"twice, far apart", []string{"Cookie: " + access + "=T; " + crowd + access + "=E"}, 400, ""},
		{"among 200", []string{"Cookie: " + crowd + access + "=T; " + crowd + "x=y"}, 200, "T"},
		{"more than anybody has", []string{"Cookie: " + strings.Repeat("x=y; ", 4000) + access + "=T"}, 401, ""},
		{"nameless with our name in it", []string{"Cookie: =" + access + "=E"}, 401, ""},
		{"nameless before ours", []string{"Cookie: =" + access + "=E; " + access + "=T"}, 200, "T"},
		{"other case", []string{"Cookie: __host-access_token=E"}, 401, ""},
		{"other case before ours", []string{"Cookie: __HOST-ACCESS_TOKEN=E; " + access + "=T"}, 200, "T"},
		{"without the prefix", []string{"Cookie: access_token=E"}, 401, ""},
		{"of another prefix", []string{"Cookie: __Secure-access_token=E"}, 401, ""},
		{"a wide space in front", []string{"Cookie: \u2000" + access + "=E"}, 401, ""},
		{"quoted", []string{"Cookie: " + access + "=\"T\""}, 400, ""},
		{"$Version", []string{"Cookie: $Version=1; " + access + "=T; $Path=/"}, 200, "T"},
		{"$Version with a comma", []string{"Cookie: $Version=1, " + access + "=E"}, 401, ""},
		{"empty", []string{"Cookie: " + access + "="}, 200, ""},                      // the service says what is missing
		{"a value with a comma", []string{"Cookie: " + access + "=T,E"}, 200, "T,E"}, // as it was sent: no token has one
		{"a value with spaces", []string{"Cookie: " + access + "=T E"}, 200, "T E"},
		{"not ASCII", []string{"Cookie: " + access + "=\xff"}, 401, ""},
	} {
		a := newAPI(t, withCookies)
		w := a.ask("GET", "/me", "", c.headers...)
		if w.Code != c.status || c.status != 200 && a.asked != nil || c.status == 200 && a.asked[0] != c.token {
			t.Errorf("%s: %d %s, asked %q", c.name, w.Code, w.Body, a.asked)
		}
	}
}

func TestCookieSettings(t *testing.T) {
	for want, c := range map[string]httpapi.Cookies{
		"without cookies: turn the cookies on, or leave the domain out":       {Domain: "example.com"},
		"without cookies: turn the cookies on, or leave insecure out":         {Insecure: true},
		"have no domain (example.com)":                                        {On: true, Insecure: true, Domain: "example.com"},
		`".example.com" is no cookie domain`:                                  {On: true, Domain: ".example.com"},
		`"com" is no cookie domain`:                                           {On: true, Domain: "com"},
		`"10.0.0.1" is no cookie domain`:                                      {On: true, Domain: "10.0.0.1"},
		`"example.com:80" is no cookie domain`:                                {On: true, Domain: "example.com:80"},
		`"Example.com" is no cookie domain`:                                   {On: true, Domain: "Example.com"},
		`"a..b" is no cookie domain`:                                          {On: true, Domain: "a..b"},
		`"-a.b" is no cookie domain`:                                          {On: true, Domain: "-a.b"},
		`"a;b.example" is no cookie domain`:                                   {On: true, Domain: "a;b.example"},
		`"çã.example" is no cookie domain`:                                    {On: true, Domain: "çã.example"},
		`"https://example.com" is no cookie domain`:                           {On: true, Domain: "https://example.com"},
		fmt.Sprintf("%q is no cookie domain", strings.Repeat("a.", 127)+"bc"): {On: true, Domain: strings.Repeat("a.", 127) + "bc"},
	} {
		refused(t, want, func(config *httpapi.Config) { config.Cookies = c })
	}
	for _, domain := range []string{"example.com", "a-b.c.example", "xn--mnchen-3ya.de", "1.example"} {
		newAPI(t, func(c *httpapi.Config) { c.Cookies = httpapi.Cookies{On: true, Domain: domain} })
	}
}
