package sqlite

import (
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// indexRow is one term of one index as the pragmas give it.
type indexRow struct {
	table, name, origin, coll string
	cid                       int
	unique, desc              bool
}

// The column origin of pragma index_list.
const (
	originIndex  = "c"
	originUnique = "u"
)

func (in *introspection) addIndex(e *entry) {
	in.indexes[fold(e.name)] = &schema.Index{Name: e.name, SQL: e.sql}
}

// readKeys reads primary keys, UNIQUE constraints and indexes.
func (in *introspection) readKeys() error {
	// Only tables that have an index ask for its terms. WITHOUT ROWID tables
	// have one that sqlite_schema does not list.
	const sql = `SELECT m.name, l.name, l."unique", l.origin, x.cid, x."desc", x.coll
		FROM main.sqlite_schema AS m
		CROSS JOIN pragma_index_list(m.name, 'main') AS l
		CROSS JOIN pragma_index_xinfo(l.name, 'main') AS x
		WHERE m.type = 'table' AND m.rootpage > 0 AND x."key"
		AND (m.name COLLATE NOCASE IN (SELECT tbl_name FROM main.sqlite_schema WHERE type = 'index')
			OR m.sql LIKE '%without%')
		ORDER BY m.rowid, l.seq DESC, x.seqno`
	var run []indexRow
	flush := func() {
		if len(run) > 0 {
			in.addKey(run)
		}
		run = run[:0]
	}
	err := in.c.query(sql, func(st *stmt) error {
		r := indexRow{
			table: st.text(0), name: st.text(1), unique: st.int(2) != 0, origin: st.text(3),
			cid: int(st.int(4)), desc: st.int(5) != 0, coll: collation(st.text(6)),
		}
		if len(run) > 0 && (run[0].table != r.table || run[0].name != r.name) {
			flush()
		}
		run = append(run, r)
		return nil
	})
	flush()
	if err != nil {
		return err
	}
	for _, t := range in.out.Tables {
		in.rowidKey(t)
	}
	in.lostIndexes()
	return nil
}

// addKey makes a key or an index of its terms.
func (in *introspection) addKey(run []indexRow) {
	t := in.tables[fold(run[0].table)]
	if t == nil {
		return
	}
	if run[0].origin == originIndex {
		in.fillIndex(t, run)
		return
	}
	k := &schema.Key{}
	for _, r := range run {
		if r.cid < 0 || r.cid >= len(t.Columns) {
			return // an expression cannot stand in a key
		}
		k.Parts = append(k.Parts, schema.KeyPart{Column: r.cid, Desc: r.desc, Collation: r.coll})
	}
	if run[0].origin == originUnique {
		t.Uniques = append(t.Uniques, k)
	} else {
		t.PrimaryKey = k
	}
}

func (in *introspection) fillIndex(t *schema.Table, run []indexRow) {
	key := fold(run[0].name)
	ix := in.indexes[key]
	if ix == nil {
		return
	}
	delete(in.indexes, key)
	ix.Unique = run[0].unique
	for _, r := range run {
		col := r.cid
		if col >= len(t.Columns) || col < 0 {
			col = -1
		}
		ix.Parts = append(ix.Parts, schema.IndexPart{Column: col, Collation: r.coll, Desc: r.desc})
	}
	t.Indexes = append(t.Indexes, ix)
	tree, err := syntax.ParseCreateIndex(ix.SQL)
	if err != nil {
		in.note("index", ix.Name, ix.SQL, err)
		return
	}
	ix.Where, ix.WhereSQL = tree.Where, tree.WhereText
	if len(tree.Columns) != len(ix.Parts) {
		return
	}
	for i := range ix.Parts {
		if ix.Parts[i].Column < 0 {
			ix.Parts[i].X = tree.Columns[i].X
		}
	}
}

// rowidKey finds a primary key that has no index: it is the rowid itself. An
// INTEGER PRIMARY KEY DESC, which is not, has an index.
func (in *introspection) rowidKey(t *schema.Table) {
	if t.PrimaryKey != nil || t.WithoutRowid {
		return
	}
	alias := slices.IndexFunc(t.Columns, func(c *schema.Column) bool { return c.PKOrdinal == 1 })
	// A damaged schema may have lost the index of another key.
	if alias < 0 || !strings.EqualFold(t.Columns[alias].DeclType, "INTEGER") {
		return
	}
	t.RowidAlias = alias
	t.PrimaryKey = &schema.Key{Parts: []schema.KeyPart{{Column: alias}}}
}

// lostIndexes lists the indexes of sqlite_schema that the engine does not have.
func (in *introspection) lostIndexes() {
	for i := range in.entries {
		e := &in.entries[i]
		if e.kind != "index" || in.indexes[fold(e.name)] == nil {
			continue
		}
		if t := in.kinds[fold(e.table)]; internal(e.table) && t.kind != "" {
			continue
		}
		in.damage(e, "the engine could not load it")
	}
}

// readForeignKeys reads all foreign keys. The engine numbers them from the last
// declared one.
func (in *introspection) readForeignKeys() error {
	const sql = `SELECT m.name, f.id, f."table", f."from", f."to", f.on_update, f.on_delete
		FROM main.sqlite_schema AS m CROSS JOIN pragma_foreign_key_list(m.name, 'main') AS f
		WHERE m.type = 'table' AND m.rootpage > 0 AND m.sql LIKE '%references%'
		ORDER BY m.rowid, f.id DESC, f.seq`
	var last struct {
		t  *schema.Table
		id int64
	}
	return in.c.query(sql, func(st *stmt) error {
		t := in.tables[fold(st.text(0))]
		if t == nil {
			return nil
		}
		if last.t != t || last.id != st.int(1) {
			last.t, last.id = t, st.int(1)
			t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{
				Parent: st.text(2), OnUpdate: st.text(5), OnDelete: st.text(6),
			})
		}
		fk := t.ForeignKeys[len(t.ForeignKeys)-1]
		fk.Columns = append(fk.Columns, t.Column(st.text(3)))
		if !st.null(4) {
			fk.ParentColumns = append(fk.ParentColumns, st.text(4))
		}
		return nil
	})
}
