package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// TestDocs: docs/CLI.md describes each flag with its variable, and no other.
func TestDocs(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/CLI.md")
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "| `--"); ok {
			name, _, _ := strings.Cut(rest, "`")
			described[strings.Fields(name)[0]] = true
			if name := strings.Fields(name)[0]; !strings.Contains(line, "`"+envName(name)+"`") {
				t.Errorf("the line of --%s does not name %s", name, envName(name))
			}
		}
	}
	existing := map[string]bool{"color": true}
	for _, cmd := range newRoot(newConsole()).Commands() {
		for _, cmd := range append(cmd.Commands(), cmd) {
			for _, name := range flagNames(cmd) {
				existing[name] = true
			}
		}
	}
	for name := range existing {
		if !described[name] {
			t.Errorf("docs/CLI.md does not describe --%s", name)
		}
	}
	for name := range described {
		if !existing[name] {
			t.Errorf("docs/CLI.md describes --%s, which does not exist", name)
		}
	}
}
