package contest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// tailBytes of a program's output go into an error.
const tailBytes = 1500

// tailWriter keeps the end of what is written to it.
type tailWriter struct{ text []byte }

func (w *tailWriter) Write(p []byte) (int, error) {
	w.text = append(w.text, p...)
	if extra := len(w.text) - tailBytes; extra > 0 {
		w.text = append(w.text[:0], w.text[extra:]...)
	}
	return len(p), nil
}

// String gives the end as an indented block.
func (w *tailWriter) String() string {
	text := strings.TrimSpace(string(w.text))
	if text == "" {
		return ""
	}
	return ":\n\t" + strings.ReplaceAll(text, "\n", "\n\t")
}

// programs runs the programs of one lap and adds up what they spend.
type programs struct {
	sampler *sampler
	spent   time.Duration
}

// run runs one program to its end.
func (p *programs) run(ctx context.Context, env []string, name string, args ...string) error {
	out := &tailWriter{}
	cmd := p.command(ctx, out, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout = out
	if err := p.start(cmd); err != nil {
		return err
	}
	return p.wait(cmd, out)
}

// pipe runs two programs, the output of the first being the input of the
// second.
func (p *programs) pipe(ctx context.Context, from, to []string) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	firstOut, secondOut := &tailWriter{}, &tailWriter{}
	first := p.command(ctx, firstOut, from[0], from[1:]...)
	second := p.command(ctx, secondOut, to[0], to[1:]...)
	first.Stdout, second.Stdin, second.Stdout = write, read, io.Discard
	err = p.start(first)
	if err == nil {
		if err = p.start(second); err != nil {
			err = errors.Join(err, first.Process.Kill(), first.Wait())
		}
	}
	// Each program has an end of the pipe of its own.
	if closeErr := errors.Join(read.Close(), write.Close()); err != nil || closeErr != nil {
		return errors.Join(err, closeErr)
	}
	return errors.Join(p.wait(second, secondOut), p.wait(first, firstOut))
}

func (p *programs) command(ctx context.Context, out *tailWriter, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // G204: running the contestants is the purpose
	cmd.Stderr = out
	cmd.WaitDelay = time.Second // for children of a killed program that hold our pipe
	return cmd
}

func (p *programs) start(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	p.sampler.add(cmd.Process.Pid)
	return nil
}

func (p *programs) wait(cmd *exec.Cmd, out *tailWriter) error {
	err := cmd.Wait()
	if state := cmd.ProcessState; state != nil {
		p.spent += state.UserTime() + state.SystemTime()
	}
	if err != nil {
		return fmt.Errorf("%s: %w%s", cmd.Path, err, out)
	}
	return nil
}
