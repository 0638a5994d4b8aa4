package pgcopy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/pgtest"
)

// connect opens a fresh database that knows the types of the cases and shows
// values in one way.
func connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn := pgtest.Connect(t, pgtest.Start(t).Database(t))
	exec(t, conn, `CREATE EXTENSION citext;
		CREATE TYPE mood AS ENUM ('sad', 'happy');
		SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'`)
	return conn
}

func exec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatalf("%.100s: %v", sql, err)
	}
}

// copyIn loads a stream of tuples, each with its count, into a relation.
func copyIn(ctx context.Context, conn *pgx.Conn, relation string, tuples []byte) (pgconn.CommandTag, error) {
	stream := append(pgcopy.AppendHeader(nil), tuples...)
	stream = pgcopy.AppendTrailer(stream)
	return conn.PgConn().CopyFrom(ctx, bytes.NewReader(stream), "COPY "+relation+" FROM STDIN (FORMAT binary)")
}

// copyOut gives the fields of each tuple that a query or relation sends.
func copyOut(t *testing.T, conn *pgx.Conn, source string, fieldN int) [][]byte {
	t.Helper()
	var tuples [][]byte
	s := pgcopy.NewScanner(fieldN, func(fields []byte, _ int) error {
		tuples = append(tuples, bytes.Clone(fields))
		return nil
	})
	if _, err := conn.PgConn().CopyTo(t.Context(), s, "COPY "+source+" TO STDOUT (FORMAT binary)"); err != nil {
		t.Fatalf("COPY %s: %v", source, err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("COPY %s: %v", source, err)
	}
	return tuples
}

// TestServerSendsWhatItGot is the invariant that verification rests on: what
// COPY TO sends of a value is what we sent to COPY FROM.
func TestServerSendsWhatItGot(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	columns := map[string][]encoderCase{}
	for _, f := range families() {
		for _, c := range f.cases {
			columns[c.column] = append(columns[c.column], c)
		}
	}
	for column, cases := range columns {
		t.Run(column, func(t *testing.T) { roundTrip(t, conn, column, cases) })
	}
}

func roundTrip(t *testing.T, conn *pgx.Conn, column string, cases []encoderCase) {
	exec(t, conn, "DROP TABLE IF EXISTS cell; CREATE TABLE cell (n integer, v "+column+")")
	var tuples []byte
	for i, c := range cases {
		tuples = pgcopy.AppendTupleHeader(tuples, 2)
		tuples = pgcopy.AppendInt4(tuples, int32(i))
		tuples = c.encode(tuples)
	}
	tag, err := copyIn(t.Context(), conn, "cell", tuples)
	if err != nil || tag.RowsAffected() != int64(len(cases)) {
		t.Fatalf("load: %v, %v", tag, err)
	}
	got := copyOut(t, conn, "cell", 2)
	rows, err := conn.Query(t.Context(), "SELECT coalesce(v::text, 'NULL') FROM cell ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	shown, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(shown) != len(cases) || len(got) != len(cases) {
		t.Fatalf("%d cases, %d tuples, %d texts, %v", len(cases), len(got), len(shown), err)
	}
	for i, c := range cases {
		want := c.encode(pgcopy.AppendInt4(nil, int32(i)))
		if !bytes.Equal(got[i], want) {
			t.Errorf("%s: the server sends % x, we sent % x", c.name, got[i], want)
		}
		text := c.text
		if column == "bpchar" || strings.HasPrefix(column, "character(") {
			text = strings.TrimRight(text, " ") // a cast to text drops spaces at the end
		}
		if shown[i] != text {
			t.Errorf("%s: the server shows %q, want %q", c.name, shown[i], text)
		}
	}
}

// TestServerRefuses holds what the comments say the server refuses.
func TestServerRefuses(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	cases := []struct {
		name, column string
		field        []byte
		code         string
	}{
		{"invalid prefix", "inet", pgcopy.AppendInet(nil, netip.Prefix{}), "08P01"},
		{"invalid network", "cidr", pgcopy.AppendCIDR(nil, netip.Prefix{}), "08P01"},
		{"host bits", "cidr", pgcopy.AppendCIDR(nil, netip.MustParsePrefix("10.1.0.0/8")), "22P03"},
		{"NUL", "text", pgcopy.AppendTextString(nil, "a\x00b"), "22021"},
		{"invalid UTF-8", "text", pgcopy.AppendTextString(nil, "a\xff"), "22021"},
		{"too many characters", "character(3)", pgcopy.AppendBpchar(nil, []byte("abcd"), 3), "22001"},
		{"time beyond the day", "time", pgcopy.AppendTime(nil, 86400_000_001), "22008"},
		{"infinity in a numeric with precision", "numeric(9,2)", pgcopy.AppendNumericInf(nil, false), "22003"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			exec(t, conn, "DROP TABLE IF EXISTS cell; CREATE TABLE cell (v "+c.column+")")
			_, err := copyIn(t.Context(), conn, "cell", append(pgcopy.AppendTupleHeader(nil, 1), c.field...))
			var pgErr *pgconn.PgError
			if !errors.As(err, &pgErr) || pgErr.Code != c.code {
				t.Errorf("got %v, want SQLSTATE %s", err, c.code)
			}
		})
	}
}

