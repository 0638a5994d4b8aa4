package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"
)

// condition is [python:MODULE,...]: there is a Python with these modules. The
// scripts run it as $PYTHON.
func condition(cond string) (bool, error) {
	modules, ok := strings.CutPrefix(cond, "python:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", cond)
	}
	return python(strings.Split(modules, ",")...) != "", nil
}

// python finds a Python that has some modules; "" for none. The first one in the
// PATH may be another than the system's.
func python(modules ...string) string {
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import "+strings.Join(modules, ", ")).Run() == nil {
			return name
		}
	}
	return ""
}

// snippetCommand is snippet FILE: it writes the block of docs/TESTING.md that begins
// with the comment "# FILE" into FILE.
func snippetCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: snippet file")
	}
	page, err := os.ReadFile("../../docs/TESTING.md")
	ts.Check(err)
	_, rest, ok := strings.Cut(string(page), "```python\n# "+args[0]+"\n")
	block, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		ts.Fatalf("docs/TESTING.md has no %s", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(block), 0o600))
}

// setSnippets sets what scripts with snippets need: $PYTHON, and $TEST_SERVER, the
// server as key=value pairs.
func setSnippets(env *testscript.Env) error {
	cfg, err := pgx.ParseConfig(env.Getenv("URL"))
	if err != nil {
		return err
	}
	env.Setenv("TEST_SERVER", fmt.Sprintf("host=%s port=%d user=%s", cfg.Host, cfg.Port, cfg.User))
	for _, modules := range [][]string{{"django", "psycopg2"}, {"psycopg2"}} {
		if name := python(modules...); name != "" {
			env.Setenv("PYTHON", name)
			break
		}
	}
	return nil
}
