package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"
)

const (
	logFile = "server.log"

	// tailBytes of the log go into an error: about the last 25 lines.
	tailBytes = 2500

	// pollPause lies between two tries to connect to a starting server, which
	// takes about 50 ms to come up when its cluster is new.
	pollPause = 10 * time.Millisecond
)

// process is a postmaster together with the guard that ends it when we die.
type process struct {
	cmd    *exec.Cmd
	guard  *guard
	waiter errgroup.Group
	exited chan struct{} // closed when the postmaster has been reaped
}

// command prepares one of the server's programs to run as the server's user in
// a folder which that user may enter.
func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.install.program(name), args...) //nolint:gosec // G204: running the server's programs is the purpose
	cmd.Dir = s.work
	cmd.Env = cleanEnv(os.Environ())
	s.account.apply(cmd)
	return cmd
}

// cleanEnv drops the variables that would lead Postgres' programs elsewhere
// (PGDATA, PGHOST, PGOPTIONS ...) and has messages come untranslated.
func cleanEnv(env []string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		return strings.HasPrefix(entry, "PG") || strings.HasPrefix(entry, "LC_ALL=")
	})
	return append(env, "LC_ALL=C")
}

// launch starts the postmaster on s.port and waits until it accepts
// connections. After an error nothing of it is left running.
func (s *Server) launch(ctx context.Context) error {
	log, err := os.Create(filepath.Join(s.work, logFile))
	if err != nil {
		return fmt.Errorf("make the server's log: %w", err)
	}
	defer log.Close() //nolint:errcheck // the server has its own descriptor; ours was never written to

	args := []string{"-D", s.data}
	set := s.settings()
	for _, name := range slices.Sorted(maps.Keys(set)) {
		args = append(args, "-c", name+"="+set[name])
	}
	// Not ctx: it bounds the start, and exec would kill the server when it ends.
	cmd := s.command(context.WithoutCancel(ctx), "postgres", args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run postgres: %w", err)
	}
	p := &process{cmd: cmd, exited: make(chan struct{})}
	p.guard, err = s.startGuard(cmd.Process.Pid)
	p.waiter.Go(p.wait)
	s.process = p
	if err == nil {
		err = s.ready(ctx)
	}
	if err != nil {
		err = fmt.Errorf("%w%s", err, quoted(tail(log.Name())))
		return errors.Join(err, p.stop(s.install))
	}
	return nil
}

// wait reaps the postmaster. How it ended tells nothing that its log does not.
func (p *process) wait() error {
	defer close(p.exited)
	var status *exec.ExitError
	err := p.cmd.Wait()
	p.guard.reaped()
	if err != nil && !errors.As(err, &status) {
		return fmt.Errorf("wait for postgres: %w", err)
	}
	return nil
}

// ready polls until the server lets us in.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	config, err := pgconn.ParseConfig(s.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connection URL: %w", err)
	}
	for {
		conn, err := pgconn.ConnectConfig(ctx, config)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.process.exited:
			return errors.New("the server ended while it started")
		case <-ctx.Done():
			return fmt.Errorf("the server does not accept connections: %w", errors.Join(ctx.Err(), err))
		case <-time.After(pollPause):
		}
	}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop ends the postmaster, then lets the guard go.
func (p *process) stop(in install) error {
	err := errors.Join(p.shutdown(in), p.waiter.Wait())
	p.guard.dismiss()
	return err
}

func (p *process) shutdown(in install) error {
	if err := interrupt(p.cmd.Process, in); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(err, p.kill())
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(stopTimeout):
		return errors.Join(fmt.Errorf("postgres did not shut down within %s, killed", stopTimeout), p.kill())
	}
}

func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill postgres: %w", err)
	}
	return nil
}

// tail returns the end of a log, cut at a line.
func tail(path string) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close() //nolint:errcheck // only read
	cut := false
	if info, err := file.Stat(); err == nil && info.Size() > tailBytes {
		_, err = file.Seek(-tailBytes, io.SeekEnd)
		cut = err == nil
	}
	text, err := io.ReadAll(io.LimitReader(file, 2*tailBytes))
	if err != nil {
		return nil
	}
	if _, rest, found := strings.Cut(string(text), "\n"); cut && found {
		return []byte(rest)
	}
	return text
}
