package typemap_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/typemap"
)

// standingRow is one row of the table of types that stand in docs/TYPES.md.
type standingRow struct {
	typ                     string
	takes, arrive, refusals []string
}

func standingRows(t *testing.T) (out []standingRow) {
	t.Helper()
	data, err := os.ReadFile("../docs/TYPES.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(data), "<!-- the standing types -->")
	table, _, end := strings.Cut(table, "<!-- the end of the standing types -->")
	if !ok || !end {
		t.Fatal("docs/TYPES.md has no table of types that stand")
	}
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 4 {
			t.Fatalf("%d cells in %s", len(cells), line)
		}
		out = append(out, standingRow{spans(cells[0])[0], spans(cells[1]), spans(cells[2]), spans(cells[3])})
	}
	return out
}

// TestStandingTypes fills a column of each type with what it takes, and shows
// that it refuses what the page says.
func TestStandingTypes(t *testing.T) {
	t.Parallel()
	rows := standingRows(t)
	conn := pgtest.Connect(t, pgtest.Start(t).Database(t))
	for _, sql := range []string{
		"SET timezone = 'UTC'", "CREATE TYPE mood AS ENUM ('sad', 'ok')", "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for i, r := range rows {
		if _, err := conn.Exec(t.Context(), fmt.Sprintf("CREATE TABLE t%d (n bigint, c %s)", i, r.typ)); err != nil {
			t.Fatal(err)
		}
	}
	cat, err := catalog.Read(t.Context(), conn, "public")
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		target := targetOf(cat.Relation("public", fmt.Sprintf("t%d", i)).Column("c").Type)
		if r.takes != nil {
			fields, err := standingFields(t, target, r.takes)
			if err != nil {
				t.Errorf("%s: %v", r.typ, err)
				continue
			}
			if diff := cmp.Diff(r.arrive, standingLoad(t, conn, i, fields)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", r.typ, diff)
			}
		}
		for _, v := range r.refusals {
			if _, err := standingFields(t, target, []string{v}); err == nil {
				t.Errorf("%s takes %s", r.typ, v)
			}
		}
	}
}

// standingFields decides a column of these values for a type, and converts them.
func standingFields(t *testing.T, target typemap.Target, values []string) (fields [][]byte, err error) {
	t.Helper()
	statements := []string{"CREATE TABLE t (c)"}
	for _, v := range values {
		statements = append(statements, "INSERT INTO t VALUES ("+v+")")
	}
	s := load(t, nil, statements...)
	table := s.schema.Table("t")
	probes := typemap.Probes(s.schema, nil)[table]
	probes[0] |= typemap.ProbesFor(target)
	p := typemap.NewTable(table, probes)
	for i, vals := range s.rows[table] {
		p.Add(int64(i), vals)
	}
	d, err := typemap.DecideFor(p, 0, target, typemap.Known{}, typemap.Options{})
	if err != nil {
		return nil, err
	}
	return convertAll(d.Column, s.rows[table])
}

func convertAll(c convert.Column, rows [][]row.Value) (fields [][]byte, err error) {
	e := convert.Encoder{Column: c}
	for i := range rows {
		f, _, err := e.Append(nil, &rows[i][0])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", typemap.Show(&rows[i][0]), err)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

func standingLoad(t *testing.T, conn *pgx.Conn, i int, fields [][]byte) []string {
	t.Helper()
	stream := pgcopy.AppendHeader(nil)
	for n, f := range fields {
		stream = append(pgcopy.AppendInt8(pgcopy.AppendTupleHeader(stream, 2), int64(n)), f...)
	}
	stream = pgcopy.AppendTrailer(stream)
	if _, err := conn.PgConn().CopyFrom(t.Context(), bytes.NewReader(stream), fmt.Sprintf("COPY t%d FROM STDIN (FORMAT binary)", i)); err != nil {
		t.Errorf("t%d: %v", i, err)
	}
	rows, err := conn.Query(t.Context(), fmt.Sprintf("SELECT format('%%s', c) FROM t%d ORDER BY n", i))
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}