// storedNumerics lets the server read decimal texts with numeric_in and gives
// the fields that it sends for them.
func storedNumerics(t *testing.T, conn *pgx.Conn, column string, texts []string) [][]byte {
	t.Helper()
	exec(t, conn, "DROP TABLE IF EXISTS given; CREATE TABLE given (n integer, t text)")
	var tuples []byte
	for i, text := range texts {
		tuples = pgcopy.AppendTupleHeader(tuples, 2)
		tuples = pgcopy.AppendInt4(tuples, int32(i))
		tuples = pgcopy.AppendTextString(tuples, text)
	}
	if _, err := copyIn(t.Context(), conn, "given", tuples); err != nil {
		t.Fatal(err)
	}
	exec(t, conn, "DROP TABLE IF EXISTS stored; CREATE TABLE stored (n integer, v "+column+")")
	exec(t, conn, "INSERT INTO stored SELECT n, t::"+column+" FROM given")
	fields := copyOut(t, conn, "(SELECT v FROM stored ORDER BY n)", 1)
	if len(fields) != len(texts) {
		t.Fatalf("%d texts, %d numerics", len(texts), len(fields))
	}
	return fields
}

// TestServerNumericText compares with numeric_in over random texts: without a
// scale, and in columns of a fixed scale that the values fit.
func TestServerNumericText(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	gen := rapid.Custom(decimalText)
	texts := make([]string, 5000)
	for i := range texts {
		texts[i] = gen.Example(i)
	}
	for _, scale := range []int{-1, 0, 2, 7, 130} {
		column, fit := "numeric", texts
		if scale >= 0 {
			column, fit = fmt.Sprintf("numeric(300,%d)", scale), fitting(texts, scale)
		}
		if len(fit) < 100 {
			t.Errorf("only %d texts fit %s", len(fit), column)
		}
		for i, want := range storedNumerics(t, conn, column, fit) {
			got, err := pgcopy.AppendNumericText(nil, []byte(fit[i]), scale)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s of %s: got % x, %v, the server sends % x", column, fit[i], got, err, want)
			}
		}
	}
}

// fitting gives the texts that the encoder takes with a scale.
func fitting(texts []string, scale int) []string {
	var fit []string
	for _, text := range texts {
		if _, err := pgcopy.AppendNumericText(nil, []byte(text), scale); err == nil {
			fit = append(fit, text)
		}
	}
	return fit
}

