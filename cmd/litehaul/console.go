package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

// console is the terminal, or what stands in its place.
type console struct {
	in, out, err *os.File
	lookupEnv    func(string) (string, bool)
	color        string // always, never or auto
	secrets      []string
}

func newConsole() *console {
	return &console{in: os.Stdin, out: os.Stdout, err: os.Stderr, lookupEnv: os.LookupEnv, color: colorAuto}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// width gives the width of the page that f shows; 0 when it is no terminal.
func width(f *os.File) int {
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// The values of --color.
const (
	colorAuto   = "auto"
	colorAlways = "always"
	colorNever  = "never"
)

// The terminal's colours in use (ECMA-48, select graphic rendition).
const (
	red    = "31;1"
	yellow = "33"
)

// paint colours text that goes to stderr, where that is wanted: NO_COLOR
// (https://no-color.org) and TERM=dumb say no.
func (c *console) paint(sgr, text string) string {
	noColor, _ := c.lookupEnv("NO_COLOR")
	terminal, _ := c.lookupEnv("TERM")
	auto := noColor == "" && terminal != "dumb" && isTerminal(c.err)
	if c.color == colorAlways || c.color == colorAuto && auto {
		return "\x1b[" + sgr + "m" + text + "\x1b[0m"
	}
	return text
}

// say writes a line to stderr, without secrets and control characters.
func (c *console) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	// Nobody is left to tell when stderr itself fails.
	_, _ = fmt.Fprintln(c.err, indent+c.safe(text))
}

// safe makes text fit one line of the terminal, and hides passwords.
func (c *console) safe(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return render.Clean(redact(strings.Join(lines, "; "), c.secrets))
}

// errorWriter is stderr without secrets, for whole lines such as log messages.
func (c *console) errorWriter(w io.Writer) io.Writer { return redactor{w: w, secrets: c.secrets} }

// told is an error that the user has read already.
type told struct{ error }

// Unwrap gives the error, for its exit code.
func (t told) Unwrap() error { return t.error }

// fail tells the user of an error that exits with code, unless told before.
func (c *console) fail(code int, err error) {
	if errors.As(err, new(told)) || err == nil {
		return
	}
	c.tellError(code, err)
	c.tellHint(err)
}

// tellError writes the error itself. Of an interruption, the user knows the
// cause; what broke under it is no news.
func (c *console) tellError(code int, err error) {
	text := "interrupted"
	if code != pipeline.ExitInterrupted {
		text = c.safe(err.Error())
	}
	_, _ = fmt.Fprintln(c.err, c.paint(red, "error:"), text)
}

func (c *console) tellHint(err error) {
	if hint := pipeline.Hint(err); hint != "" {
		_, _ = fmt.Fprintln(c.err, c.paint(yellow, "try:"), c.safe(hint))
	}
}

// usage makes an error of the class that exits with code 2.
func usage(hint, format string, args ...any) error {
	return &pipeline.Error{Err: fmt.Errorf(format, args...), Hint: hint, Code: pipeline.ExitUsage}
}

// hideSecrets keeps the passwords of a connection string, and those of the
// environment, out of all messages.
func (c *console) hideSecrets(target string) {
	c.secrets = append(c.secrets, secrets(target)...)
	if password, ok := c.lookupEnv("PGPASSWORD"); ok && password != "" {
		c.secrets = append(c.secrets, password)
	}
}
