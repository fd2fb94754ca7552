package tokens_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"hash"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/porteiro/porteiro/adapters/tokens"
)

// attack is a token that must not be read. Unless the case is about signatures its signature holds.
type attack struct {
	name  string
	token string
}

func refuseAll(t *testing.T, rows []attack) {
	t.Helper()
	c := codec(t, ring(t), tokens.Config{})
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { refuse(t, c, row.token) })
	}
}

// headers makes an attack of each header, as an access and as a refresh token.
func headers(change string, values ...string) (rows []attack) {
	for _, v := range values {
		rows = append(rows,
			attack{change + " " + short(v), access(accessHeader().set(change, v), accessPayload())},
			attack{"refresh, " + change + " " + short(v), refresh(refreshHeader().set(change, v), refreshPayload())})
	}
	return rows
}

// payloads makes an attack of each value of a claim, and of its absence.
func payloads(change string, values ...string) (rows []attack) {
	rows = []attack{{"no " + change, access(accessHeader(), accessPayload().without(change))}}
	inBoth := strings.Contains(refreshPayload().String(), `"`+change+`"`)
	if inBoth {
		rows = append(rows, attack{"refresh, no " + change, refresh(refreshHeader(), refreshPayload().without(change))})
	}
	for _, v := range values {
		rows = append(rows, attack{change + " " + short(v), access(accessHeader(), accessPayload().set(change, v))})
		if inBoth {
			rows = append(rows, attack{"refresh, " + change + " " + short(v), refresh(refreshHeader(), refreshPayload().set(change, v))})
		}
	}
	return rows
}

func short(s string) string { return fmt.Sprintf("%.40q", s) }

func TestT001OnlyTheAlgorithmOfTheKey(t *testing.T) {
	rows := headers("alg", `"HS384"`, `"HS512"`, `"ES256"`, `"RS256"`, `"PS256"`, `"Ed25519"`, `"eddsa"`, `"EDDSA"`, `"EdDSA "`)
	rows = append(rows,
		attack{"the other purpose's algorithm", access(accessHeader().set("alg", `"HS256"`), accessPayload())},
		attack{"the other purpose's algorithm, refresh", refresh(refreshHeader().set("alg", `"EdDSA"`), refreshPayload())})
	refuseAll(t, rows)
}

