// Package openapitest holds answers of the service to its OpenAPI document: what is not described there must not come.
package openapitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Document is an OpenAPI document that is valid itself.
type Document struct{ doc *openapi3.T }

// anyMethod marks a path whose get describes every method.
const anyMethod = "x-any-method"

// Load reads a document, as strictly as it can be read: a member that is not described is refused.
func Load(path string) (*Document, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(b)
}

// Parse is Load of what was read already.
func Parse(b []byte) (*Document, error) {
	doc, err := openapi3.NewLoader().LoadFromData(b)
	if err != nil {
		return nil, err
	}
	if !doc.IsOpenAPI31OrLater() {
		return nil, fmt.Errorf("it is OpenAPI %s", doc.OpenAPI)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		return nil, err
	}
	shut(tree)
	if b, err = json.Marshal(tree); err != nil {
		return nil, err
	}
	if doc, err = openapi3.NewLoader().LoadFromData(b); err != nil {
		return nil, err
	}
	return &Document{doc}, nil
}

// shut keeps every object to the members that are described. To clients an object may grow.
func shut(tree any) {
	switch tree := tree.(type) {
	case []any:
		for _, v := range tree {
			shut(v)
		}
	case map[string]any:
		for _, v := range tree {
			shut(v)
		}
		if _, open := tree["additionalProperties"]; tree["type"] == "object" && !open {
			tree["additionalProperties"] = false
		}
	}
}

// Operations returns "METHOD /path" of each operation; "* /path" is any method.
func (d *Document) Operations() []string {
	var all []string
	for path, item := range d.doc.Paths.Map() {
		for method := range item.Operations() {
			if item.Extensions[anyMethod] == true {
				method = "*"
			}
			all = append(all, method+" "+path)
		}
	}
	slices.Sort(all)
	return all
}

// Check says what of an answer is not described. The path is the one asked for, without a base path and query; the body
// is empty where HEAD was asked.
func (d *Document) Check(method, path string, status int, header http.Header, body []byte) error {
	response, err := d.response(method, path, status)
	if err != nil {
		return err
	}
	return errors.Join(headers(response, header), content(response, method, header.Get("Content-Type"), body))
}

// response finds what is described for an answer. A path or a method that there is none of has an answer of its own.
func (d *Document) response(method, path string, status int) (*openapi3.Response, error) {
	item := d.item(path)
	if item == nil {
		return d.general("NotFound", http.StatusNotFound, status)
	}
	if method == http.MethodHead || item.Extensions[anyMethod] == true {
		method = http.MethodGet
	}
	operation := item.GetOperation(method)
	if operation == nil {
		return d.general("MethodNotAllowed", http.StatusMethodNotAllowed, status)
	}
	described := operation.Responses.Value(strconv.Itoa(status))
	if described == nil {
		return nil, fmt.Errorf("%s %s: the status %d is not described", method, path, status)
	}
	return described.Value, nil
}

func (d *Document) general(name string, want, status int) (*openapi3.Response, error) {
	if status != want {
		return nil, fmt.Errorf("nothing like it is described, and the status is %d and not %d", status, want)
	}
	return d.doc.Components.Responses[name].Value, nil
}

func (d *Document) item(path string) *openapi3.PathItem {
	if item := d.doc.Paths.Value(path); item != nil {
		return item
	}
	parent, last := path[:strings.LastIndexByte(path, '/')+1], path[strings.LastIndexByte(path, '/')+1:]
	if last == "" {
		return nil
	}
	return d.doc.Paths.Value(parent + "{id}")
}

// described are the headers that carry something of the contract: each has to be described where it comes.
func described() []string {
	return []string{"WWW-Authenticate", "Retry-After", "Set-Cookie", "Allow", "Etag", "X-Auth-User", "X-Auth-Email", "X-Auth-Roles", "X-Auth-Session"}
}

func headers(response *openapi3.Response, got http.Header) (err error) {
	known := map[string]bool{}
	for name, h := range response.Headers {
		name = http.CanonicalHeaderKey(name)
		known[name] = true
		values, there := got[name]
		// A client that oapi-codegen made does not take a required header that is empty, as X-Auth-Roles may be.
		if !there && (h.Value.Required || strings.HasPrefix(name, "X-Auth-")) {
			err = errors.Join(err, fmt.Errorf("the header %s is missing", name))
		}
		for _, v := range values {
			if e := h.Value.Schema.Value.VisitJSON(v, openapi3.EnableJSONSchema2020()); e != nil {
				err = errors.Join(err, fmt.Errorf("%s %q: %w", name, v, e))
			}
		}
	}
	for _, name := range described() {
		if name = http.CanonicalHeaderKey(name); len(got[name]) > 0 && !known[name] {
			err = errors.Join(err, fmt.Errorf("the header %s is not described", name))
		}
	}
	return err
}

// uuids has the format looked at, as it is not by default.
func uuids() openapi3.SchemaValidationOption {
	return openapi3.WithStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`))
}

func content(response *openapi3.Response, method, media string, body []byte) error {
	if len(response.Content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("no body is described: %.100q", body)
		}
		return nil
	}
	described := response.Content[media]
	if described == nil {
		return fmt.Errorf("the media type %q is not described", media)
	}
	if method == http.MethodHead {
		return nil
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&value); err != nil {
		return fmt.Errorf("the body %.100q: %w", body, err)
	}
	if err := described.Schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.EnableFormatValidation(), uuids()); err != nil {
		return fmt.Errorf("the body %.300q: %w", body, err)
	}
	return nil
}
