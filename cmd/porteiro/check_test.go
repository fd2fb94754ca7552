package main

import "testing"

func TestWeakMode(t *testing.T) {
	for url, want := range map[string]string{
		"sqlite:porteiro.db":                                           "",
		"postgres://u:p@db/x":                                          "",
		"postgres://u:p@db/x?sslmode=verify-full":                      "",
		"postgres://u:p@db/x?sslmode=require":                          "",
		"postgres://u:p@db/x?sslmode=disable":                          "disable",
		"postgresql://u:p@db/x?sslmode=disable":                        "disable",
		"postgres://u:p@db:5433/x?sslmode=prefer":                      "prefer",
		"postgres://u:p@db/x?sslmode=allow":                            "allow",
		"postgres://u:p@localhost/x?sslmode=disable":                   "",
		"postgres://u:p@127.0.0.1:5432/x?sslmode=allow":                "",
		"postgres://u:p@[::1]:5432/x?sslmode=disable":                  "",
		"postgres://u:p@[2001:db8::1]/x?sslmode=disable":               "disable",
		"postgres:///x?sslmode=disable":                                "",
		"postgres:///x?host=/run/postgresql&sslmode=disable":           "",
		"postgres:///x?host=db&sslmode=disable":                        "disable",
		"postgres://u@localhost/x?hostaddr=192.0.2.1&sslmode=disable":  "disable",
		"postgres://u:p@localhost,db/x?port=1,2&sslmode=disable":       "disable",
		"postgres://u:p@127.0.0.1,localhost/x?port=1,2&sslmode=prefer": "",
		"postgres://u:p%40@db/x?sslmode=disable&x=%zz":                 "",
	} {
		if got := weakMode(url); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}