func TestT002AlgNone(t *testing.T) {
	var rows []attack
	for _, alg := range []string{`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `" none"`, `"none "`, `""`, `null`, `0`, `["EdDSA"]`, `{"EdDSA":1}`, `true`, `"no\u006ee"`} {
		header := accessHeader().set("alg", alg)
		rows = append(rows,
			attack{"unsigned " + alg, b64(header.String()) + "." + b64(accessPayload().String()) + "."},
			attack{"signed " + alg, access(header, accessPayload())},
			attack{"refresh " + alg, refresh(refreshHeader().set("alg", alg), refreshPayload())})
	}
	rows = append(rows,
		attack{"no alg", access(accessHeader().without("alg"), accessPayload())},
		attack{"ALG", access(accessHeader().without("alg").also("ALG", `"EdDSA"`), accessPayload())},
		attack{"alg twice", access(accessHeader().also("alg", `"EdDSA"`), accessPayload())},
		attack{"none, then alg", access(accessHeader().first("alg", `"none"`), accessPayload())},
		attack{"alg, then none", access(accessHeader().also("alg", `"none"`), accessPayload())},
		attack{"alg and Alg", access(accessHeader().also("Alg", `"none"`), accessPayload())},
		attack{"alg, and none escaped", access(accessHeader().also(`\u0061lg`, `"none"`), accessPayload())},
		attack{"lower case", access(accessHeader().set("alg", `"eddsa"`), accessPayload())},
		attack{"lower case, refresh", refresh(refreshHeader().set("alg", `"hs256"`), refreshPayload())},
		attack{"HS384 with the key of HS256", sign(refreshHeader().set("alg", `"HS384"`).String(), refreshPayload().String(), byHash(sha512.New384))},
		attack{"HS512 with the key of HS256", sign(refreshHeader().set("alg", `"HS512"`).String(), refreshPayload().String(), byHash(sha512.New))},
		attack{"HS384 that says HS256", sign(refreshHeader().String(), refreshPayload().String(), byHash(sha512.New384))})
	refuseAll(t, rows)
}

// byHash is the MAC of the ring's key by another hash.
func byHash(of func() hash.Hash) signer {
	return func(input string) []byte {
		mac := hmac.New(of, derived())
		mac.Write([]byte(input))
		return mac.Sum(nil)
	}
}

// publicForms is what a service that mixes up its keys might take for a secret.
func publicForms(t *testing.T) map[string]string {
	public := private().Public().(ed25519.PublicKey)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	armoured := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return map[string]string{
		"raw": string(public), "DER": string(der), "PEM": armoured, "PEM trimmed": strings.TrimSpace(armoured),
		"hex": hex.EncodeToString(public), "base64": b64(string(public)),
		"JWK":    `{"kty":"OKP","crv":"Ed25519","x":"` + b64(string(public)) + `"}`,
		"seed":   string(private().Seed()),
		"secret": string(seed(101)), // of the ring: the MAC's key is derived from it, and is not it
		"kid":    "a1", "empty": "", "weak": "secret", "zeros": strings.Repeat("\x00", 32),
	}
}

func TestT003ConfusionAndT004WeakSecrets(t *testing.T) {
	var rows []attack
	for name, secret := range publicForms(t) {
		mac := byMAC(secret)
		rows = append(rows,
			attack{name + " as secret", sign(accessHeader().set("alg", `"HS256"`).String(), accessPayload().String(), mac)},
			attack{name + " as secret, EdDSA", sign(accessHeader().String(), accessPayload().String(), mac)},
			attack{name + " as secret of a refresh token", sign(refreshHeader().String(), refreshPayload().String(), mac)},
			attack{name + " as secret, refresh with the kid of access", sign(refreshHeader().set("kid", `"a1"`).String(), refreshPayload().String(), mac)},
			attack{name + " as secret, access with the kid of refresh", sign(accessHeader().set("alg", `"HS256"`).set("kid", `"r1"`).String(), accessPayload().String(), mac)})
	}
	rows = append(rows,
		attack{"access key, refresh token", access(refreshHeader(), refreshPayload())},
		attack{"access key, kid of access, refresh token", access(refreshHeader().set("alg", `"EdDSA"`).set("kid", `"a1"`), refreshPayload())},
		attack{"refresh key, access token", refresh(accessHeader(), accessPayload())},
		attack{"refresh key, kid of refresh, access token", refresh(accessHeader().set("alg", `"HS256"`).set("kid", `"r1"`), accessPayload())})
	refuseAll(t, rows)
}

func TestT005KeyIDs(t *testing.T) {
	rows := headers("kid", `"../../../../dev/null"`, `"/dev/null"`, `""`, `"a1' UNION SELECT 'x"`, `"a1|sleep 10"`, `"a1\u0000"`, `"\u0000a1"`,
		`"http://127.0.0.1/key"`, `"A1"`, `"R1"`, `" a1"`, `"a1 "`, `"a2"`, `"`+strings.Repeat("a", 2000)+`"`, `1`, `null`, `["a1"]`, `{"kid":"a1"}`, `true`)
	rows = append(rows,
		attack{"10 kB", access(accessHeader().set("kid", `"`+strings.Repeat("a", 10_000)+`"`), accessPayload())},
		attack{"no kid", access(accessHeader().without("kid"), accessPayload())},
		attack{"refresh, no kid", refresh(refreshHeader().without("kid"), refreshPayload())},
		attack{"kid twice", access(accessHeader().also("kid", `"a1"`), accessPayload())},
		attack{"the kid of the other purpose", access(accessHeader().set("kid", `"r1"`), accessPayload())},
		attack{"the kid of the other purpose, refresh", refresh(refreshHeader().set("kid", `"a1"`), refreshPayload())})
	refuseAll(t, rows)
}

func TestT006KeysInTheHeader(t *testing.T) {
	var asked atomic.Int64
	canary := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	canary.Config.ConnState = func(net.Conn, http.ConnState) { asked.Add(1) }
	canary.Start()
	defer canary.Close()
	mine := ed25519.NewKeyFromSeed(seed(50))
	byMine := func(input string) []byte { return ed25519.Sign(mine, []byte(input)) }
	jwk := `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"a1","x":"` + b64(string(mine.Public().(ed25519.PublicKey))) + `"}`
	extras := object{
		{"jwk", jwk}, {"jwk", `{"kty":"oct","k":"AAAA"}`}, {"jku", `"` + canary.URL + `"`}, {"x5u", `"` + canary.URL + `"`},
		{"x5c", `["MIIB"]`}, {"x5t", `"AAAA"`}, {"x5t#S256", `"AAAA"`}, {"iss", `"porteiro"`}, {"x", `1`}, {"cty", `"JWT"`},
	}
	var rows []attack
	for _, x := range extras {
		rows = append(rows,
			attack{x.name + ", signed with the attacker's key", sign(accessHeader().also(x.name, x.value).String(), accessPayload().String(), byMine)},
			attack{x.name + ", and the signature holds", access(accessHeader().also(x.name, x.value), accessPayload())},
			attack{x.name + " in place of kid", access(accessHeader().without("kid").also(x.name, x.value), accessPayload())},
			attack{"refresh, " + x.name, refresh(refreshHeader().also(x.name, x.value), refreshPayload())})
	}
	refuseAll(t, rows)
	if n := asked.Load(); n != 0 {
		t.Errorf("reading a token opened %d connections", n)
	}
}

func TestT007CriticalHeaders(t *testing.T) {
	var rows []attack
	for _, extra := range []object{
		{{"crit", `["exp"]`}, {"exp", "1"}}, {{"crit", `[]`}}, {{"crit", `["gone"]`}}, {{"crit", `["alg"]`}}, {{"crit", `"alg"`}}, {{"crit", `null`}},
		{{"crit", `["typ"]`}}, {{"crit", `[""]`}}, {{"crit", `[1]`}}, {{"crit", `{}`}}, {{"crit", `1`}}, {{"crit", `false`}}, {{"Crit", `["exp"]`}}, {{"cri\u0074", `[]`}},
		{{"b64", `false`}}, {{"b64", `false`}, {"crit", `["b64"]`}}, {{"b64", `true`}, {"crit", `["b64"]`}}, {{"zip", `"DEF"`}}, {{"enc", `"A256GCM"`}},
	} {
		rows = append(rows,
			attack{extra.String(), access(append(accessHeader(), extra...), accessPayload())},
			attack{"refresh " + extra.String(), refresh(append(refreshHeader(), extra...), refreshPayload())})
	}
	raw := b64(append(accessHeader(), object{{"b64", "false"}, {"crit", `["b64"]`}}...).String()) + "." + accessPayload().String()
	rows = append(rows, attack{"a payload that is not encoded", raw + "." + b64(string(byAccessKey(raw)))})
	refuseAll(t, rows)
}

func TestT013DuplicatesAndOtherCases(t *testing.T) {
	h, p := accessHeader(), accessPayload()
	rows := []attack{
		{"typ twice", access(h.also("typ", `"at+jwt"`), p)},
		{"TYP", access(h.also("TYP", `"JWT"`), p)},
		{"Kid", access(h.also("Kid", `"a2"`), p)},
		{"\u212aid, with the Kelvin sign", access(h.also("\u212aid", `"a2"`), p)},
		{`\u212aid, escaped`, access(h.also(`\u212aid`, `"a2"`), p)},
		{"unknown header", access(h.also("x", `1`), p)},
		{"an empty name", access(h.also("", `1`), p)},
		{"twice within an unknown claim", access(h, p.also("x", `{"a":1,"a":1}`))},
		{"twice deep within an unknown claim", access(h, p.also("x", `[[{"a":[{"b":1,"\u0062":1}]}]]`))},
		{"unknown claim twice", access(h, p.also("x", "1").also("x", "1"))},
		{"unknown claim in two cases", access(h, p.also("role", "1").also("Role", "1"))},
		{"to\u212aen_use, with the Kelvin sign", access(h, p.also("to\u212aen_use", `"access"`))},
		{`to\u212aen_use, escaped`, access(h, p.also(`to\u212aen_use`, `"access"`))},
		{"\u017fub, with the long s", access(h, p.also("\u017fub", `"`+user+`"`))},
		{"i\u017fs alone", access(h, p.without("iss").also("i\u017fs", `"porteiro"`))},
		{"refresh, CNT", refresh(refreshHeader(), refreshPayload().also("CNT", "0"))},
		{"refresh, Cnt alone", refresh(refreshHeader(), refreshPayload().without("cnt").also("Cnt", "3"))},
		{"access, NBF", access(h, p.also("NBF", "0"))},
	}
	for _, m := range p {
		upper, title := strings.ToUpper(m.name), strings.ToUpper(m.name[:1])+m.name[1:]
		escaped := fmt.Sprintf(`\u%04x%s`, m.name[0], m.name[1:])
		rows = append(rows,
			attack{m.name + " twice", access(h, p.also(m.name, m.value))},
			attack{m.name + " twice, once escaped", access(h, p.also(escaped, m.value))},
			attack{m.name + " twice, the first another", access(h, p.first(m.name, `"x"`))},
			attack{upper + " too", access(h, p.also(upper, m.value))},
			attack{title + " before", access(h, p.first(title, m.value))},
			attack{upper + " alone", access(h, p.without(m.name).also(upper, m.value))},
			attack{title + " alone", access(h, p.without(m.name).also(title, m.value))})
	}
	refuseAll(t, rows)
}

func TestT015TimesAreShortIntegers(t *testing.T) {
	bad := []string{
		`null`, `true`, `"1772366400"`, `"NaN"`, `NaN`, `Infinity`, `-Infinity`, `1e400`, `1e300`, `1e9`, `1E9`, `17723664e2`, `1772366400.0`, `1772366400.5`,
		`-1`, `-0`, `+1772366400`, `01772366400`, `0x1`, `9223372036854775807`, `9223372036854775808`, `9007199254740992`, `1772366400000`, `1000000000000`,
		`[1772366400]`, `[]`, `{}`, `{"exp":1772366400}`, `""`, ``, `1772366400 1`, `१७७२`,
	}
	rows := append(payloads("iat", bad...), payloads("exp", bad...)...)
	rows = append(rows, payloads("nbf", bad...)[1:]...)
	rows = append(rows,
		attack{"year 9999", access(accessHeader(), accessPayload().set("exp", "253402300799"))},
		attack{"a day and a second", access(accessHeader(), accessPayload().set("exp", fmt.Sprint(iat+86401)))},
		attack{"cnt missing", refresh(refreshHeader(), refreshPayload().without("cnt"))})
	for _, v := range append(bad, "2147483648", "999999999999") {
		rows = append(rows, attack{"cnt " + short(v), refresh(refreshHeader(), refreshPayload().set("cnt", v))})
	}
	refuseAll(t, rows)
}

func TestT018Issuers(t *testing.T) {
	refuseAll(t, payloads("iss", `"porteiro/"`, `"Porteiro"`, `"porteiro "`, `" porteiro"`, `"http://porteiro"`, `["porteiro"]`, `"porteiro.evil.example"`,
		`"porteir"`, `""`, `null`, `1`, `{}`, `"porteiro\u0000"`))
}

func TestT019Audiences(t *testing.T) {
	refuseAll(t, payloads("aud", `"other"`, `[]`, `""`, `null`, `["porteiro",1]`, `["porteiro",null]`, `[["porteiro"]]`, `["other","else"]`, `{"porteiro":1}`,
		`"porteir"`, `"porteiro "`, `"Porteiro"`, `"porteiro,other"`, `true`, `["porteiro",{}]`, `["porteiro\u0000"]`, `["porteiro",""]`, `["","porteiro"]`,
		`["porteiro",]`, `["porteiro","\ud800"]`, `["porteiro",true]`))
}

func TestT020Identifiers(t *testing.T) {
	odd := []string{
		`""`, `1`, `null`, `true`, `{}`, `["` + user + `"]`, `"' OR '1'='1"`, `"'; DROP TABLE users;--"`, `"a\u0000b"`, "\"\xff\"", `"\ud800"`, `"\udc00x"`,
		`"０198f2a0-1111-7abc-8def-000000000001"`, `"` + user + ` "`, `" ` + user + `"`, `"` + user + `\n"`, "\"a\nb\"",
	}
	uuids := append(odd, `"0198F2A0-1111-7ABC-8DEF-000000000001"`, `"0198f2a011117abc8def000000000001"`, `"{`+user+`}"`, `"urn:uuid:`+user+`"`, `"alice@example.com"`,
		`"`+user+`0"`, `"`+user[1:]+`"`)
	rows := append(payloads("sub", uuids...), payloads("sid", uuids...)...)
	rows = append(rows, payloads("jti", append(odd, `"`+strings.Repeat("a", 129)+`"`)...)...)
	rows = append(rows, payloads("client_id", append(odd, `"`+strings.Repeat("a", 129)+`"`)...)...)
	refuseAll(t, rows)
}

func TestT021Types(t *testing.T) {
	rows := headers("typ", `"JWT"`, `"jwt"`, `""`, `"refresh+jwt"`, `"id_token"`, `"logout+jwt"`, `"secevent+jwt"`, `["at+jwt"]`, `null`, `1`, `"AT+JWT"`, `"at+JWT"`,
		`"at+jwt "`, `" at+jwt"`, `"application/at+jwt;v=1"`, `"application/AT+JWT"`, `"Application/at+jwt"`, `"application/rt+jwt"`, `"rt+jwt "`, `"at"`)
	rows = append(rows,
		attack{"no typ", access(accessHeader().without("typ"), accessPayload())},
		attack{"refresh, no typ", refresh(refreshHeader().without("typ"), refreshPayload())})
	refuseAll(t, rows)
}

func TestT022KindsAreNeverMixed(t *testing.T) {
	refuseAll(t, []attack{
		{"access typ on a refresh token", refresh(refreshHeader().set("typ", `"at+jwt"`), refreshPayload())},
		{"access typ on a refresh token with every access claim", refresh(refreshHeader().set("typ", `"at+jwt"`), append(refreshPayload(), accessPayload()[4:6]...))},
		{"refresh typ on an access token", access(accessHeader().set("typ", `"rt+jwt"`), accessPayload())},
		{"refresh typ on an access token with a count", access(accessHeader().set("typ", `"rt+jwt"`), accessPayload().also("cnt", "3"))},
		{"long access typ on a refresh token", refresh(refreshHeader().set("typ", `"application/at+jwt"`), refreshPayload())},
	})
}
