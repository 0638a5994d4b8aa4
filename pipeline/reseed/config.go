package reseed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/pipeline"
)

// Config is everything that a run needs to know. The zero value of each field is
// its documented default.
type Config struct {
	// Fixture is the path of the archive.
	Fixture string
	// Archive, when set, is the archive, already open; Fixture then only names it.
	Archive *fixture.Reader
	// Target is a Postgres URL, a key=value string, or "" for the PG* environment
	// variables, as libpq takes them.
	Target string
	// Tables and Exclude are globs over names of tables, with or without the
	// schema. A glob that matches nothing is a usage error.
	Tables, Exclude []string
	// Jobs is the number of connections that load at once; 0 means the number of
	// CPUs, at least 2 and at most 8.
	Jobs int
	// OnData is what becomes of rows that stand in the target; OnDataFail is the
	// default. With OnDataAppend and OnDataUpsert all of a run into tables that stand
	// is one transaction.
	OnData pipeline.OnDataPolicy
	// Atomic makes all of it one transaction on one connection, until whose end
	// others see what was there.
	Atomic bool
	// Swap makes new tables beside those that stand, and puts them in their place
	// in one short transaction, until which others see what was there. It goes
	// neither with Atomic nor with OnlyChanged.
	Swap bool
	// OnlyChanged leaves tables alone whose rows are the archive's already, as
	// reading them shows.
	OnlyChanged bool
	// Trust lets functions, triggers and the like of an archive that was captured
	// from a Postgres database be made, which then run with the role's rights.
	Trust bool
	// Verify is how much proof the run gives.
	Verify pipeline.VerifyMode
	// Confirm is asked before anything is emptied or dropped, with the database's
	// name and the tables. A nil Confirm refuses.
	Confirm func(ctx context.Context, database string, tables []string) (bool, error)
	// Observer hears what happens; nil means nobody.
	Observer pipeline.Observer
	// Log gets structured messages; nil means none.
	Log *slog.Logger
}

// Report is the outcome of a run, in the form that all runs have which fill a
// target. Its Source is the archive, and Fixture tells of it.
type Report = pipeline.Report

// fillDefaults fills in what cfg leaves open, and refuses what makes no sense.
func (c *Config) fillDefaults() error {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Jobs <= 0 {
		c.Jobs = min(8, max(2, runtime.NumCPU()))
	}
	if c.Verify == "" {
		c.Verify = pipeline.VerifyFull
	}
	if c.OnData == "" {
		c.OnData = pipeline.OnDataFail
	}
	switch c.OnData {
	case pipeline.OnDataFail, pipeline.OnDataTruncate:
	case pipeline.OnDataAppend, pipeline.OnDataUpsert:
		if c.Swap || c.OnlyChanged {
			return &pipeline.Error{
				Err:  fmt.Errorf("rows are added to those that stand (%s), and tables are not replaced: neither Swap nor OnlyChanged has a meaning", c.OnData),
				Hint: "choose one", Code: pipeline.ExitUsage,
			}
		}
	default:
		return &pipeline.Error{
			Err:  fmt.Errorf("what becomes of rows that stand is unknown: %q", c.OnData),
			Hint: "OnDataFail, OnDataTruncate, OnDataAppend or OnDataUpsert", Code: pipeline.ExitUsage,
		}
	}
	if c.Swap && (c.Atomic || c.OnlyChanged) {
		return &pipeline.Error{
			Err:  errors.New("new tables take the place of all, in a transaction of their own: Swap goes neither with Atomic nor with OnlyChanged"),
			Hint: "choose one", Code: pipeline.ExitUsage,
		}
	}
	if c.Fixture == "" && c.Archive == nil {
		return &pipeline.Error{Err: errors.New("no fixture is named"), Code: pipeline.ExitUsage}
	}
	return nil
}
