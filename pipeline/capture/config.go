package capture

import (
	"errors"
	"log/slog"
	"runtime"

	"github.com/litehaul/litehaul/pipeline"
)

// Config says what to capture of a Postgres database.
type Config struct {
	// Target is the database: a URL, a key=value string, or "" for the PG*
	// environment variables, as libpq takes them.
	Target string
	// Schemas are those to capture; none means all that the role may look into,
	// but for those of Postgres itself and of extensions.
	Schemas []string
	// Tables and Exclude are globs over the names of tables, with or without
	// their schema. A glob that matches nothing is a usage error.
	Tables, Exclude []string
	// Jobs is the number of connections that read at once; 0 means the number of
	// CPUs, at least 2 and at most 8. One more holds the snapshot.
	Jobs int
	// Fixture is the archive to write.
	Fixture pipeline.FixtureOutput
	// Observer hears what happens; nil means nobody.
	Observer pipeline.Observer
	// Log gets structured messages; nil means none.
	Log *slog.Logger
}

// Report is the outcome of a run, in the form that all runs have. Its Source is the
// database, and Fixture tells of the archive.
type Report = pipeline.Report

// fillDefaults fills in what cfg leaves open, and refuses what makes no sense.
func (c *Config) fillDefaults() error {
	if c.Jobs <= 0 {
		c.Jobs = min(8, max(2, runtime.NumCPU()))
	}
	if c.Fixture.Path == "" {
		return &pipeline.Error{Err: errors.New("no file is named for the fixture"), Code: pipeline.ExitUsage}
	}
	return c.Fixture.Check("")
}
