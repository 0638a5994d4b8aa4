package typemap_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/verify"
	"github.com/litehaul/litehaul/typemap"
	"github.com/litehaul/litehaul/typemap/framework"
)

// differs are the columns of twins in which the application wrote something
// else into Postgres than stands in SQLite.
var differs = map[string]string{
	"django-shop.django_content_type.id":                   "migrated in another order",
	"django-shop.auth_permission.id":                       "the same",
	"django-shop.auth_permission.content_type_id":          "the same",
	"django-shop.auth_group_permissions.permission_id":     "the same",
	"django-shop.auth_user_user_permissions.permission_id": "the same",
	"django-shop.django_admin_log.content_type_id":         "the same",
	"django-shop.shop_attachment.content_type_id":          "the same",
	"drizzle-notes.sessions.last_seen":                     "whole seconds in SQLite",
	"typeorm-blog.Setting.doc":                             "json: NUMERIC affinity spells numbers in another way",
	"typeorm-blog.typeorm_metadata.database":               "NULL in SQLite",
	"typeorm-blog.typeorm_metadata.schema":                 "the same",
}

// bookkeeping are the tables that migrations write.
var bookkeeping = map[string]bool{
	"django_migrations": true, "_prisma_migrations": true, "migrations": true, "typeorm_metadata": true,
}

// TestTwins decides every column of what six ORMs stored in SQLite for the
// tables that they made in Postgres, tries every value, and compares what would
// be sent with what the ORM itself wrote there.
func TestTwins(t *testing.T) {
	t.Parallel()
	for _, file := range sharedtest.Twins(t, "source.sqlite3") {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			newTwin(t, filepath.Dir(file)).check(t)
		})
	}
}

// twin is an application's SQLite database with its tables in Postgres.
type twin struct {
	name   string
	snap   *sqlite.Snapshot
	schema *schema.Schema
	cat    *catalog.Catalog
	gold   *pgx.Conn
	found  framework.Findings
}

func newTwin(t *testing.T, dir string) *twin {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "source.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "source.sqlite3")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	w := &twin{name: filepath.Base(dir)}
	if w.snap, err = sqlite.Open(t.Context(), file, sqlite.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.snap.Close() })
	if w.schema, err = w.snap.Schema(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.found = framework.Detect(w.schema)
	server := pgtest.Start(t)
	target, gold := server.Database(t), server.Database(t)
	pgtest.LoadDump(t, target, filepath.Join(dir, "target.sql"))
	pgtest.LoadDump(t, gold, filepath.Join(dir, "gold.sql"))
	if w.cat, err = catalog.Read(t.Context(), pgtest.Connect(t, target), "public"); err != nil {
		t.Fatal(err)
	}
	w.gold = pgtest.Connect(t, gold)
	return w
}

// check goes through all tables that both sides have.
func (w *twin) check(t *testing.T) {
	tables := 0
	for _, table := range w.schema.Tables {
		rel := w.cat.Relation("public", table.Name)
		if rel == nil || bookkeeping[table.Name] {
			continue
		}
		tables++
		w.table(t, table, rel)
	}
	if tables < 7 {
		t.Errorf("only %d tables match", tables)
	}
}

// each calls f for each row of a table.
func (w *twin) each(t *testing.T, table *schema.Table, f func(rowid int64, vals []row.Value)) {
	t.Helper()
	r, err := w.snap.OpenReader(t.Context(), sqlite.TableUnit(table))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	vals := make([]row.Value, len(table.Columns))
	for {
		rowid, ok, err := r.Next(vals)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		f(rowid, vals)
	}
}

func (w *twin) table(t *testing.T, table *schema.Table, rel *catalog.Relation) {
	t.Helper()
	probes := typemap.Probes(w.schema, nil)[table]
	columns := make([]*catalog.Column, len(table.Columns))
	for i, c := range table.Columns {
		if col := rel.Column(c.Name); col != nil && col.Writable() {
			columns[i] = col
			probes[i] |= typemap.ProbesFor(targetOf(col.Type))
		}
	}
	profile := typemap.NewTable(table, probes)
	w.each(t, table, profile.Add)
	cells := make([]convert.Encoder, len(columns))
	for i, col := range columns {
		if col == nil {
			continue
		}
		d, err := typemap.DecideFor(profile, i, targetOf(col.Type), w.known(t, table, i), typemap.Options{})
		if err != nil {
			t.Error(err)
			columns[i] = nil
			continue
		}
		cells[i].Column = d.Column
		if d.Type.Kind == sqltype.Interval {
			continue
		}
		// Values alone tell the same, but for the length of an interval.
		alone, err := typemap.DecideFor(profile, i, targetOf(col.Type), typemap.Known{}, typemap.Options{})
		if err != nil || alone.Int != d.Int || alone.Real != d.Real || alone.Blob != d.Blob {
			t.Errorf("%s.%s: %v, units %s and %s without hints", table.Name, col.Name, err, alone.Int, d.Int)
		}
	}
	got := w.source(t, table, columns, cells)
	for i, col := range columns {
		if col == nil || differs[w.name+"."+table.Name+"."+col.Name] != "" {
			continue
		}
		if want := w.written(t, rel, col, cells[i].Type); got[i] != want {
			t.Errorf("%s.%s as %s: %d values, digest %s; the application wrote %d, %s",
				table.Name, col.Name, cells[i].Type.SQL(), got[i].Rows, got[i], want.Rows, want)
		}
	}
}

