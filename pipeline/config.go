package pipeline

import (
	"context"
	"log/slog"
	"time"
)

// Config is everything that a run needs to know. The zero value of each field
// is its documented default.
type Config struct {
	// Source is the path of the SQLite file.
	Source string
	// Target is a Postgres URL, a key=value string, or "" for the PG*
	// environment variables, as libpq takes them.
	Target string
	// Schema is the target schema; "" means public. It is made when it does
	// not exist.
	Schema string
	// Tables and Exclude are globs over table names. A glob that matches
	// nothing is a usage error.
	Tables, Exclude []string
	// Jobs is the number of connections that load at once; 0 means the
	// number of CPUs, at least 2 and at most 8.
	Jobs int
	// DryRun stops after the plan: the target is read, never written.
	DryRun bool
	// Rules are the user's own types and forms for single columns.
	Rules []ColumnRule
	// Into tells whether the run makes its tables or fills those that stand in
	// the target.
	Into IntoMode
	// OnData is what becomes of rows that the tables of the target hold
	// already.
	OnData OnDataPolicy
	// Remaps are natural keys by which rows of the source are matched with
	// rows that stand in the target, for OnDataAppend and OnDataUpsert.
	Remaps []Remap
	// Plan, when set, is followed: see Follow, which sets the fields that it
	// speaks of. Tables, Exclude, Rules, Maps and DropColumns must be empty then.
	Plan *Plan
	// Maps give tables and columns names of their own in the target.
	Maps []NameMap
	// DropColumns are columns of the source, as table.column, that the target
	// lacks and that may be left behind.
	DropColumns []string
	// CreateMissing makes the tables that the target lacks, beside those of an
	// application that are filled.
	CreateMissing bool
	// AllowSkew goes on where source and target stand at different migrations
	// of their application.
	AllowSkew bool
	// FireTriggers goes on where triggers of an application's tables fire during
	// the load, because the role may not switch them off.
	FireTriggers bool
	// OnExisting tells what to do with relations of the same name in the
	// target.
	OnExisting OnExisting
	// Confirm is asked before anything is dropped, with the database's name
	// and the tables that would go. A nil Confirm refuses.
	Confirm func(ctx context.Context, database string, tables []string) (bool, error)
	// Verify is how much proof the run gives.
	Verify VerifyMode
	// Frameworks are those that made the file, in place of those that litehaul
	// finds; FrameworkNone alone for none.
	Frameworks []string
	// Naive is what becomes of datetime text without a zone.
	Naive NaivePolicy
	// InvalidText is what becomes of text that Postgres cannot hold.
	InvalidText InvalidTextPolicy
	// Orphans is what becomes of foreign keys with rows that have no parent.
	Orphans OrphanPolicy
	// BadKeys is what becomes of keys that hold under SQLite's rules but not
	// under Postgres'.
	BadKeys BadKeyPolicy
	// NoCase is what becomes of COLLATE NOCASE.
	NoCase NoCasePolicy
	// VirtualContent copies the visible rows of virtual tables as tables.
	VirtualContent bool
	// GeneratedValues copies generated columns as plain values instead of
	// rebuilding their expressions.
	GeneratedValues bool
	// SkipDamaged salvages what can be read of a damaged file.
	SkipDamaged bool
	// RecoverCopy works on a recovered copy of the source in a temporary
	// folder.
	RecoverCopy bool
	// Reader is how rows are read.
	Reader ReaderChoice
	// BusyTimeout is how long to wait for a writer that holds the source;
	// 0 means 10 seconds.
	BusyTimeout time.Duration
	// LedgerFile, when set, gets one JSON object per changed or rejected cell.
	LedgerFile string
	// Fixture is an archive to write beside the load, of tables that the run makes.
	Fixture FixtureOutput
	// Sample chooses the rows that go into a fixture, which CreateFixture writes.
	Sample Sample
	// Masks replace values of columns there.
	Masks []Mask
	// MaskSeed is a secret of at least 16 bytes on which masked values depend: the same
	// value and seed give the same result. "" takes one from the source's content.
	MaskSeed string
	// Observer hears what happens; nil means nobody.
	Observer Observer
	// Log gets structured messages; nil means none.
	Log *slog.Logger

	// rebuildFrom is for tests: from how many rows on a table's secondary indexes
	// are dropped for the load, instead of rebuildRows.
	rebuildFrom int64
	// lockWait is for tests, too: instead of lockWait.
	lockWait time.Duration
}

// ColumnRule is a user's choice for one column. Type is a Postgres type name
// or "", Form the name of a value form or "".
type ColumnRule struct {
	Table, Column string
	Type, Form    string
}

