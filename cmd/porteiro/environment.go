package main

import (
	"sort"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const prefix = "PORTEIRO_"

// foreign are the beginnings of variables that are none of ours to judge: those of the tests, and those that Kubernetes
// sets for a service of this name.
func foreign(name string) bool {
	for _, p := range []string{"TEST_", "REQUIRE_", "PORT", "SERVICE_"} {
		if strings.HasPrefix(name, prefix+p) {
			return true
		}
	}
	return false
}

// fromEnvironment gives the flags that the command line left out their values from the environment. A variable that no
// command knows is refused: it is a setting that somebody believes in. An empty one is none.
func fromEnvironment(cmd *cobra.Command, environ []string) error {
	known := map[string]bool{}
	everyFlag(cmd.Root(), func(f *pflag.Flag) { known[variable(f.Name)] = true })
	given := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, prefix) || value == "" || foreign(name) {
			continue
		}
		if !known[name] {
			return usagef("the environment has %s, which is no setting of porteiro: unset it, or look for its name in porteiro serve --help", name)
		}
		given[name] = value
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	sort.Strings(names)
	for _, name := range names {
		value, found := given[variable(name)]
		if !found || cmd.Flags().Changed(name) {
			continue
		}
		if err := cmd.Flags().Set(name, value); err != nil {
			return usagef("%s: %w", variable(name), err)
		}
	}
	return nil
}

func variable(flag string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func everyFlag(cmd *cobra.Command, f func(*pflag.Flag)) {
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "help" {
			f(flag)
		}
	})
	for _, sub := range cmd.Commands() {
		everyFlag(sub, f)
	}
}
