package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/internal/fetch"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// fixtureFrom says what FIXTURE is, in the help texts of commands that read one.
const fixtureFrom = `FIXTURE is a file, - for standard input, or an http(s) URL. What is no file is first brought
into a temporary one, in the folder that TMPDIR names.`

// fixtureSource is an archive as the command line names it.
type fixtureSource struct{ sha256 string }

func (o *fixtureSource) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.sha256, "sha256", "", "refuse the archive unless sha256sum gives these `DIGITS` for the file; a URL may end with #sha256=DIGITS instead")
	group(fs, groupFixture)
}

// with opens an archive for fn.
func (o *fixtureSource) with(ctx context.Context, con *console, name string, fn func(f *fixture.Reader, src *fetch.Source) error) error {
	if name == fetch.Stdin && isTerminal(con.in) {
		return usage("litehaul fixture info - <app.tar", "the fixture is to come from standard input, and that is a terminal")
	}
	con.hideSecrets(name)
	bar := fetchBar{con: con}
	src, err := fetch.Open(ctx, name, fetch.Options{Stdin: con.in, SHA256: o.sha256, Check: fixture.Sniff, Progress: bar.draw})
	bar.clear()
	if err != nil {
		return unfetched(name, err)
	}
	defer func() { _ = src.Close() }() // it is only read
	f, err := fixture.Open(src, src.Size())
	if err != nil {
		return reseed.ExplainFixture(src.Name(), err)
	}
	return fn(f, src)
}

// unfetched gives an error of package fetch its exit code: nothing is written yet.
func unfetched(name string, err error) error {
	var e *fetch.Error
	if !errors.As(err, &e) {
		return reseed.ExplainFixture(fetch.Title(name), err)
	}
	code := pipeline.ExitRefused
	if e.Usage {
		code = pipeline.ExitUsage
	}
	return &pipeline.Error{Err: fmt.Errorf("open the fixture: %w", err), Hint: e.Hint, Code: code}
}

// fetchBar tells on a terminal how far a download is, when it takes long.
type fetchBar struct {
	con   *console
	begun time.Time
	drawn bool
}

// fetchBarAfter is how long a download runs before anything is drawn.
const fetchBarAfter = time.Second

// eraseLine goes to the line's beginning and erases it (ECMA-48, erase in line).
const eraseLine = "\r\x1b[K"

func (b *fetchBar) draw(done, total int64) {
	if b.begun.IsZero() {
		b.begun = time.Now()
	}
	if time.Since(b.begun) < fetchBarAfter || !isTerminal(b.con.err) {
		return
	}
	text := render.Bytes(done)
	if total > 0 {
		text += " of " + render.Bytes(total)
	}
	b.drawn = true
	_, _ = fmt.Fprintf(b.con.err, eraseLine+"fetching the fixture: %s", text) // nobody is left to tell
}

func (b *fetchBar) clear() {
	if b.drawn {
		_, _ = fmt.Fprint(b.con.err, eraseLine) // nobody is left to tell
	}
}
