package template

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/pipeline"
)

// KeepAll is a Config.Keep that drops no template.
const KeepAll = -1

// Config says which database is wanted, and what goes into it.
type Config struct {
	// Target is the database to make: a Postgres URL, a key=value string, or ""
	// for the PG* environment variables, as libpq takes them.
	Target string
	// ID names what the template is filled with, in hexadecimal, such as the ID
	// of a fixture: what differs has another one. At least 20 digits.
	ID string
	// Fill fills an empty database. It is called once for each ID, unless it
	// fails.
	Fill func(ctx context.Context, target string) error
	// Maintenance is the database that is connected to while others are made and
	// dropped. "" means postgres, or template1 where that cannot be entered.
	Maintenance string
	// Kind says what becomes of the database: KindCopy, the default, or KindTest.
	Kind Kind
	// Force ends the sessions in a database that is to be replaced. Without it,
	// they are a reason to refuse.
	Force bool
	// Confirm is asked before a database is dropped that was not made by this
	// package. A nil Confirm refuses.
	Confirm func(ctx context.Context, database string) (bool, error)
	// Keep is how many templates of this role are kept, those that were used
	// last; 0 keeps none, not even this one.
	Keep int
	// Spare has the server make another copy when the run has ended, which the next
	// run only has to rename: it takes the space of one more database. What was
	// replaced is dropped after the run too.
	Spare bool
	// Log gets structured messages; nil means none.
	Log *slog.Logger
}

// Kind is what a database is for, as its comment says.
type Kind string

const (
	// KindCopy is a database for its user, dropped only when it is made anew.
	KindCopy Kind = "copy"
	// KindTest is a database that goes with a test; Sweep drops those left over.
	KindTest Kind = "test"

	kindTemplate Kind = "template"
)

// Report says what was done.
type Report = pipeline.TemplateReport

// leastID is how many digits of an ID go into the name of a template.
const leastID = 20

// check refuses what makes no sense, and fills in what is left open.
func (c *Config) check() error {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Kind == "" {
		c.Kind = KindCopy
	}
	if len(c.ID) < leastID || strings.Trim(c.ID, "0123456789abcdef") != "" {
		return usage("", "%q is no ID", c.ID)
	}
	if c.Fill == nil {
		return usage("", "nothing is given that fills a database")
	}
	return nil
}

func usage(hint, format string, args ...any) error {
	return &pipeline.Error{Err: fmt.Errorf(format, args...), Hint: hint, Code: pipeline.ExitUsage}
}

// nameOf gives the name of the database that a target names.
func nameOf(s string) (string, error) {
	target, err := postgres.ParseTarget(s)
	if err != nil {
		return "", &pipeline.Error{Err: err, Code: pipeline.ExitUsage}
	}
	name := target.Database()
	switch {
	case name == "":
		return "", usage("end the URL with its name: postgres://user@host/name", "the target names no database")
	case len(name) > maxName:
		return "", usage("", "the name of database %s is longer than the %d bytes that a name may have", name, maxName)
	}
	for _, prefix := range []string{templatePrefix, newPrefix, oldPrefix, sparePrefix} {
		if strings.HasPrefix(name, prefix) {
			return "", usage("name another database", "names that begin with %s are kept for templates", prefix)
		}
	}
	return name, nil
}

// maxName is how many bytes a name has at most (NAMEDATALEN - 1).
const maxName = 63

// failed makes an error of something that broke, refused one of what was never
// begun.
func failed(err error, format string, args ...any) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &pipeline.Error{Err: fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), plain(err)), Code: pipeline.ExitFailed}
}

func refused(hint, format string, args ...any) error {
	return &pipeline.Error{Err: fmt.Errorf(format, args...), Hint: hint, Code: pipeline.ExitRefused}
}

// serverError is an error of the server in one line.
type serverError struct{ err error }

// Error gives message and detail.
func (e serverError) Error() string { return postgres.Message(e.err) }

// Unwrap gives the server's error.
func (e serverError) Unwrap() error { return e.err }

func plain(err error) error {
	if postgres.Code(err) == "" {
		return err
	}
	return serverError{err}
}

// seconds gives the time since start.
func seconds(start time.Time) float64 { return time.Since(start).Seconds() }
