// Command litehaul moves a SQLite database into PostgreSQL, whole and proven.
//
// This package is the shell around package pipeline: one file per command, with
// its flags, prompts, progress and exit codes. It decides nothing about data.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // --naive-datetimes=timestamptz:ZONE, where the system has no zones

	"github.com/litehaul/litehaul/pipeline"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run is main with an exit code.
func run(args []string) int {
	ctx, cancel := signalContext()
	defer cancel()
	con := newConsole()
	root := newRoot(con)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	code := exitCode(ctx, err)
	con.fail(code, err)
	return code
}

// signalContext gives a context that the first SIGINT or SIGTERM cancels, so
// that a run can end in order. The second one ends the process at once.
func signalContext() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	second := make(chan os.Signal, 1)
	unhook := context.AfterFunc(ctx, func() {
		signal.Notify(second, os.Interrupt, syscall.SIGTERM)
		stop()
		<-second
		os.Exit(pipeline.ExitInterrupted)
	})
	return ctx, func() {
		unhook()
		stop()
	}
}

// exitCode gives the code for err. A run that a signal cut short may fail in
// many ways, such as by a connection that closed under it: all of them are an
// interruption.
func exitCode(ctx context.Context, err error) int {
	code := pipeline.ExitCode(err)
	if code == pipeline.ExitFailed && ctx.Err() != nil {
		return pipeline.ExitInterrupted
	}
	return code
}
