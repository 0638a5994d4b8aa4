package capture

import (
	"sync"
	"sync/atomic"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/pipeline"
)

// table is one table on its way into the archive.
type table struct {
	schema, name string
	columns      []column // those that COPY carries
	key          []string // quoted columns that put the rows in order, or none
	keyTypes     []string // of these, as casts take them; none where ranges cannot be told
	parents      []*table
	identities   []fixture.Identity
	where        []string // the condition of each unit, "" for all rows
	exact        bool     // all units but the last have unitRows rows

	begun              sync.Once
	rows, bytes, nanos atomic.Int64
	left               atomic.Int64 // units to come
	digest             string
}

func (t *table) qualified() string { return postgres.Qualify(t.schema, t.name) }

func (t *table) label() string { return t.schema + "." + t.name }

// def describes the table as the archive has it.
func (t *table) def() fixture.TableDef {
	def := fixture.TableDef{Schema: t.schema, Name: t.name}
	for _, x := range t.columns {
		def.Columns = append(def.Columns, fixture.Column{Name: x.name, Type: x.typ, Base: x.base})
	}
	return def
}

// report tells what became of the table.
func (t *table) report() pipeline.TableReport {
	rep := pipeline.TableReport{
		Name: t.label(), Target: t.qualified(), Rows: t.rows.Load(), Loaded: t.rows.Load(), Bytes: t.bytes.Load(),
		Seconds: float64(t.nanos.Load()) / 1e9, Reader: "copy", Units: len(t.where), Verified: "no", Digest: t.digest, Columns: []pipeline.ColumnReport{},
	}
	for _, x := range t.columns {
		rep.Columns = append(rep.Columns, pipeline.ColumnReport{Name: x.name, Target: x.name, Declared: x.typ, Type: x.typ, NotNull: x.notNull, Default: x.def})
	}
	for _, id := range t.identities {
		for i := range rep.Columns {
			if rep.Columns[i].Name == id.Column {
				rep.Columns[i].Identity = id.Next
			}
		}
	}
	return rep
}
