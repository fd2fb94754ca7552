// Package extauthz answers Envoy's external authorization (envoy.service.auth.v3.Authorization), so that a mesh asks
// porteiro directly. An answer to it is an HTTP answer in another envelope, with a status, headers and a body of its
// own, so it is had from the handler of forward auth: over either a request is let through, or told the same.
package extauthz

import (
	"context"
	"errors"
	"net/http"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

// Server is the authorization service.
type Server struct {
	authv3.UnimplementedAuthorizationServer
	handler http.Handler
	path    string
}

// New returns a service that asks the handler of forward auth at a path, such as "/authorize". The handler answers 200
// with X-Auth-User, X-Auth-Email, X-Auth-Roles and X-Auth-Session to a request that may pass, and anything else to one
// that may not; ?role=NAME, several times for any of them, asks for a role.
func New(handler http.Handler, path string) (*Server, error) {
	if handler == nil || path == "" {
		return nil, errors.New("extauthz: a handler and its path are needed")
	}
	return &Server{handler: handler, path: path}, nil
}

// Register adds the service to a server.
func (s *Server) Register(r grpc.ServiceRegistrar) { authv3.RegisterAuthorizationServer(r, s) }

// Check answers whether a request may pass. It is never an error: to one, Envoy may have been told to let everybody in.
func (s *Server) Check(ctx context.Context, r *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	a := &answer{header: http.Header{}}
	s.handler.ServeHTTP(a, s.request(ctx, r.GetAttributes()))
	if a.status == http.StatusOK && a.header.Get(headers[0]) != "" {
		return passes(a.header), nil
	}
	return refused(a), nil
}

// headers are what a request that passes is given, in the place of whatever its client sent under these names. The first
// one is never empty.
var headers = [...]string{"X-Auth-User", "X-Auth-Email", "X-Auth-Roles", "X-Auth-Session"}

func passes(h http.Header) *authv3.CheckResponse {
	ok := &authv3.OkHttpResponse{}
	for _, name := range headers {
		if value := h.Get(name); value != "" {
			ok.Headers = append(ok.Headers, overwriting(name, value))
		} else { // Envoy may leave out a header with nothing in it, and the client's would stand
			ok.HeadersToRemove = append(ok.HeadersToRemove, strings.ToLower(name))
		}
	}
	return &authv3.CheckResponse{
		Status:       &status.Status{Code: int32(codes.OK)},
		HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: ok},
	}
}

// refused is a denial also where the service could not answer: Envoy may take an error for a reason to let pass.
func refused(a *answer) *authv3.CheckResponse {
	denied := &authv3.DeniedHttpResponse{Status: &typev3.HttpStatus{Code: httpStatus(a.status)}, Body: a.body.String()}
	for name, values := range a.header {
		switch name {
		case "Content-Length", "Connection": // they are about a connection that there is none of
			continue
		}
		for i, value := range values {
			option := overwriting(name, value)
			if i > 0 {
				option.AppendAction = corev3.HeaderValueOption_APPEND_IF_EXISTS_OR_ADD
			}
			denied.Headers = append(denied.Headers, option)
		}
	}
	return &authv3.CheckResponse{
		Status:       &status.Status{Code: int32(code(a.status)), Message: http.StatusText(a.status)},
		HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: denied},
	}
}

func overwriting(name, value string) *corev3.HeaderValueOption {
	return &corev3.HeaderValueOption{
		Header:       &corev3.HeaderValue{Key: strings.ToLower(name), Value: value},
		AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}
}

// httpStatus is a status that Envoy knows, and that is no success: a 204 is no yes.
func httpStatus(code int) typev3.StatusCode {
	if _, known := typev3.StatusCode_name[int32(code)]; !known || code < 400 {
		return typev3.StatusCode_Forbidden
	}
	return typev3.StatusCode(code)
}

func code(status int) codes.Code {
	switch {
	case status == http.StatusUnauthorized:
		return codes.Unauthenticated
	case status == http.StatusServiceUnavailable:
		return codes.Unavailable
	case status >= http.StatusInternalServerError:
		return codes.Internal
	case status == http.StatusBadRequest:
		return codes.InvalidArgument
	}
	return codes.PermissionDenied
}
