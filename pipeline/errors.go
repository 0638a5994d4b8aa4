package pipeline

import (
	"context"
	"errors"
)

// The exit codes of the command line, which are also the classes of errors.
const (
	ExitDone        = 0   // done, and verified as far as asked
	ExitFailed      = 1   // failed; the message says what is in the target
	ExitUsage       = 2   // a flag, glob or rule that makes no sense
	ExitRefused     = 3   // refused before anything was written
	ExitDiffers     = 4   // verification found a difference
	ExitInterrupted = 130 // stopped by a signal
)

// Error is an error of a run with its exit code and, where the user can do
// something about it, a hint.
type Error struct {
	Err  error
	Hint string // "" for none; one line, begins in lower case
	Code int
}

// Error gives the message without the hint.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ExitCode gives the exit code that err deserves; 0 for nil.
func ExitCode(err error) int {
	var e *Error
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &e):
		return e.Code
	case errors.Is(err, context.Canceled):
		return ExitInterrupted
	}
	return ExitFailed
}

// Hint gives the advice that goes with err, or "".
func Hint(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}
