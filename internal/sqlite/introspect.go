package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// Schema reads the snapshot's schema. The engine's own view of it, through the
// pragmas, is the authority on columns, keys and foreign keys; the parsed DDL
// adds what they do not tell. Entries that one of the two does not understand
// are listed in Schema.Broken.
func (s *Snapshot) Schema(ctx context.Context) (*schema.Schema, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, asDamage("", err)
	}
	defer s.release(c)
	defer c.watch(ctx)()
	in := &introspection{
		c: c,
		out: &schema.Schema{
			Encoding: s.info.Encoding, PageSize: s.info.PageSize,
			UserVersion: s.info.UserVersion, ApplicationID: s.info.ApplicationID,
		},
		tables:  map[string]*schema.Table{},
		indexes: map[string]*schema.Index{},
		kinds:   map[string]objectKind{},
		lenient: s.lenient,
	}
	if err := in.read(); err != nil {
		return nil, ended(ctx, asDamage("", fmt.Errorf("read schema: %w", err)))
	}
	return in.out, nil
}

// introspection gathers one schema. Maps are keyed by names folded as SQLite
// folds them.
type introspection struct {
	c       *conn
	out     *schema.Schema
	entries []entry
	tables  map[string]*schema.Table
	indexes map[string]*schema.Index
	kinds   map[string]objectKind
	lenient error
}

// entry is a row of sqlite_schema.
type entry struct {
	kind, name, table, sql string
	root                   int64
}

// objectKind is a row of pragma table_list: what the engine holds under a name.
type objectKind struct {
	kind         string // table, view, virtual, shadow
	withoutRowid bool
	strict       bool
}

// fold lowers ASCII letters, as SQLite compares names.
func fold(name string) string {
	for i := range len(name) {
		if 'A' <= name[i] && name[i] <= 'Z' {
			b := []byte(name)
			for j, c := range b {
				if 'A' <= c && c <= 'Z' {
					b[j] = c + 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return name
}

// quote writes a name as an identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (in *introspection) read() error {
	for _, step := range []func() error{
		in.readEntries, in.readKinds, in.sortEntries, in.readColumns, in.readKeys,
		in.readForeignKeys, in.readSequence,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, t := range in.out.Tables {
		in.addDDL(t)
	}
	in.attachShadows()
	return in.addViews()
}

func (in *introspection) readEntries() error {
	const sql = `SELECT type, name, tbl_name, rootpage, sql FROM main.sqlite_schema ORDER BY rowid`
	return in.c.query(sql, func(st *stmt) error {
		in.entries = append(in.entries, entry{
			kind: st.text(0), name: st.text(1), table: st.text(2), root: st.int(3), sql: st.text(4),
		})
		return nil
	})
}

func (in *introspection) readKinds() error {
	const sql = `SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'`
	return in.c.query(sql, func(st *stmt) error {
		in.kinds[fold(st.text(0))] = objectKind{
			kind: st.text(1), withoutRowid: st.int(2) != 0, strict: st.int(3) != 0,
		}
		return nil
	})
}

// internal tells whether a table is SQLite's own: sqlite_sequence,
// sqlite_stat1 and the like.
func internal(name string) bool { return strings.HasPrefix(fold(name), "sqlite_") }

// sortEntries makes an object of each entry.
func (in *introspection) sortEntries() error {
	for i := range in.entries {
		e := &in.entries[i]
		switch {
		case e.kind == "index":
			if e.sql != "" { // else the automatic index of a key
				in.addIndex(e)
			}
		case internal(e.name):
		case e.kind == "table" || e.kind == "view":
			in.addObject(e)
		case e.kind == "trigger":
			in.addTrigger(e)
		default:
			in.damage(e, "unknown type of schema entry")
		}
	}
	return nil
}

func (in *introspection) addObject(e *entry) {
	key := fold(e.name)
	k, known := in.kinds[key]
	_, twice := in.tables[key]
	switch {
	case !known || twice:
		in.damage(e, "the engine could not load it")
	case k.kind == "view":
		in.out.Views = append(in.out.Views, &schema.View{Name: e.name, SQL: e.sql})
	case k.kind == "virtual":
		in.addVirtual(e)
	default:
		t := &schema.Table{
			Name: e.name, SQL: e.sql, RootPage: uint32(e.root), //nolint:gosec // the engine loaded it
			RowidAlias: -1, WithoutRowid: k.withoutRowid, Strict: k.strict,
		}
		in.tables[key] = t
		in.out.Tables = append(in.out.Tables, t)
	}
}

func (in *introspection) addTrigger(e *entry) {
	t := &schema.Trigger{Name: e.name, Table: e.table, SQL: e.sql}
	tree, err := syntax.ParseCreateTrigger(e.sql)
	if err == nil {
		t.Tree = tree
	} else {
		in.note(e.kind, e.name, e.sql, err)
	}
	in.out.Triggers = append(in.out.Triggers, t)
}

// damage lists an entry that the engine could not load.
func (in *introspection) damage(e *entry, why string) {
	err := fmt.Errorf("%s %s: %s: schema %w", e.kind, e.name, why, ErrDamaged)
	if in.lenient != nil && strings.Contains(in.lenient.Error(), "("+e.name+")") {
		err = in.lenient // the engine's own words; it stops at the first such entry
	}
	in.out.Broken = append(in.out.Broken, schema.Broken{
		Type: e.kind, Name: e.name, SQL: e.sql, Err: err, Damage: true,
	})
}

// note lists an entry of which only the text was not understood.
func (in *introspection) note(kind, name, sql string, err error) {
	in.out.Broken = append(in.out.Broken, schema.Broken{Type: kind, Name: name, SQL: sql, Err: err})
}

// readSequence reads the high-water marks of AUTOINCREMENT tables.
func (in *introspection) readSequence() error {
	if _, ok := in.kinds["sqlite_sequence"]; !ok {
		return nil
	}
	err := in.c.query(`SELECT name, seq FROM main.sqlite_sequence`, func(st *stmt) error {
		if t := in.tables[fold(st.text(0))]; t != nil && t.Autoincrement {
			t.Seq = max(t.Seq, st.int(1))
		}
		return nil
	})
	return asDamage("sqlite_sequence", err)
}

// addViews parses the views and asks the engine for their columns.
func (in *introspection) addViews() error {
	for _, v := range in.out.Views {
		tree, err := syntax.ParseCreateView(v.SQL)
		if err == nil {
			v.Tree = tree
		} else {
			v.Err = err
			in.note("view", v.Name, v.SQL, err)
		}
		cols, err := in.columnsOf(v.Name)
		if err != nil {
			if in.c.dead {
				return err
			}
			v.Err = err
			continue
		}
		v.Columns = cols
	}
	return nil
}

// columnsOf reads the columns of one view or virtual table, which the engine may
// refuse.
func (in *introspection) columnsOf(name string) ([]*schema.Column, error) {
	var cols []*schema.Column
	err := in.c.query(`SELECT name, type, hidden FROM pragma_table_xinfo(?1, 'main')`, func(st *stmt) error {
		if st.int(2) == hiddenColumn {
			return nil
		}
		cols = append(cols, &schema.Column{
			Name: st.text(0), DeclType: st.text(1), Affinity: affinity(st.text(1), false),
		})
		return nil
	}, name)
	return cols, err
}
