package grpcapi_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
)

// bytesCodec sends bytes as they are.
type bytesCodec struct{}

func (bytesCodec) Marshal(v any) ([]byte, error)      { return *v.(*[]byte), nil }
func (bytesCodec) Unmarshal(data []byte, v any) error { *v.(*[]byte) = data; return nil }
func (bytesCodec) Name() string                       { return "proto" }

// Whatever is sent, it is the client's fault, and nobody is asked.
func TestBadInput(t *testing.T) {
	g := newGate()
	conn := dial(t, serve(t, g.config()))
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer T")
	for _, c := range []struct {
		name, method, message string
		code                  codes.Code
		reason                string
	}{
		{"no message", "Gate/Login", "\xff\xff\xff", codes.InvalidArgument, "request_invalid"},
		{"cut off", "Gate/Login", "\x0a\x7fana", codes.InvalidArgument, "request_invalid"},
		{"text that is not UTF-8", "Gate/Login", "\x0a\x01\xff", codes.InvalidArgument, "request_invalid"},
		{"a field that is unknown", "Gate/Authorize", "\x12\x05admin", codes.InvalidArgument, "request_invalid"},
		{"a field of another type", "Gate/Authorize", "\x08\x01", codes.InvalidArgument, "request_invalid"},
		{"a field where there is none", "Sessions/ListSessions", "\x0a\x01x", codes.InvalidArgument, "request_invalid"},
		{"a scope that is none", "Gate/Logout", "\x08\x09", codes.InvalidArgument, "request_invalid"},
		{"too large", "Gate/Login", "\x0a\x80\x80\x04" + strings.Repeat("a", 64<<10), codes.ResourceExhausted, ""},
		{"a method that is none", "Gate/Logins", "", codes.Unimplemented, ""},
	} {
		in, out := []byte(c.message), []byte(nil)
		err := conn.Invoke(ctx, "/porteiro.v1."+c.method, &in, &out, grpc.ForceCodec(bytesCodec{}))
		if status.Code(err) != c.code || reason(err) != c.reason {
			t.Errorf("%s: %v (%q), want %v (%q)", c.name, err, reason(err), c.code, c.reason)
		}
	}
	if n := g.calls.Load(); n != 0 {
		t.Errorf("the gate was asked %d times", n)
	}
}

// A token is in the metadata once, as a Bearer, or the call is refused.
func TestTokens(t *testing.T) {
	g := newGate()
	var got string
	g.authorize = func(_ context.Context, access string) error { got = access; return nil }
	gate := porteirov1.NewGateClient(dial(t, serve(t, g.config())))
	for _, c := range []struct {
		values        []string
		token, reason string
	}{
		{[]string{"Bearer T"}, "T", ""},
		{nil, "", "token_missing"},
		{[]string{"Basic T"}, "", "token_missing"},
		{[]string{"Bearer"}, "", "request_invalid"},
		{[]string{"Bearer T", "Bearer U"}, "", "request_invalid"},
	} {
		ctx := t.Context()
		for _, v := range c.values {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", v)
		}
		got = ""
		if _, err := gate.Authorize(ctx, &porteirov1.AuthorizeRequest{}); got != c.token || reason(err) != c.reason {
			t.Errorf("%q: the gate was asked %q, and the answer is %v", c.values, got, err)
		}
	}
	large := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+strings.Repeat("a", 33<<10))
	if _, err := gate.Authorize(large, &porteirov1.AuthorizeRequest{}); err == nil {
		t.Error("33 KiB of metadata are taken")
	}
}
