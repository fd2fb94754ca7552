package e2e_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/porteiro/porteiro/adapters/grpcapi/client"
	"github.com/porteiro/porteiro/domain"
)

// dial connects to a node's gRPC in plain text.
func (n *node) dial() (*grpc.ClientConn, *client.Client) {
	n.t.Helper()
	conn, err := grpc.NewClient(n.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { conn.Close() })
	far, err := client.New(client.Config{Address: n.grpc, Plaintext: true})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { far.Close() })
	return conn, far
}

func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestGRPC(t *testing.T) {
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), "--grpc-listen", "127.0.0.1:0")
	ctx := patient(t)
	conn, far := n.dial()

	health, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: "porteiro.v1.Gate"})
	if err != nil || health.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", health, err)
	}
	if got := reflected(t, ctx, conn); !slices.Contains(got, "porteiro.v1.Gate") || !slices.Contains(got, "envoy.service.auth.v3.Authorization") {
		t.Errorf("reflection lists %q", got)
	}

	if _, err := far.Register(ctx, "ana@example.com", "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	if _, err := far.Login(ctx, "ana@example.com", "wrong"); !errors.Is(err, domain.InvalidCredentials) {
		t.Errorf("a wrong password: %v", err)
	}
	grant, err := far.Login(ctx, "ana@example.com", "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	id, err := far.Authorize(ctx, grant.AccessToken)
	if err != nil || id.Email != "ana@example.com" {
		t.Errorf("authorize: %+v, %v", id, err)
	}
	n.passes("over HTTP, a token that came over gRPC", grant.AccessToken)

	envoy := authv3.NewAuthorizationClient(conn)
	checked, err := envoy.Check(ctx, asked(grant.AccessToken, nil))
	if err != nil || !slices.Contains(given(checked.GetOkResponse().GetHeaders()), "x-auth-email: ana@example.com") {
		t.Errorf("check: %v, %v", checked, err)
	}
	checked, err = envoy.Check(ctx, asked(grant.AccessToken, map[string]string{"role": "admin"}))
	if err != nil || checked.GetDeniedResponse().GetStatus().GetCode() != 403 {
		t.Errorf("check for a role: %v, %v", checked, err)
	}

	if err := far.Logout(ctx, grant.AccessToken, domain.Global); err != nil {
		t.Error(err)
	}
	if _, err := far.Authorize(ctx, grant.AccessToken); !errors.Is(err, domain.TokenRevoked) {
		t.Errorf("after the logout: %v", err)
	}
	n.refuses("over HTTP, a token that was logged out over gRPC", grant.AccessToken)
	checked, err = envoy.Check(ctx, asked(grant.AccessToken, nil))
	if denied := checked.GetDeniedResponse(); err != nil || denied.GetStatus().GetCode() != 401 || !strings.Contains(denied.GetBody(), `"token_revoked"`) {
		t.Errorf("check after the logout: %v, %v", checked, err)
	}
	n.stop()
}

// asked is a call as Envoy makes it.
func asked(token string, extensions map[string]string) *authv3.CheckRequest {
	return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		ContextExtensions: extensions,
		Request: &authv3.AttributeContext_Request{Http: &authv3.AttributeContext_HttpRequest{
			Method: "GET", Path: "/orders?limit=10", Host: "shop.example.com", Scheme: "https",
			Headers: map[string]string{":method": "GET", "authorization": "Bearer " + token, "x-auth-email": "somebody@else.example"},
		}},
	}}
}

func given(options []*corev3.HeaderValueOption) (lines []string) {
	for _, o := range options {
		lines = append(lines, o.GetHeader().GetKey()+": "+o.GetHeader().GetValue())
	}
	return lines
}

func reflected(t *testing.T, ctx context.Context, conn *grpc.ClientConn) (names []string) {
	t.Helper()
	stream, err := grpc_reflection_v1.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	err = stream.Send(&grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{},
	})
	answer, err2 := stream.Recv()
	if err := errors.Join(err, err2, stream.CloseSend()); err != nil {
		t.Fatal(err)
	}
	for _, s := range answer.GetListServicesResponse().GetService() {
		names = append(names, s.GetName())
	}
	return names
}

// A node that drains says so to a watch, and ends well though the watch goes on.
func TestGRPCDrains(t *testing.T) {
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), "--grpc-listen", "127.0.0.1:0", "--drain-delay", "3s")
	conn, _ := n.dial()
	watch, err := grpc_health_v1.NewHealthClient(conn).Watch(patient(t), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if first, err := watch.Recv(); err != nil || first.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Fatalf("before: %v, %v", first, err)
	}
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if next, err := watch.Recv(); err != nil || next.Status != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("while it drains: %v, %v", next, err)
	}
	if err := n.cmd.Wait(); err != nil {
		t.Errorf("it does not end well: %v: %s", err, n.stderr)
	}
}

// gRPC shows the certificate that HTTPS does, also after a SIGHUP.
func TestGRPCOverTLS(t *testing.T) {
	i := valid(t, "one.example")
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), append(i.flags(), "--grpc-listen", "127.0.0.1:0")...)
	login := func(trusted []byte, name string) error {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(trusted)
		far, err := client.New(client.Config{Address: n.grpc, TLS: &tls.Config{RootCAs: roots, ServerName: name}})
		if err != nil {
			t.Fatal(err)
		}
		defer far.Close()
		_, err = far.Login(patient(t), "nobody@example.com", "wrong")
		return err
	}
	one, err := os.ReadFile(i.cert)
	if err != nil {
		t.Fatal(err)
	}
	if err := login(one, "one.example"); !errors.Is(err, domain.InvalidCredentials) {
		t.Errorf("with the certificate: %v", err)
	}
	if err := login(one, "other.example"); !errors.Is(err, domain.Unavailable) {
		t.Errorf("under another name: %v", err)
	}
	i.write(t, "two.example", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	n.hangup("was loaded again")
	if err := login(one, "one.example"); !errors.Is(err, domain.Unavailable) {
		t.Errorf("with the certificate before: %v", err)
	}
	two, err := os.ReadFile(i.cert)
	if err != nil {
		t.Fatal(err)
	}
	if err := login(two, "two.example"); !errors.Is(err, domain.InvalidCredentials) {
		t.Errorf("with the new certificate: %v", err)
	}
	n.stop()
}

func TestGRPCAddressRefused(t *testing.T) {
	for says, args := range map[string][]string{
		"HOST:PORT":                {"--grpc-listen", "9090"},
		"two addresses":            {"--listen", "127.0.0.1:18080", "--grpc-listen", "127.0.0.1:18080"},
		"--grpc-listen 192.0.2.1:": {"--listen", "127.0.0.1:0", "--grpc-listen", "192.0.2.1:9090"},
	} {
		_, stderr, code := porteiro(t, "", append([]string{"serve"}, args...)...)
		if code == 0 || !strings.Contains(stderr, says) {
			t.Errorf("%q: %d %s", args, code, stderr)
		}
	}
}