// TestServerNumericRange: text that the server takes and text that it finds
// too large are told apart as the server does.
func TestServerNumericRange(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	for _, text := range []string{
		"1e131071", "1e131072", "9.9e131071", "99e131070", "99e131071", "1e-16383", "1e-16384",
		"0e131072", "0e-16383", "0e-16384", "0e1073741822", "1e-1073741823", "10e-16384",
		strings.Repeat("9", 131072), strings.Repeat("9", 131073), "0." + strings.Repeat("0", 16384),
	} {
		var stored []byte
		err := conn.QueryRow(t.Context(), "SELECT numeric_send($1::text::numeric)", text).Scan(&stored)
		var pgErr *pgconn.PgError
		if err != nil && (!errors.As(err, &pgErr) || pgErr.Code != "22003") {
			t.Fatalf("%.30s: %v", text, err)
		}
		got, gotErr := pgcopy.AppendNumericText(nil, []byte(text), -1)
		switch {
		case err == nil && (gotErr != nil || !bytes.Equal(got[4:], stored)):
			t.Errorf("%.30s: got %.40x, %v, the server sends %.40x", text, got, gotErr, stored)
		case err != nil && !errors.Is(gotErr, pgcopy.ErrNumericRange):
			t.Errorf("%.30s: got %v, the server says %v", text, gotErr, err)
		}
	}
}

// TestServerNumericFloat stores random doubles as numerics and lets the server
// say that each reads back as the same double and has the stored form.
func TestServerNumericFloat(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	floats := randomFloats(3000)
	texts := make([]string, len(floats))
	var tuples []byte
	for i, f := range floats {
		texts[i] = strconv.FormatFloat(f, 'f', -1, 64)
		tuples = pgcopy.AppendTupleHeader(tuples, 2)
		tuples = pgcopy.AppendFloat8(tuples, f)
		var err error
		if tuples, err = pgcopy.AppendNumericFloat(tuples, f, -1); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range storedNumerics(t, conn, "numeric", texts) {
		if got, err := pgcopy.AppendNumericFloat(nil, floats[i], -1); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got % x, %v, the server sends % x", texts[i], got, err, want)
		}
	}
	exec(t, conn, "CREATE TABLE pair (f double precision, n numeric)")
	if _, err := copyIn(t.Context(), conn, "pair", tuples); err != nil {
		t.Fatal(err)
	}
	// Not n = f: the server would compare both as double precision after
	// rounding n, which is the same question, and would take -0 for 0.
	var wrong string
	err := conn.QueryRow(t.Context(), `SELECT coalesce(string_agg(f::text || ' became ' || n::text, E'\n'), '')
		FROM pair WHERE n::text::double precision IS DISTINCT FROM f`).Scan(&wrong)
	if err != nil || wrong != "" {
		t.Errorf("%v, read back differently:\n%s", err, wrong)
	}
}

// randomFloats gives n doubles: random bits, and decimals of few digits.
func randomFloats(n int) []float64 {
	r := rand.New(rand.NewPCG(3, 4))
	floats := make([]float64, 0, n)
	for len(floats) < n {
		f := math.Float64frombits(r.Uint64())
		if len(floats)%2 == 0 {
			f = float64(r.Int64N(1<<(1+r.IntN(62)))) / math.Pow10(r.IntN(12))
		}
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			floats = append(floats, f)
		}
	}
	return floats
}

// TestServerLargeTuple reads a value of many messages' length back, and rows
// before and after it.
func TestServerLargeTuple(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	exec(t, conn, "CREATE TABLE blob (v bytea)")
	var tuples, want []byte
	for _, size := range []int{1, 20 << 20, 0, 3 << 20} {
		field := pgcopy.AppendBytea(nil, bytes.Repeat([]byte{0xc5}, size))
		tuples = append(pgcopy.AppendTupleHeader(tuples, 1), field...)
		want = append(want, field...)
	}
	if _, err := copyIn(t.Context(), conn, "blob", tuples); err != nil {
		t.Fatal(err)
	}
	if got := bytes.Join(copyOut(t, conn, "blob", 1), nil); !bytes.Equal(got, want) {
		t.Errorf("got %d bytes back that differ from the %d sent", len(got), len(want))
	}
}
