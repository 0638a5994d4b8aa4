package reseed

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/verify"
	"github.com/litehaul/litehaul/pipeline"
)

// table is one table of the archive on its way.
type table struct {
	*fixture.Table
	place int    // in the archive
	shown string // its name for people
	sql   string // its name in statements

	home *catalog.Relation // that stands in the target, nil: the run makes it
	// unchanged tells that it holds the archive's rows already.
	unchanged bool
	// updated rows got the archive's values, and already ones had them.
	updated, already int64

	begun  sync.Once
	loaded atomic.Int64
	bytes  atomic.Int64
	nanos  atomic.Int64 // spent loading, over all workers

	mu      sync.Mutex
	sum     verify.Digest // of the rows read back
	result  string
	differs *pipeline.Difference
}

func newTable(place int, t *fixture.Table, withSchema bool) *table {
	out := &table{Table: t, place: place, shown: t.Name, sql: postgres.Qualify(t.Schema, t.Name)}
	if withSchema {
		out.shown = t.Schema + "." + t.Name
	}
	return out
}

// columnList lists the columns that the tuples carry.
func (t *table) columnList() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = postgres.Quote(c.Name)
	}
	return strings.Join(names, ", ")
}

// copySQL writes the statement that takes a chunk.
func (t *table) copySQL() string {
	return "COPY " + t.sql + " (" + t.columnList() + ") FROM STDIN (FORMAT binary)"
}

func (t *table) report() pipeline.TableReport {
	out := pipeline.TableReport{
		Name: t.shown, Target: t.sql, Rows: t.Rows, Loaded: t.loaded.Load(), Bytes: t.bytes.Load(),
		Seconds: float64(t.nanos.Load()) / 1e9, Reader: "fixture", Units: len(t.Chunks),
		Updated: t.updated, Already: t.already,
		Verified: t.result, Differs: t.differs, Columns: []pipeline.ColumnReport{},
	}
	if t.unchanged {
		out.Already = t.Rows
	}
	if t.result == "" {
		out.Verified = "no"
	}
	if t.result == "full" {
		out.Digest = t.Digest
	}
	for _, c := range t.Columns {
		col := pipeline.ColumnReport{Name: c.Name, Target: c.Name, Declared: c.Type, Type: c.Type}
		for _, id := range t.Identities {
			if id.Column == c.Name {
				col.Identity = id.Next
			}
		}
		out.Columns = append(out.Columns, col)
	}
	return out
}
