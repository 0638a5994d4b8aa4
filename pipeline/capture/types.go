package capture

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/pipeline"
)

// column is a column that COPY carries.
type column struct {
	name, typ, base, def string
	notNull              bool
}

// wireType is what must be known of a type to tell whether its binary form means
// the same in another database.
type wireType struct {
	name                string
	kind                string // pg_type.typtype
	elem, base, subtype uint32
	array               bool
	binary              bool // it has functions for that
	fields              []uint32
}

// firstUserOID is the first OID that differs from database to database.
const firstUserOID = 16384

// The types whose values are numbers of a database's own objects ("pipeline.Object
// Identifier Types" in the PostgreSQL documentation), oid itself left aside.
var numberTypes = []uint32{24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191}

// whyNot says why values of a type cannot be carried, "" where they can.
func whyNot(types map[uint32]*wireType, oid uint32) string {
	t := types[oid]
	switch {
	case t == nil:
		return "its type is not known"
	case slices.Contains(numberTypes, oid):
		return "values of " + t.name + " are numbers of this database's own objects"
	case !t.binary:
		return "values of " + t.name + " have no binary form"
	case t.kind == "d":
		return whyNot(types, t.base)
	case t.kind == "r", t.kind == "m":
		return whyNot(types, t.subtype)
	case t.kind == "c":
		return whyNotParts(types, t, t.fields)
	case t.array:
		return whyNotParts(types, t, []uint32{t.elem})
	}
	return ""
}

// whyNotParts looks at what arrays and composites are made of. Their binary form
// has the OIDs of its parts' types.
func whyNotParts(types map[uint32]*wireType, t *wireType, parts []uint32) string {
	for _, oid := range parts {
		if why := whyNot(types, oid); why != "" {
			return why
		}
		if oid >= firstUserOID {
			return fmt.Sprintf("values of %s hold the number that type %s has in this database alone", t.name, types[oid].name)
		}
	}
	return ""
}

func readWireTypes(ctx context.Context, tx pgx.Tx) (map[uint32]*wireType, error) {
	rows, err := tx.Query(ctx, `SELECT t.oid, format_type(t.oid, NULL), t.typtype::text, t.typelem, t.typbasetype,
	coalesce(r.rngsubtype, 0)::oid, t.typcategory = 'A' AND t.typelem <> 0, t.typsend <> 0 AND t.typreceive <> 0,
	array(SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_type t LEFT JOIN pg_range r ON t.oid = r.rngtypid OR t.oid = (to_jsonb(r)->>'rngmultitypid')::oid`)
	if err != nil {
		return nil, err
	}
	types := map[uint32]*wireType{}
	var oid uint32
	var t wireType
	_, err = pgx.ForEachRow(rows, []any{&oid, &t.name, &t.kind, &t.elem, &t.base, &t.subtype, &t.array, &t.binary, &t.fields}, func() error {
		x := t
		types[oid] = &x
		return nil
	})
	return types, err
}

// describe makes the tables of what the catalog tells of those that were chosen.
func (r *run) describe(ctx context.Context, cat *catalog.Catalog) error {
	types, err := readWireTypes(ctx, r.tx)
	if err != nil {
		return fmt.Errorf("read the types: %w", err)
	}
	made := map[uint32]*table{}
	var relations []*catalog.Relation
	for _, name := range r.chosen { // by name, the archive's order
		rel := cat.Relation(name.schema, name.name)
		if rel == nil || name.kind != "r" {
			continue // definitions refuse what is no plain table, and the lock what is gone
		}
		t := &table{schema: rel.Schema, name: rel.Name}
		for _, col := range rel.Columns {
			r.carry(t, col, types)
		}
		t.order(rel, types)
		made[rel.OID] = t
		relations = append(relations, rel)
		r.tables = append(r.tables, t)
	}
	for _, rel := range relations {
		t := made[rel.OID]
		for _, fk := range rel.ForeignKeys {
			if p := made[fk.Parent.OID]; p != nil && !slices.Contains(t.parents, p) {
				t.parents = append(t.parents, p)
			}
		}
		if len(t.columns) == 0 {
			r.Hazard(pipeline.Hazard{
				Code: "not-carried", Table: t.label(), Count: 1, Message: "table " + t.label() + " has no column whose values could be carried",
				Hint: "leave the table out: --exclude " + t.label(),
			})
		}
	}
	return nil
}

// carry adds a column, but for generated ones, whose values the server computes.
func (r *run) carry(t *table, col *catalog.Column, types map[uint32]*wireType) {
	if col.Generated != catalog.NotGenerated {
		return
	}
	x := column{name: col.Name, typ: col.Type.Text, def: col.Default, notNull: col.NotNull}
	if col.Type.Class == catalog.Domain {
		x.base = col.Type.Plain().Text
	}
	t.columns = append(t.columns, x)
	if why := whyNot(types, col.Type.OID); why != "" {
		r.Hazard(pipeline.Hazard{
			Code: "not-carried", Table: t.label(), Column: col.Name, Count: 1,
			Message: fmt.Sprintf("column %s of %s cannot be carried: %s", col.Name, t.label(), why),
			Hint:    "leave the table out: --exclude " + t.label(),
		})
	}
}

// order chooses what puts a table's rows in order: the primary key, or else a
// unique key over columns that are never NULL.
func (t *table) order(rel *catalog.Relation, types map[uint32]*wireType) {
	key := rel.Primary
	for _, x := range rel.Uniques() {
		if key == nil && x.Predicate == "" && x.Method == "btree" && !x.Deferrable && neverNull(rel, x) {
			key = x
		}
	}
	if key == nil {
		return
	}
	names, _ := key.Columns() // neither of the two has expressions
	split := key.Method == "btree"
	for _, name := range names {
		col := rel.Column(name)
		plain := col.Type.Plain()
		t.key = append(t.key, postgres.Quote(name))
		t.keyTypes = append(t.keyTypes, plain.Text)
		// Comparisons are looked for in pg_catalog, and must be the index' own.
		split = split && (plain.OID < firstUserOID || types[plain.OID] != nil && types[plain.OID].kind == "e")
	}
	if !split {
		t.keyTypes = nil
	}
}

func neverNull(rel *catalog.Relation, x *catalog.Index) bool {
	names, ok := x.Columns()
	for _, name := range names {
		ok = ok && rel.Column(name).NotNull
	}
	return ok
}
