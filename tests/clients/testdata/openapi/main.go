// Command client does what the client that was generated from /openapi.json can do against the service at its argument,
// and prints what it got.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string) error {
	client, err := NewClientWithResponses(url)
	if err != nil {
		return err
	}
	said := map[string]string{}
	login, err := client.LoginWithResponse(ctx, Credentials{Email: "ana@example.com", Password: "correct horse battery"})
	if err != nil {
		return err
	}
	if login.JSON200 == nil || login.JSON200.AccessToken == nil {
		return fmt.Errorf("login: %s %s", login.Status(), login.Body)
	}
	said["token type"] = string(*login.JSON200.TokenType)
	bearer := func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+*login.JSON200.AccessToken)
		return nil
	}
	passes, err := client.AuthorizeWithResponse(ctx, nil, bearer)
	if err != nil {
		return err
	}
	if passes.JSON200 == nil {
		return fmt.Errorf("authorize: %s %s", passes.Status(), passes.Body)
	}
	said["authorize"], said["header"] = passes.JSON200.Email, passes.HTTPResponse.Header.Get("X-Auth-Email")
	roles := []string{"admin"}
	role, err := client.AuthorizeWithResponse(ctx, &AuthorizeParams{Role: &roles}, bearer)
	if err != nil {
		return err
	}
	said["a role that is missing"] = role.ApplicationproblemJSON403.Code
	scope := LogoutParamsScope("local")
	logout, err := client.LogoutWithResponse(ctx, &LogoutParams{Scope: &scope}, bearer)
	if err != nil {
		return err
	}
	if logout.JSON200 == nil {
		return fmt.Errorf("logout: %s %s", logout.Status(), logout.Body)
	}
	said["logout"] = logout.JSON200.Msg
	after, err := client.AuthorizeWithResponse(ctx, nil, bearer)
	if err != nil {
		return err
	}
	said["after it"] = after.ApplicationproblemJSON401.Code
	wrong, err := client.LoginWithResponse(ctx, Credentials{Email: "ana@example.com", Password: "x"})
	if err != nil {
		return err
	}
	said["a wrong password"] = wrong.ApplicationproblemJSON401.Code
	return json.NewEncoder(os.Stdout).Encode(said)
}
