package pipeline

// Stage is one stage of a run, in the order in which they begin. Load, finish
// and verify overlap.
type Stage string

// The stages of a run.
const (
	StageSnapshot Stage = "snapshot"
	StageSchema   Stage = "schema"
	StageProfile  Stage = "profile"
	StagePlan     Stage = "plan"
	StageLoad     Stage = "load"
	StageFinish   Stage = "finish"
	StageVerify   Stage = "verify"
)

// EventKind tells events apart.
type EventKind uint8

// The kinds of events.
const (
	StageBegin EventKind = iota // Stage; Total* when known
	StageEnd                    // Stage, Seconds
	TableBegin                  // Stage, Table, TotalRows (0 when unknown)
	Advance                     // Stage, Table, Rows and Bytes since the last Advance
	TableEnd                    // Stage, Table, Seconds
	StepBegin                   // Stage, Step: an index or constraint being built
	StepEnd                     // Stage, Step, Seconds
	UnitEnd                     // Stage, Table: one unit is loaded
	Reject                      // Table, Rows: rows left behind by a policy
	Verified                    // Table, OK
)

// Event is something that happened in a run. Rows and Bytes are increments,
// added up per batch, never per row.
type Event struct {
	Stage     Stage
	Table     string // the source's name
	Step      string
	Rows      int64
	Bytes     int64
	TotalRows int64
	Seconds   float64
	Kind      EventKind
	OK        bool
}

// Observer hears the events of a run. Observe is called from several
// goroutines at once and must return quickly.
type Observer interface{ Observe(Event) }
