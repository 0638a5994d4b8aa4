package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"github.com/spf13/cobra"
)

// A server of package pgserver ends with its process. So a kept one gets a
// process of its own, this program with the command below, which outlives the
// demo and takes everything away when it is told to end.
const demoServerCommand = "demo-server"

// greeting is the line by which that process tells how it is reached, or why
// it failed.
type greeting struct {
	URL   string `json:"url,omitempty"`
	Error string `json:"error,omitempty"`
}

func newDemoServer() *cobra.Command {
	return &cobra.Command{
		Use:    demoServerCommand,
		Short:  "Run the server of litehaul demo --keep until a signal ends it",
		Hidden: true,
		Args:   argCount(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serveDemo(cmd.Context(), os.Stdout)
		},
	}
}

// serveDemo runs a server until ctx is done.
func serveDemo(ctx context.Context, out io.WriteCloser) error {
	server, err := runServer(ctx)
	if err != nil {
		return errors.Join(err, json.NewEncoder(out).Encode(greeting{Error: err.Error()}))
	}
	err = errors.Join(json.NewEncoder(out).Encode(greeting{URL: server.URL(demoDatabase)}), out.Close())
	if err == nil {
		<-ctx.Done()
	}
	return errors.Join(err, server.Stop())
}

// keptServer is a server in a process of its own.
type keptServer struct {
	cmd *exec.Cmd
	pid int
	url string
}

// startKept starts the process, and returns when its server accepts
// connections.
func startKept(ctx context.Context) (*keptServer, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start a server to keep: %w", err)
	}
	cmd := exec.Command(program, demoServerCommand) //nolint:gosec,noctx // G204: this program itself; it outlives the context
	cmd.SysProcAttr = detached()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a server to keep: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a server to keep: %w", err)
	}
	k := &keptServer{cmd: cmd, pid: cmd.Process.Pid}
	unhook := context.AfterFunc(ctx, func() { _ = k.signal() }) // it may have ended already
	defer unhook()
	var g greeting
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &g)
	}
	if g.Error != "" {
		err = errors.New(g.Error)
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = k.Stop() // it has failed: its exit code says nothing more
		return nil, fmt.Errorf("start a server to keep: %w", err)
	}
	k.url = g.URL
	return k, nil
}

// URL gives the address of the demo's database, the only one that there is.
func (k *keptServer) URL(string) string { return k.url }

// Stop ends the process, which removes what its server made.
func (k *keptServer) Stop() error {
	if err := k.signal(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the kept server: %w", err)
	}
	var exit *exec.ExitError
	if err := k.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("stop the kept server: %w", err)
	}
	return nil
}

// signal asks the process to end. Windows has no such signal.
func (k *keptServer) signal() error {
	if err := k.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return k.cmd.Process.Kill() //nolint:wrapcheck // Stop wraps it
	}
	return nil
}

// release lets the process live on. Stop must not be called afterwards.
func (k *keptServer) release() {
	_ = k.cmd.Process.Release() // frees what this process knows of it; nothing depends on that
}
