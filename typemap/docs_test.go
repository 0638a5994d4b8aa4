package typemap_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/typemap"
)

// contractRow is one row of the table in docs/TYPES.md.
type contractRow struct {
	line, column, typ string
	values, arrive    []string
	note              string
}

func contract(t *testing.T) []contractRow {
	t.Helper()
	data, err := os.ReadFile("../docs/TYPES.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(data), "<!-- the contract -->")
	table, _, end := strings.Cut(table, "<!-- the end of the contract -->")
	if !ok || !end {
		t.Fatal("docs/TYPES.md has no table")
	}
	var out []contractRow
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 5 {
			t.Fatalf("%d cells in %s", len(cells), line)
		}
		out = append(out, contractRow{
			line: line, column: spans(cells[0])[0], values: spans(cells[1]), typ: spans(cells[2])[0],
			arrive: spans(cells[3]), note: cells[4],
		})
	}
	return out
}

// spans gives the code spans of a cell, nothing for "none".
func spans(cell string) []string {
	var out []string
	for part := range strings.SplitSeq(strings.Trim(cell, "| \n"), "`, `") {
		if part == "none" {
			return nil
		}
		out = append(out, strings.Trim(part, "`"))
	}
	return out
}

// TestContract makes every row of the table with SQLite, and loads it.
func TestContract(t *testing.T) {
	t.Parallel()
	rows := contract(t)
	if len(rows) < 60 {
		t.Fatalf("only %d rows found", len(rows))
	}
	conn := pgtest.Connect(t, pgtest.Start(t).Database(t))
	if _, err := conn.Exec(t.Context(), "SET timezone = 'UTC'"); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		src, d := column(t, typemap.Options{}, r.column, r.values...)
		if d.Type.SQL() != r.typ {
			t.Errorf("%sbecame %s: %s (%s)", r.line, d.Type.SQL(), d.Why, d.Evidence)
			continue
		}
		if strings.HasPrefix(r.note, "reason") != (d.Why != "") {
			t.Errorf("%sgives the reason %q", r.line, d.Why)
		}
		got, cut := arrive(t, conn, d, src.rows[src.schema.Table("t")])
		if diff := cmp.Diff(r.arrive, got); diff != "" {
			t.Errorf("%s(-want +got):\n%s", r.line, diff)
		}
		if strings.HasPrefix(r.note, "ledger") != cut {
			t.Errorf("%snote: %v", r.line, cut)
		}
	}
}

// arrive loads values and gives what the server shows, and whether a conversion
// made a note.
func arrive(t *testing.T, conn *pgx.Conn, d typemap.Decision, list [][]row.Value) (shown []string, noted bool) {
	t.Helper()
	ctx := t.Context()
	if _, err := conn.Exec(ctx, "CREATE TEMP TABLE x (n bigint, c "+d.Type.SQL()+")"); err != nil {
		t.Fatal(err)
	}
	enc := convert.Encoder{Column: d.Column}
	stream := pgcopy.AppendHeader(nil)
	for i := range list {
		stream = pgcopy.AppendInt8(pgcopy.AppendTupleHeader(stream, 2), int64(i))
		var note convert.Note
		var err error
		if stream, note, err = enc.Append(stream, &list[i][0]); err != nil {
			t.Fatal(err)
		}
		noted = noted || note != convert.Exact
	}
	stream = pgcopy.AppendTrailer(stream)
	if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(stream), "COPY x FROM STDIN (FORMAT binary)"); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(ctx, "SELECT coalesce(c::text, 'NULL') FROM x ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	shown, err = pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "DROP TABLE x"); err != nil {
		t.Fatal(err)
	}
	if len(shown) == 0 {
		shown = nil
	}
	return shown, noted
}

// TestDocumentedForms: the page names every form.
func TestDocumentedForms(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../docs/TYPES.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range typemap.Forms() {
		if !bytes.Contains(data, []byte(f)) {
			t.Errorf("docs/TYPES.md does not name the form %s", f)
		}
	}
}
