package pipeline

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/sample"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/verify"
	"github.com/litehaul/litehaul/typemap"
	"github.com/litehaul/litehaul/typemap/framework"
)

// run is the state of one migration. Its fields are filled stage by stage; a
// stage reads what those before it left.
type run struct {
	cfg Config
	log *slog.Logger

	snap   *sqlite.Snapshot
	schema *schema.Schema
	all    []*schema.Table // that can be read, in schema order
	tables []*table        // selected, in schema order
	maps   map[*schema.Table]*mapping
	zone   *time.Location
	rules  typemap.Rules
	found  framework.Findings // the frameworks that made the source

	target *postgres.Target
	server *postgres.Server

	plan *plan

	ledger  *ledger
	archive *archive       // nil: the run writes no fixture
	choice  *sample.Choice // of rows, nil: all

	mu   sync.Mutex // guards rep and made while stages overlap
	rep  Report
	made []string // tables that this run has made, qualified

	into   *existing // nil: the run makes its tables
	holder *pgx.Conn // of the lock that keeps other runs off an application's tables

	existing    []postgres.Relation // in the target schema
	drops, stay []postgres.Relation // of those: in the way, and not
	dropped     []postgres.Relation // of those, gone as the user agreed
}

// table is one source table on its way.
type table struct {
	src     *schema.Table
	home    *catalog.Relation // that an application made, nil: the run makes it
	virtual bool              // the visible rows of a virtual table
	pages   bool              // read from the file's pages, not through the engine
	units   []*unit
	profile *typemap.Table
	judge   *framework.Judge // of the frameworks' hints, nil where there are none
	forget  []typemap.Probe  // probes that only hints want, by column
	tracks  []*keyTrack      // of the foreign keys that it takes part in

	decisions []typemap.Decision
	nocase    []bool // by column, of a table that the run makes: it compares without case, as citext where that is at hand

	name    string // in the target
	columns []column
	wire    []int   // the columns that COPY carries, without the generated ones
	circle  *circle // that it is loaded with, or nil

	sample *sample.Rows // the rows that go in, nil: all
	masks  *masks       // of its columns, nil: none

	keysOnly bool   // a part of another table's columns, for a check: it counts nowhere
	copyTo   string // the temporary table that COPY fills, "" for the table itself
	updated  int64  // rows that stood in the target with other values
	already  int64  // rows that stood there and stay as they are
	kept     int64  // of those, the ones that have other values there

	loaded   atomic.Int64
	rejected atomic.Int64
	bytes    atomic.Int64
	nanos    atomic.Int64 // spent loading, over all workers
	// profiling and loading tell the observer once that a table begins.
	profiling, loading sync.Once
	unprofiled         atomic.Int64 // units
	digests            digestSum
	result             string
	differs            *Difference
	gaps               gapLog
	salvage            bool // read what can be read of a damaged table
	doubtful           bool // damage was found: keys may not hold what they promise

	// What the checks before writing found.
	badKey          bool // the primary key does not hold under Postgres' rules
	keyVerdict      map[*schema.Key]verdict
	indexVerdict    map[*schema.Index]verdict
	fkVerdict       map[*schema.ForeignKey]fkVerdict
	constraintNames *names
}

// verdict is what the rows say about a key: relaxed tells why it is not made
// as it stands, "" when it is.
type verdict struct {
	relaxed    string
	duplicates bool
}

// fkVerdict is what the rows say about a foreign key.
type fkVerdict struct {
	orphans int64
	skip    bool
}

// unit is a part of a table that one COPY loads.
type unit struct {
	sqlite.Unit
	profile *typemap.Table
	judge   *framework.Judge
	forget  []typemap.Probe // of the table
}

// column is one column of a table.
type column struct {
	src       *schema.Column
	home      *catalog.Column // of an application's table
	skip      bool            // it is not carried over
	open      bool            // skip is for the user to say: the application's table has no such column
	name      string          // in the target
	decision  typemap.Decision
	notNull   bool
	def       string // SQL of the default, or ""
	generated string // SQL of the generation expression, or ""
	identity  bool
	sequence  string // of the identity
	next      int64  // what the identity gives next
}

// digestSum adds up the digests of a table's units.
type digestSum struct {
	mu  sync.Mutex
	sum verify.Digest
}

func (d *digestSum) add(o verify.Digest) {
	d.mu.Lock()
	d.sum.Merge(o)
	d.mu.Unlock()
}

// emit tells the observer.
func (r *run) emit(e Event) {
	if r.cfg.Observer != nil {
		r.cfg.Observer.Observe(e)
	}
}

// stage runs one stage and keeps its wall time.
func (r *run) stage(ctx context.Context, s Stage, f func(context.Context) error) error {
	end := r.begin(s)
	defer end()
	r.log.DebugContext(ctx, "stage begins", "stage", string(s))
	return f(ctx)
}

// begin starts the clock of a stage; the returned function stops it.
func (r *run) begin(s Stage) (end func()) {
	start := time.Now()
	r.emit(Event{Kind: StageBegin, Stage: s})
	return func() {
		secs := time.Since(start).Seconds()
		r.mu.Lock()
		r.rep.Stages = append(r.rep.Stages, StageTime{Stage: s, Seconds: secs})
		r.mu.Unlock()
		r.emit(Event{Kind: StageEnd, Stage: s, Seconds: secs})
	}
}

// note puts a sentence about the whole run into the report.
func (r *run) note(s string) {
	r.mu.Lock()
	r.rep.Notes = append(r.rep.Notes, s)
	r.mu.Unlock()
}

// object reports what became of a schema object.
func (r *run) object(o Object) {
	r.mu.Lock()
	r.rep.Objects = append(r.rep.Objects, o)
	r.mu.Unlock()
}

// rename reports a name that had to change.
func (r *run) rename(kind, from, to, why string) {
	if why != "" && from != to {
		r.mu.Lock()
		r.rep.Renamed = append(r.rep.Renamed, Rename{Kind: kind, Old: from, New: to, Why: why})
		r.mu.Unlock()
	}
}

// hazard reports something that forces a choice; settled names the policy
// that made it, "" when nobody has.
func (r *run) hazard(h Hazard) {
	r.mu.Lock()
	r.rep.Hazards = append(r.rep.Hazards, h)
	r.mu.Unlock()
}

// open tells how many hazards wait for a choice.
func (r *run) open() int {
	n := 0
	for _, h := range r.rep.Hazards {
		if h.Settled == "" {
			n++
		}
	}
	return n
}