func (w *twin) known(t *testing.T, table *schema.Table, col int) typemap.Known {
	t.Helper()
	var k typemap.Known
	for _, f := range w.found {
		k.Frameworks = append(k.Frameworks, f.Name)
	}
	for _, h := range w.found.Hints(table, col) {
		m := typemap.Meaning{Form: h.Form, Why: h.Why}
		if h.Zone != "" {
			var err error
			if m.Zone, err = time.LoadLocation(h.Zone); err != nil {
				t.Fatal(err)
			}
		}
		k.Meanings = append(k.Meanings, m)
	}
	return k
}

// source gives the digest of each column as it would be sent.
func (w *twin) source(t *testing.T, table *schema.Table, columns []*catalog.Column, cells []convert.Encoder) []verify.Digest {
	t.Helper()
	digests := make([]verify.Digest, len(columns))
	hashers := make([]*verify.Hasher, len(columns))
	for i := range cells {
		hashers[i] = verify.NewHasher([]sqltype.Type{cells[i].Type})
	}
	misfits := 0
	var buf []byte
	w.each(t, table, func(_ int64, vals []row.Value) {
		for i, col := range columns {
			if col == nil {
				continue
			}
			var err error
			if buf, _, err = cells[i].Append(buf[:0], &vals[i]); err != nil {
				if misfits++; misfits < 10 {
					t.Errorf("%s.%s: %v: %s", table.Name, col.Name, err, typemap.Show(&vals[i]))
				}
				continue
			}
			add(t, &digests[i], hashers[i], cells[i].Type, buf)
		}
	})
	return digests
}

// written gives the digest of a column as the application wrote it.
func (w *twin) written(t *testing.T, rel *catalog.Relation, col *catalog.Column, typ sqltype.Type) verify.Digest {
	t.Helper()
	var d verify.Digest
	h := verify.NewHasher([]sqltype.Type{typ})
	s := pgcopy.NewScanner(1, func(fields []byte, _ int) error {
		add(t, &d, h, typ, fields)
		return nil
	})
	sql := fmt.Sprintf("COPY (SELECT %s FROM %s) TO STDOUT (FORMAT binary)",
		pgx.Identifier{col.Name}.Sanitize(), pgx.Identifier{rel.Schema, rel.Name}.Sanitize())
	if _, err := w.gold.PgConn().CopyTo(t.Context(), s, sql); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return d
}

// add adds a field to a digest. Intervals count by their length.
func add(t *testing.T, d *verify.Digest, h *verify.Hasher, typ sqltype.Type, field []byte) {
	t.Helper()
	if typ.Kind == sqltype.Interval && len(field) == 20 {
		micros := int64(binary.BigEndian.Uint64(field[4:]))
		days := int64(int32(binary.BigEndian.Uint32(field[12:])))
		field = pgcopy.AppendInt8(nil, micros+days*86400e6)
	}
	hi, lo, err := h.Hash(bytes.Clone(field))
	if err != nil {
		t.Fatal(err)
	}
	d.Add(hi, lo)
}

// targetOf tells a column's type as package typemap knows types.
func targetOf(typ *catalog.Type) typemap.Target {
	p := typ.Plain()
	out := typemap.Target{Type: p.Base, Fraction: p.Fraction, Fields: p.Fields, Labels: p.Labels}
	switch p.Class {
	case catalog.Enum:
		out.Type.Kind = sqltype.Enum
	case catalog.Array:
		elem := targetOf(p.Of)
		out.Type.Kind, out.Elem, out.ElemOID = sqltype.Array, &elem, p.Of.OID
	}
	out.Type.Name = typ.Text
	return out
}
