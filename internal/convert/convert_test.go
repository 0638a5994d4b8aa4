package convert_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

func (c *conversion) String() string {
	return typemap.Show(&c.value) + " as " + c.column.Type.SQL()
}

func TestAppend(t *testing.T) {
	t.Parallel()
	for _, c := range conversions(t) {
		enc := convert.Encoder{Column: c.column}
		dst := []byte("kept")
		out, note, err := enc.Append(dst, &c.value)
		var m *convert.MisfitError
		switch {
		case c.want == misfit && !errors.As(err, &m):
			t.Errorf("%s: %x, %v, want a misfit", &c, out, err)
		case c.want == misfit:
			if !bytes.Equal(out, dst) || m.Type != c.column.Type || m.Class != c.value.Class {
				t.Errorf("%s: %q and %v, want dst as it was", &c, out, m)
			}
		case err != nil:
			t.Errorf("%s: %v", &c, err)
		case note != c.note:
			t.Errorf("%s: note %d, want %d", &c, note, c.note)
		case !bytes.HasPrefix(out, dst):
			t.Errorf("%s: dst was changed", &c)
		}
	}
}

func TestAppendAllocates(t *testing.T) { // not parallel: it counts
	buf := make([]byte, 0, 4096)
	for _, c := range conversions(t) {
		if c.want == misfit {
			continue
		}
		enc := convert.Encoder{Column: c.column}
		run := func() {
			var err error
			if buf, _, err = enc.Append(buf[:0], &c.value); err != nil {
				t.Error(err)
			}
		}
		run() // grows the scratch memory
		if n := testing.AllocsPerRun(20, run); n != 0 {
			t.Errorf("%s allocates %v times", &c, n)
		}
	}
}

func TestMisfitError(t *testing.T) {
	t.Parallel()
	for _, c := range []conversion{
		{uuids()[0].column, integer(3), "integer value does not fit uuid", 0},
		{numerics()[17].column, blob("x"), "blob value does not fit numeric(6,2)", 0},
	} {
		enc := convert.Encoder{Column: c.column}
		if _, _, err := enc.Append(nil, &c.value); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	v := text("a")
	var none convert.Encoder
	if _, _, err := none.Append(nil, &v); err == nil {
		t.Error("a column without a type took a value")
	}
}

// TestServer loads every value and asks the server what it became.
func TestServer(t *testing.T) {
	t.Parallel()
	conn := pgtest.Connect(t, pgtest.Start(t).Database(t))
	if _, err := conn.Exec(t.Context(), "SET timezone = 'UTC'"); err != nil {
		t.Fatal(err)
	}
	var version int
	if err := conn.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	byType := map[string][]conversion{}
	var types []string
	for _, c := range conversions(t) {
		name := c.column.Type.SQL()
		oddScale := c.column.Type.Scale < 0 || c.column.Type.Scale > c.column.Type.Precision
		if c.want == misfit || oddScale && version < 150000 { // PostgreSQL 15 allows such scales
			continue
		}
		if byType[name] == nil {
			types = append(types, name)
		}
		byType[name] = append(byType[name], c)
	}
	for _, name := range types {
		for i, shown := range roundTrip(t, conn, name, byType[name]) {
			c := byType[name][i]
			want, got = append(want, c.String()+": "+c.want), append(got, c.String()+": "+shown)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// roundTrip copies values into a column of a type and gives what the server
// shows for them.
func roundTrip(t *testing.T, conn *pgx.Conn, typ string, list []conversion) []string {
	t.Helper()
	ctx := t.Context()
	if _, err := conn.Exec(ctx, "CREATE TEMP TABLE x (n bigint, c "+typ+")"); err != nil {
		t.Fatal(err)
	}
	stream := pgcopy.AppendHeader(nil)
	for i, c := range list {
		stream = pgcopy.AppendTupleHeader(stream, 2)
		stream = pgcopy.AppendInt8(stream, int64(i))
		enc := convert.Encoder{Column: c.column}
		var err error
		if stream, _, err = enc.Append(stream, &c.value); err != nil {
			t.Fatal(err)
		}
	}
	stream = pgcopy.AppendTrailer(stream)
	if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(stream), "COPY x FROM STDIN (FORMAT binary)"); err != nil {
		t.Fatalf("%s: %v", typ, err)
	}
	show := "c::text"
	if strings.HasPrefix(typ, "char(") {
		show = "rpad(c::text, octet_length(c), ' ')" // the cast drops the padding
	}
	rows, err := conn.Query(ctx, "SELECT coalesce("+show+", 'NULL') FROM x ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "DROP TABLE x"); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestIntDigits(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]int{0: 0, 9: 1, -10: 2, -1 << 63: 19} {
		if got := convert.IntDigits(n); got != want {
			t.Errorf("%d has %d digits, want %d", n, got, want)
		}
	}
}

// BenchmarkAppend converts each value of the cases, again and again. MB/s counts
// the fields that come out.
func BenchmarkAppend(b *testing.B) {
	list := append(conversions(b), []conversion{
		{of(sqltype.Text), text("a text of some length, as they are"), "", 0},
		{of(sqltype.Text), text("ein Text mit Umläüten, wie er öfter kommt"), "", 0},
		{of(sqltype.Timestamp), text("2024-05-06 07:08:09.123"), "", 0},
		{of(sqltype.JSONB), text(`{"a":[1,2,3],"b":"text","c":{"d":null,"e":[true,false]}}`), "", 0},
	}...)
	for _, c := range list {
		if c.want == misfit {
			continue
		}
		b.Run(c.String(), func(b *testing.B) {
			enc := convert.Encoder{Column: c.column}
			buf, _, err := enc.Append(nil, &c.value)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(buf)))
			b.ReportAllocs()
			for b.Loop() {
				buf, _, _ = enc.Append(buf[:0], &c.value)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
