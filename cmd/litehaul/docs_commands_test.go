package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/litehaul/litehaul/internal/pgserver"
	"github.com/litehaul/litehaul/internal/pgtest"
)

// foreign are the programs of others that the documentation calls.
var foreign = map[string]bool{"pgloader": true, "psql": true, "go install": true}

// TestDocCommands runs every command of the console blocks in the README and
// in docs/: litehaul's on a small database, against a target of the test's own;
// make's targets must exist.
func TestDocCommands(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	n := 0
	for _, page := range append(pages, "../../README.md") {
		for _, cmd := range consoleCommands(t, page) {
			n++
			docCommand(t, &script, page, cmd)
		}
	}
	if n < 6 {
		t.Fatalf("found only %d commands in the documentation", n)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docs.txtar"), []byte(script.String()+docSample), 0o600); err != nil {
		t.Fatal(err)
	}
	server := pgtest.Start(t)
	testscript.Run(t, testscript.Params{
		Dir: dir, Cmds: commands, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv(pgserver.BinEnv, server.BinDir())
			for i := range n {
				name := fmt.Sprintf("docs_%d", databases.Add(1))
				if err := server.CreateDatabase(t.Context(), name, pgserver.DatabaseOptions{}); err != nil {
					return err
				}
				env.Setenv(fmt.Sprintf("URL%d", i), server.URL(name))
			}
			return clearEnv(env)
		},
	})
}

const docSample = `
-- app.sql --
CREATE TABLE app (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO app (name) VALUES ('one'), ('two');
`

var targetURL = regexp.MustCompile(`postgres(ql)?://\S*`)

// docCommand adds one command to the script.
func docCommand(t *testing.T, script *strings.Builder, page, cmd string) {
	t.Helper()
	name, args, _ := strings.Cut(cmd, " ")
	first, _, _ := strings.Cut(args, " ")
	switch {
	case foreign[name], foreign[name+" "+first]:
	case name == "make":
		if out, err := exec.Command("make", "-n", "-C", "../..", first).CombinedOutput(); err != nil {
			t.Errorf("%s: %s: %v\n%s", page, cmd, err, out)
		}
	case name == "go":
		// The generators have tests of their own; the command must only parse.
		if _, err := os.Stat(filepath.Join("..", "..", strings.Fields(args)[1])); errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %s: %v", page, cmd, err)
		}
	case name == "litehaul":
		fields := strings.Fields(args)
		for i, f := range fields {
			if strings.HasSuffix(f, ".db") || strings.HasSuffix(f, ".sqlite") {
				fmt.Fprintf(script, "rm %[1]s\nsqlite %[1]s app.sql\n", f)
			}
			if targetURL.MatchString(f) {
				fields[i] = fmt.Sprintf("$URL%d", strings.Count(script.String(), "exec litehaul"))
			}
		}
		fmt.Fprintf(script, "# %s\nexec litehaul %s\n", page, strings.Join(fields, " "))
	default:
		t.Errorf("%s: no test knows how to run %q", page, cmd)
	}
}

// consoleCommands gives the lines that begin with "$ " in console blocks.
func consoleCommands(t *testing.T, page string) []string {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	inside := false
	for line := range strings.Lines(string(data)) {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = strings.HasPrefix(line, "```console")
		case inside && strings.HasPrefix(line, "$ "):
			out = append(out, strings.TrimSpace(line[2:]))
		}
	}
	return out
}
