package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

// prompt asks before anything is dropped or emptied.
type prompt struct {
	con *console
	yes bool
	// done is what becomes of the tables: dropped or emptied.
	done string
	// pause runs a function while no progress is drawn.
	pause func(func())
}

// promptLimit is how many tables a prompt lists.
const promptLimit = 20

// confirm is a pipeline.Config's Confirm: the user must type the database's
// name. Without a terminal, and without --yes, it refuses.
func (p *prompt) confirm(ctx context.Context, database string, tables []string) (ok bool, err error) {
	if p.yes {
		return true, nil
	}
	if !isTerminal(p.con.in) {
		return false, &pipeline.Error{
			Err:  fmt.Errorf("%s of database %s would be %s, and there is no terminal to ask on", render.Plural(int64(len(tables)), "table"), database, p.done),
			Hint: "--yes goes on without a question",
			Code: pipeline.ExitRefused,
		}
	}
	p.pause(func() { ok, err = p.ask(ctx, database, tables) })
	return ok, err
}

func (p *prompt) ask(ctx context.Context, database string, tables []string) (bool, error) {
	if p.done == "emptied" {
		p.con.say("All rows of these tables of database %s will go:", database)
	} else {
		p.con.say("These tables of database %s will be %s, with all their rows:", database, p.done)
	}
	for _, t := range tables[:min(len(tables), promptLimit)] {
		p.con.say("  %s", t)
	}
	if rest := len(tables) - promptLimit; rest > 0 {
		p.con.say("  ... %d more", rest)
	}
	return p.typed(ctx, database)
}

// typed waits for the user to type the database's name.
func (p *prompt) typed(ctx context.Context, database string) (bool, error) {
	_, _ = fmt.Fprintf(p.con.err, "Type the name of the database to go on: ")
	typed, err := readLine(ctx, p.con)
	if err != nil {
		return false, err
	}
	return strings.TrimSpace(typed) == database, nil
}

// readLine reads a line, or fails when ctx is done. What then still reads from
// the terminal ends with the process.
func readLine(ctx context.Context, con *console) (string, error) {
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() { // in no group: a read from a terminal cannot be cancelled, so nothing could wait for it
		line, err := bufio.NewReader(con.in).ReadString('\n')
		answers <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", fmt.Errorf("wait for an answer: %w", ctx.Err())
	case a := <-answers:
		if a.err != nil && a.line == "" {
			return "", errors.New("no answer was given")
		}
		return a.line, nil
	}
}
