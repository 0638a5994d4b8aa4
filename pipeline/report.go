package pipeline

import "time"

// ReportVersion is the version of the report's JSON form (docs/REPORT.md).
const ReportVersion = 1

// Report is the outcome of a run, as JSON documented in docs/REPORT.md. It is
// filled as far as the run came, also when it failed.
type Report struct {
	Version int         `json:"version"`
	Tool    string      `json:"tool"`
	Outcome string      `json:"outcome"` // done, dry-run, refused, failed, differs, interrupted
	Error   string      `json:"error,omitempty"`
	Hint    string      `json:"hint,omitempty"`
	Source  Source      `json:"source"`
	Target  Target      `json:"target"`
	Started time.Time   `json:"started"`
	Seconds float64     `json:"seconds"`
	Stages  []StageTime `json:"stages"`
	// Frameworks made the file, or parts of it.
	Frameworks []FrameworkFound `json:"frameworks"`
	Tables     []TableReport    `json:"tables"`
	Objects    []Object         `json:"objects"`           // indexes, keys, views, ...: carried over or not
	Hazards    []Hazard         `json:"hazards"`           // what forces or forced a choice
	Renamed    []Rename         `json:"renamed"`           // names that Postgres cannot hold
	Notes      []string         `json:"notes"`             // what is worth knowing of the whole run
	Ledger     LedgerSummary    `json:"ledger"`            // cells that were changed or left behind
	DDL        []string         `json:"ddl,omitempty"`     // the plan's statements in order, in a dry run
	Fixture    *FixtureReport   `json:"fixture,omitempty"` // the archive that was written
	// Template tells of the database that was copied from a template.
	Template *TemplateReport `json:"template,omitempty"`
	Remains  *Remains        `json:"remains,omitempty"` // what is in the target after a failure

	// Plan is what the run decided before it wrote, nil where it did not come so
	// far. Its written form is the plan file, not JSON.
	Plan *Plan `json:"-"`
}

// Source describes the SQLite file, or the database that a fixture is captured from.
type Source struct {
	Path        string `json:"path"`
	Bytes       int64  `json:"bytes"`
	PageSize    int    `json:"page_size"`
	Encoding    string `json:"encoding"`
	JournalMode string `json:"journal_mode"`
	// Server is the version of the Postgres that a fixture is captured from.
	Server string `json:"server,omitempty"`
}

// Target describes the Postgres database. It never holds a password.
type Target struct {
	Host     string `json:"host"`
	Database string `json:"database"`
	Schema   string `json:"schema"`
	User     string `json:"user"`
	Version  string `json:"version"`
}

// StageTime is the wall time of one stage. Stages overlap: the sum is more
// than the run's own time.
type StageTime struct {
	Stage   Stage   `json:"stage"`
	Seconds float64 `json:"seconds"`
}

// TableReport is what happened to one table.
type TableReport struct {
	Name     string         `json:"name"`
	Target   string         `json:"target"`             // schema-qualified and quoted
	Rows     int64          `json:"rows"`               // in the source, without those left out
	LeftOut  int64          `json:"left_out,omitempty"` // rows that a sample does without
	Loaded   int64          `json:"loaded"`
	Updated  int64          `json:"updated,omitempty"` // rows of the target that were made equal
	Already  int64          `json:"already,omitempty"` // rows that stood in the target and stay as they are
	Kept     int64          `json:"kept,omitempty"`    // of those already there, the ones with other values: see the ledger
	Rejected int64          `json:"rejected"`          // left behind by a policy
	Lost     int64          `json:"lost,omitempty"`    // damaged cells that --skip-damaged passed over, when countable
	Bytes    int64          `json:"bytes"`             // of COPY data
	Seconds  float64        `json:"seconds"`           // of loading, over all workers
	Reader   string         `json:"reader"`            // engine or pages
	Units    int            `json:"units"`
	Verified string         `json:"verified"` // full, counts, no, differs
	Digest   string         `json:"digest,omitempty"`
	Columns  []ColumnReport `json:"columns"`
	Differs  *Difference    `json:"differs,omitempty"`
}

// FrameworkFound is a framework that made the source's schema.
type FrameworkFound struct {
	Name     string   `json:"name"`
	Evidence []string `json:"evidence"`
	Books    []string `json:"bookkeeping"` // tables that an application's own schema has for itself
	Zone     string   `json:"zone,omitempty"`
}

// ColumnReport is what became of one column. Why is "" where the type is the
// plain one for its declaration.
type ColumnReport struct {
	Name     string `json:"name"`
	Target   string `json:"target"`
	Declared string `json:"declared"`
	Type     string `json:"type"`
	Form     string `json:"form,omitempty"`
	Evidence string `json:"evidence,omitempty"`
	Why      string `json:"why,omitempty"`
	// Framework is the one whose habits decided, "" where none did.
	Framework string `json:"framework,omitempty"`
	NotNull   bool   `json:"not_null"`
	Default   string `json:"default,omitempty"`
	Identity  int64  `json:"identity,omitempty"` // the next value
	Nulls     int64  `json:"nulls"`
}

// Difference is where verification found the two sides unequal.
type Difference struct {
	SourceRows int64    `json:"source_rows"`
	TargetRows int64    `json:"target_rows"`
	Columns    []string `json:"columns,omitempty"`
	Keys       []string `json:"keys,omitempty"` // the first differing keys
	More       int64    `json:"more,omitempty"` // differing keys beyond those
}

// Object is a schema object other than a table's data, and what became of it.
type Object struct {
	Kind       string `json:"kind"` // primary key, unique, index, foreign key, check, default, generated, view, trigger, virtual table, collation
	Table      string `json:"table,omitempty"`
	Name       string `json:"name"`
	Status     string `json:"status"` // carried, changed, left out
	Target     string `json:"target,omitempty"`
	Source     string `json:"source,omitempty"` // the SQLite text, where it was not carried over as it is
	Why        string `json:"why,omitempty"`
	Suggestion string `json:"suggestion,omitempty"`
}

// Hazard is something in the source or target that litehaul does not decide
// on its own. Settled hazards were decided by a policy that the user named.
type Hazard struct {
	Code    string `json:"code"`
	Table   string `json:"table,omitempty"`
	Column  string `json:"column,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Count   int64  `json:"count"`
	Cells   []Cell `json:"cells,omitempty"`   // the first of them
	Settled string `json:"settled,omitempty"` // the policy
}

// Cell is one cell, named by its row's key.
type Cell struct {
	Key   string `json:"key"`
	Value string `json:"value"` // shortened, escaped
}

// Rename is a name that had to change.
type Rename struct {
	Kind string `json:"kind"`
	Old  string `json:"old"`
	New  string `json:"new"`
	Why  string `json:"why"`
}

// LedgerSummary counts the cells that did not arrive as they were, and shows
// the first of each kind. Config.LedgerFile gets all of them.
type LedgerSummary struct {
	Total   int64         `json:"total"`
	Entries []LedgerGroup `json:"entries"`
}

// LedgerGroup is one kind of change in one column.
type LedgerGroup struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	What   string `json:"what"` // e.g. "digits beyond microseconds cut"
	Why    string `json:"why"`  // the rule or policy
	Count  int64  `json:"count"`
	Cells  []Cell `json:"cells"`
}

// Remains tells what a run that did not finish has left in the target.
type Remains struct {
	Schema string   `json:"schema"`
	Tables []string `json:"tables"` // made by this run
	Remove string   `json:"remove"` // the command that removes them
}