// Remap is a natural key: rows of the source's table are those rows of the
// target that have the same values in the columns of Key, whatever their ids.
// Foreign keys to the table are rewritten.
type Remap struct {
	Table string
	Key   []string
}

// OnExisting tells what to do when the target already holds a relation that
// the run would make.
type OnExisting string

// The choices of OnExisting; "" is ExistingFail.
const (
	ExistingFail OnExisting = "fail"
	ExistingDrop OnExisting = "drop"
)

// VerifyMode is how much proof a run gives.
type VerifyMode string

// The choices of VerifyMode; "" is VerifyFull.
const (
	VerifyFull   VerifyMode = "full"   // read everything back and compare digests
	VerifyCounts VerifyMode = "counts" // compare row counts
	VerifyNone   VerifyMode = "none"
)

// NaivePolicy is what becomes of datetime text without a zone: NaiveAuto,
// NaiveTimestamp or "timestamptz:ZONE".
type NaivePolicy string

// The choices of NaivePolicy that name no zone.
const (
	// NaiveAuto reads it in the zone that the framework of the file writes, as
	// timestamptz, and keeps it naive where no framework says so.
	NaiveAuto      NaivePolicy = ""
	NaiveTimestamp NaivePolicy = "timestamp"
)

// InvalidTextPolicy is what becomes of text that is not UTF-8 or holds NUL.
type InvalidTextPolicy string

// The choices of InvalidTextPolicy; "" is InvalidRefuse.
const (
	InvalidRefuse  InvalidTextPolicy = "refuse"
	InvalidBytea   InvalidTextPolicy = "bytea"   // the column becomes bytea
	InvalidReplace InvalidTextPolicy = "replace" // U+FFFD, and a ledger entry
	InvalidReject  InvalidTextPolicy = "reject"  // the row stays behind, and a ledger entry
)

// OrphanPolicy is what becomes of a foreign key with orphans.
type OrphanPolicy string

// The choices of OrphanPolicy; "" is OrphansFail. Rows are never deleted.
const (
	OrphansFail     OrphanPolicy = "fail"
	OrphansNotValid OrphanPolicy = "not-valid" // the key is made NOT VALID
	OrphansSkipFK   OrphanPolicy = "skip-fk"   // the key is left out
)

// BadKeyPolicy is what becomes of a key that Postgres would refuse.
type BadKeyPolicy string

// The choices of BadKeyPolicy; "" is BadKeysFail.
const (
	BadKeysFail BadKeyPolicy = "fail"
	// BadKeysRelax turns a primary key with NULLs into a unique constraint,
	// a unique key with duplicates into a plain index, and drops a NOT NULL
	// that does not hold.
	BadKeysRelax BadKeyPolicy = "relax"
)

// NoCasePolicy is what becomes of COLLATE NOCASE.
type NoCasePolicy string

// The choices of NoCasePolicy; "" is NoCaseAuto.
const (
	NoCaseAuto   NoCasePolicy = "auto"   // citext where the target offers it, else lower()
	NoCaseCitext NoCasePolicy = "citext" // citext, or refuse
	NoCaseLower  NoCasePolicy = "lower"  // text, with indexes over lower()
)

// ReaderChoice is how the rows of tables are read.
type ReaderChoice string

// The choices of ReaderChoice; "" is ReaderAuto.
const (
	ReaderAuto   ReaderChoice = "auto"   // pages where they can be read, else the engine
	ReaderPages  ReaderChoice = "pages"  // pages, or refuse
	ReaderEngine ReaderChoice = "engine" // the SQLite library
)

// IntoMode is whose tables the rows go into.
type IntoMode string

// The choices of IntoMode; "" is IntoAuto.
const (
	// IntoAuto fills the target's tables where it has all those of the source,
	// and makes them where it has none.
	IntoAuto     IntoMode = "auto"
	IntoCreate   IntoMode = "create"   // tables that the run makes
	IntoExisting IntoMode = "existing" // tables that an application made
)

// OnDataPolicy is what becomes of rows in the target's tables.
type OnDataPolicy string

// The choices of OnDataPolicy; "" is OnDataFail.
const (
	OnDataFail     OnDataPolicy = "fail"
	OnDataTruncate OnDataPolicy = "truncate" // they go, as Confirm agrees
	// OnDataAppend adds the source's rows, none of which may have a key of a row
	// that stands.
	OnDataAppend OnDataPolicy = "append"
	// OnDataUpsert makes rows that stand equal to those of the source with the
	// same primary key, and adds the others.
	OnDataUpsert OnDataPolicy = "upsert"
)
