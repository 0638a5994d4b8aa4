package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/pipeline"
)

func TestSecrets(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, target, message string }{
		{"URL", "postgres://bob:geheim77@h/db", "cannot reach geheim77"},
		{"URL, escaped", "postgres://bob:ge%20heim%2F7@h/db", "a: ge heim/7 b: ge%20heim%2F7"},
		{"URL, broken", "postgres://bob:ge%zzheim77@h/db", "cannot parse postgres://bob:ge%zzheim77@h/db"},
		{"URL, with an at sign", "postgres://bob:geh@im77@h/db", "no: geh@im77"},
		{"URL, parameter", "postgres://h/db?password=geheim77&x=1", "password=geheim77"},
		{"key=value", "host=h password=geheim77 dbname=x", "bad: geheim77"},
		{"key = value", "host=h password = geheim77", "bad: geheim77"},
		{"quoted", `password='ge\'heim 77' host=h`, `a: ge'heim 77 b: ge\'heim 77`},
		{"key file", "sslpassword=geheim77", "geheim77"},
		{"short", "postgres://bob:heim@h/db", "postgres://bob:heim@h/db"},
		{"very short", "postgres://bob:x@h/db", "postgres://bob:x@h/db"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := redact(tt.message, secrets(tt.target))
			if strings.Contains(got, "heim") || strings.Contains(got, ":x@") || !strings.Contains(got, masked) {
				t.Errorf("%q became %q", tt.message, got)
			}
		})
	}
}

// TestRedactKeepsWords: a password of one letter does not take words apart.
func TestRedactKeepsWords(t *testing.T) {
	t.Parallel()
	const message = "connect to example.com: no such host"
	if got := redact(message, secrets("postgres://bob:e@example.com/db")); got != message {
		t.Errorf("became %q", got)
	}
}

func TestExitCode(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	refused := &pipeline.Error{Err: errors.New("no"), Code: pipeline.ExitRefused}
	tests := []struct {
		name string
		ctx  context.Context
		err  error
		want int
	}{
		{"done", t.Context(), nil, 0},
		{"done, and then a signal", canceled, nil, 0},
		{"failed", t.Context(), errors.New("x"), 1},
		{"a connection that a signal closed", canceled, errors.New("conn closed"), 130},
		{"interrupted", canceled, fmt.Errorf("load: %w", context.Canceled), 130},
		{"refused, told", t.Context(), told{refused}, 3},
		{"refused, then a signal", canceled, refused, 3},
	}
	for _, tt := range tests {
		if got := exitCode(tt.ctx, tt.err); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	cmd := &cobra.Command{}
	for _, name := range []string{"jobs", "verify", "on-existing", "yes"} {
		cmd.Flags().Bool(name, false, "")
	}
	for name, want := range map[string]string{
		"job": "jobs", "jbos": "jobs", "verfy": "verify", "on_existing": "on-existing",
		"onexisting": "on-existing", "q": "", "something-else": "",
	} {
		if got := nearest(cmd, name); got != want {
			t.Errorf("nearest(%s) = %q, want %q", name, got, want)
		}
	}
}

// TestHelpNamesEachFlag: a flag without a heading, or with one that is not
// printed, would be missing in the help text.
func TestHelpNamesEachFlag(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, g := range groups {
		known[g] = true
	}
	for _, cmd := range newRoot(newConsole()).Commands() {
		for _, name := range flagNames(cmd) {
			heading := cmd.Flags().Lookup(name).Annotations[groupKey]
			if len(heading) != 1 || !known[heading[0]] {
				t.Errorf("%s --%s stands under %q", cmd.Name(), name, heading)
			}
		}
	}
}
