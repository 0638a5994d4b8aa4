package sqlite

import (
	"strings"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// The values of the column hidden of pragma table_xinfo.
const (
	hiddenColumn     = 1 // of a virtual table
	generatedVirtual = 2
	generatedStored  = 3
)

// readColumns reads the columns of all tables in one statement: for 401 tables a
// statement each would cost four times as much.
func (in *introspection) readColumns() error {
	const sql = `SELECT m.name, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden
		FROM main.sqlite_schema AS m CROSS JOIN pragma_table_xinfo(m.name, 'main') AS x
		WHERE m.type = 'table' AND m.rootpage > 0`
	err := in.c.query(sql, func(st *stmt) error {
		t := in.tables[fold(st.text(0))]
		if t == nil {
			return nil
		}
		in.addColumn(t, st)
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range in.out.Tables {
		if err := in.readMetadata(t); err != nil {
			return err
		}
	}
	return nil
}

func (in *introspection) addColumn(t *schema.Table, st *stmt) {
	c := &schema.Column{
		Name: st.text(1), DeclType: st.text(2), Affinity: affinity(st.text(2), t.Strict),
		NotNull: st.int(3) != 0, PKOrdinal: int(st.int(5)),
	}
	switch st.int(6) {
	case generatedVirtual:
		c.Generated = schema.Virtual
	case generatedStored:
		c.Generated = schema.Stored
	}
	if !st.null(4) && c.Generated == schema.NotGenerated {
		c.DefaultSQL = st.text(4)
		x, err := syntax.ParseExpr(c.DefaultSQL)
		if err == nil {
			c.Default = x
		} else {
			in.note("default", t.Name+"."+c.Name, c.DefaultSQL, err)
		}
	}
	t.Columns = append(t.Columns, c)
}

// affinity gives the affinity of a declared type; ANY of a STRICT table has none
// ("STRICT Tables", section 2).
func affinity(decl string, strict bool) schema.Affinity {
	if strict && strings.EqualFold(decl, "any") {
		return schema.AffBlob
	}
	return schema.AffinityOf(decl)
}

// readMetadata asks the engine for what no pragma tells: collations and
// AUTOINCREMENT.
func (in *introspection) readMetadata(t *schema.Table) error {
	c := in.c
	return c.guard("read columns of "+t.Name, func() error {
		name, err := cstring(c.tls, t.Name)
		if err != nil {
			return err
		}
		defer free(c.tls, name)
		const slots = 16 // a char* and an int
		out := sqlite3.Xsqlite3_malloc64(c.tls, slots)
		if out == 0 {
			return c.failed(sqlite3.SQLITE_NOMEM, "read columns of "+t.Name)
		}
		defer free(c.tls, out)
		for _, col := range t.Columns {
			colName, err := cstring(c.tls, col.Name)
			if err != nil {
				return err
			}
			rc := sqlite3.Xsqlite3_table_column_metadata(c.tls, c.db, 0, name, colName, 0, out, 0, 0, out+slots/2)
			free(c.tls, colName)
			if err := c.failed(rc, "read column "+t.Name+"."+col.Name); err != nil {
				return err
			}
			col.Collation = collation(libc.GoString(*(*uintptr)(pointer(out))))
			if *(*int32)(pointer(out + slots/2)) != 0 {
				t.Autoincrement = true
			}
		}
		return nil
	})
}

// collation folds the name; BINARY is the absence of one.
func collation(name string) string {
	if name = strings.ToUpper(name); name == "BINARY" {
		return ""
	}
	return name
}
