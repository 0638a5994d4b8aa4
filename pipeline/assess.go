package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/litehaul/litehaul/internal/sqlite"
)

// AssessmentVersion is the version of an assessment's JSON form
// (docs/ASSESS.md).
const AssessmentVersion = 1

// Verdict says whether a source can move.
type Verdict string

// The verdicts.
const (
	// VerdictMoves says that migrate with the same options goes through.
	VerdictMoves Verdict = "moves"
	// VerdictChoices says that it refuses, and that flags settle all of it.
	VerdictChoices Verdict = "choices"
	// VerdictCannot says that it refuses, and that no flag settles some of it.
	VerdictCannot Verdict = "cannot"
)

// ExitCode gives the exit code of a verdict, which is what migrate with the
// same options would exit with before writing.
func (v Verdict) ExitCode() int {
	if v == VerdictMoves {
		return ExitDone
	}
	return ExitRefused
}

// Assessment is what the person who decides about a move needs to know, as
// JSON documented in docs/ASSESS.md. Lists are never nil, and their order is
// that of the schema, so that the same source gives the same assessment.
type Assessment struct {
	Version     int               `json:"version"`
	Tool        string            `json:"tool"`
	Verdict     Verdict           `json:"verdict"`
	Reason      string            `json:"reason"` // of the verdict, in one sentence
	Error       string            `json:"error,omitempty"`
	Hint        string            `json:"hint,omitempty"`
	Into        IntoMode          `json:"into"` // create or existing
	Source      Source            `json:"source"`
	Target      *Target           `json:"target,omitempty"` // nil: no server was asked
	Started     time.Time         `json:"started"`
	Totals      Totals            `json:"totals"`
	Estimate    Estimate          `json:"estimate"`
	Frameworks  []FrameworkFound  `json:"frameworks"`
	Hazards     []AssessedHazard  `json:"hazards"`
	Tables      []AssessedTable   `json:"tables"`
	ForeignKeys []AssessedLink    `json:"foreign_keys"`
	Objects     []Object          `json:"objects"`
	Renamed     []Rename          `json:"renamed"`
	Notes       []string          `json:"notes"`
	Carried     map[string]Counts `json:"carried"` // by kind of object
	Next        []string          `json:"next"`    // one way to settle what is open: flags of migrate
}

// Totals adds up the tables.
type Totals struct {
	Tables  int   `json:"tables"`
	Columns int   `json:"columns"`
	Rows    int64 `json:"rows"`
	Bytes   int64 `json:"bytes"` // of values: text and blobs, and 8 for each other one
}

// Counts says what became of the objects of one kind.
type Counts struct {
	Carried int `json:"carried"`
	Changed int `json:"changed"`
	LeftOut int `json:"left_out"`
}

// AssessedHazard is a hazard with the flags of migrate any of which settles it.
type AssessedHazard struct {
	Hazard
	Flags []string `json:"flags"`
}

// AssessedTable is one table as it is and as it would become.
type AssessedTable struct {
	Name        string           `json:"name"`
	Target      string           `json:"target"` // schema-qualified and quoted
	Rows        int64            `json:"rows"`
	Bytes       int64            `json:"bytes"`
	TargetBytes int64            `json:"target_bytes"` // estimated, with indexes
	Key         []string         `json:"key"`          // columns of the primary key
	Indexes     int              `json:"indexes"`      // in the target, keys among them
	Reader      string           `json:"reader"`
	Columns     []AssessedColumn `json:"columns"`
}

// AssessedColumn is a column with the evidence for what it would become.
type AssessedColumn struct {
	ColumnReport
	Skipped bool       `json:"skipped,omitempty"` // it is not carried over
	Bytes   int64      `json:"bytes"`             // of its texts and blobs
	Classes ClassCount `json:"classes"`
	Forms   []FormSeen `json:"forms"`
}

// ClassCount counts values by their storage class.
type ClassCount struct {
	Null    int64 `json:"null"`
	Integer int64 `json:"integer"`
	Real    int64 `json:"real"`
	Text    int64 `json:"text"`
	Blob    int64 `json:"blob"`
}

// FormSeen counts the values of a class that have a form.
type FormSeen struct {
	Class string `json:"class"`
	Form  string `json:"form"`
	Count int64  `json:"count"`
}

// AssessedLink is a foreign key: From and To are indexes into Tables, and To is
// -1 where the table that it names is not there.
type AssessedLink struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
	Parent  string   `json:"parent"`
	Keys    []string `json:"keys"` // columns of the parent
	Orphans int64    `json:"orphans"`
	Cycle   bool     `json:"cycle"` // it is part of a circle of tables
	From    int      `json:"-"`
	To      int      `json:"-"`
}

// Assess finds out whether and how a source would move, without writing
// anything. With a Target it goes the way of Migrate up to the writing; with
// none, no server is asked, and the tables are those that a run would make in
// an empty schema.
//
// A refusal of the source or target is a verdict. An error is what kept the
// assessment from being made: a file or server that is not there, a flag that
// makes no sense, an interruption.
func Assess(ctx context.Context, cfg Config) (*Assessment, error) {
	cfg.DryRun = true
	r, err := newRun(cfg)
	if err == nil {
		if cfg.Target == "" {
			err = r.inspect(ctx)
		} else {
			err = r.prepare(ctx)
		}
	}
	if err == nil && r.adding() {
		defer r.into.add.close(ctx)
		err = r.stageAll(ctx)
	}
	rep, err := r.finish(ctx, err)
	if err != nil && ExitCode(err) != ExitRefused {
		return nil, err
	}
	a := r.assessment(&rep)
	a.judge(err)
	return a, nil
}

func countObjects(list []Object) map[string]Counts {
	out := map[string]Counts{}
	for _, o := range list {
		n := out[o.Kind]
		switch o.Status {
		case "carried":
			n.Carried++
		case "changed":
			n.Changed++
		default:
			n.LeftOut++
		}
		out[o.Kind] = n
	}
	return out
}

// judge gives the verdict. An error that says no more than the hazards does not
// count besides them.
func (a *Assessment) judge(err error) {
	if err != nil {
		a.Error, a.Hint = err.Error(), Hint(err)
	}
	var open, stuck []string
	used := map[string]bool{}
	for _, h := range a.Hazards {
		if h.Settled != "" {
			continue
		}
		open = append(open, h.Message)
		if len(h.Flags) == 0 {
			stuck = append(stuck, h.Message)
		} else if flag := h.Flags[0]; !used[flag] {
			used[flag] = true
			a.Next = append(a.Next, flag)
		}
	}
	if err != nil && len(open) == 0 {
		if flag := settler(err); flag != "" {
			a.Next, open = append(a.Next, flag), append(open, a.Error)
		} else {
			stuck = append(stuck, a.Error)
		}
	}
	switch {
	case len(stuck) > 0:
		a.Verdict, a.Next = VerdictCannot, []string{}
		a.Reason = andMore(stuck)
	case len(open) > 0:
		a.Verdict, a.Reason = VerdictChoices, andMore(open)
	default:
		a.Verdict, a.Reason = VerdictMoves, "every value has a place, and nothing needs a choice"
	}
}

// settler gives the flag that settles an error about the source as a whole, or "".
func settler(err error) string {
	switch {
	case errors.Is(err, sqlite.ErrHotJournal):
		return "--recover-copy"
	case errors.Is(err, errOnlyVirtual):
		return "--virtual-tables=content"
	}
	return ""
}

func andMore(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return fmt.Sprintf("%s (and %d more)", list[0], len(list)-1)
}
