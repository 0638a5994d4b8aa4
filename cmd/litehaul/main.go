// Command litehaul moves a SQLite database into PostgreSQL, whole and proven.
//
// This package is the shell around package pipeline: one file per command, with
// its flags, prompts, progress and exit codes. It decides nothing about data.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // --naive-datetimes=timestamptz:ZONE, where the system has no zones

	"github.com/litehaul/litehaul/pipeline"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(run(os.Args[1:]))
}

// gcPercent is by how much the heap may grow between two collections. Buffers live
// as long as a run and little else is made, so that collections are rare: with the
// usual 100 there are 17 in a migration of 692 MB with --fixture, which then takes up
// to 154 MB of memory, and with 50 it takes up to 124 MB in the same time.
const gcPercent = 50

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
