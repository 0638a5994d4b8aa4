package translate_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	_ "modernc.org/sqlite" // the oracle

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/translate"
)

// world is one table with the same rows in SQLite and in Postgres.
type world struct {
	lite *sql.DB
	pg   *pgx.Conn
}

func kind(k sqltype.Kind) sqltype.Type { return sqltype.Type{Kind: k} }

// testTable describes the table t of the tests.
func testTable() *translate.Relation {
	return &translate.Relation{
		Name: "t", Target: "t", RowidAlias: "id", Key: []string{"id"},
		Columns: []translate.Column{
			{Name: "id", Target: "id", Type: kind(sqltype.Int8), Affinity: schema.AffInteger, NotNull: true},
			{Name: "n", Target: "n", Type: kind(sqltype.Int4), Affinity: schema.AffInteger},
			{Name: "m", Target: "m", Type: kind(sqltype.Int8), Affinity: schema.AffInteger},
			{Name: "small", Target: "small", Type: kind(sqltype.Int2), Affinity: schema.AffInteger},
			{Name: "r", Target: "r", Type: kind(sqltype.Float8), Affinity: schema.AffReal},
			{Name: "p", Target: "p", Type: sqltype.Type{Kind: sqltype.Numeric, Precision: 10, Scale: 2}, Affinity: schema.AffNumeric},
			{Name: "s", Target: "s", Type: kind(sqltype.Text), Affinity: schema.AffText},
			{Name: "u", Target: "u", Type: sqltype.Type{Kind: sqltype.Varchar, Length: 20}, Affinity: schema.AffText},
			{Name: "c", Target: "c", Type: kind(sqltype.Text), Affinity: schema.AffText, NoCase: true},
			{Name: "f", Target: "f", Type: kind(sqltype.Bool), Affinity: schema.AffNumeric},
			{Name: "b", Target: "b", Type: kind(sqltype.Bytea), Affinity: schema.AffBlob},
			{Name: "d", Target: "d", Type: kind(sqltype.Timestamp), Affinity: schema.AffNumeric},
			{Name: "day", Target: "day", Type: kind(sqltype.Date), Affinity: schema.AffNumeric},
			{Name: "ep", Target: "ep", Type: kind(sqltype.TimestampTZ), Affinity: schema.AffInteger, Unit: translate.Seconds},
			{Name: "guid", Target: "guid", Type: kind(sqltype.UUID), Affinity: schema.AffText},
			{Name: "j", Target: "j", Type: kind(sqltype.JSONB), Affinity: schema.AffText},
		},
	}
}

const liteDDL = `CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, m INTEGER, small INTEGER, r REAL, p DECIMAL(10,2),
 s TEXT, u TEXT, c TEXT COLLATE NOCASE, f BOOLEAN, b BLOB, d DATETIME, day DATE, ep INTEGER, guid TEXT, j TEXT)`

const pgDDL = `CREATE TABLE t (id bigint PRIMARY KEY, n int, m bigint, small smallint, r double precision, p numeric(10,2),
 s text, u varchar(20), c text, f boolean, b bytea, d timestamp, day date, ep timestamptz, guid uuid, j jsonb)`

// rows are SQLite literals; epochs become timestamps in Postgres.
var rows = [][]string{
	{"1", "5", "2", "7", "1.5", "10.5", "'abc'", "'abc'", "'ABC'", "1", "x'00ff'", "'2024-01-31 10:20:30'", "'2024-01-31'", "1700000000", "'11111111-2222-3333-4444-555555555555'", `'{"a":1,"b":{"c":"x"},"list":[1,2,3],"flag":true,"nothing":null}'`},
	{"2", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
	{"3", "0", "0", "0", "0.0", "0", "''", "''", "''", "0", "x''", "'1970-01-01 00:00:00'", "'1970-01-01'", "0", "'00000000-0000-0000-0000-000000000000'", "'{}'"},
	{"4", "-3", "7", "-32768", "-2.5", "-1.25", "'ABC'", "'b'", "'abc'", "0", "x'ffffff'", "'2024-02-29 00:00:00'", "'2024-02-29'", "1709164800", "NULL", `'{"a":"x","flag":false,"list":[]}'`},
	{"5", "7", "-4", "32767", "1234.5678", "99999.99", "'5'", "'5'", "'Abc'", "1", "x'61'", "'1999-12-31 23:59:59'", "'1999-12-31'", "946684799", "NULL", `'[1,2.5,"x"]'`},
	{"6", "1", "1", "1", "0.125", "1", "'héllo É'", "'É'", "'É'", "1", "NULL", "'2023-03-31 12:00:00'", "'2024-01-31'", "1", "NULL", `'{"a":2.5,"b":{"c":"y z"},"flag":0}'`},
	{"7", "100", "3", "100", "1e10", "12.3", "'  pad  '", "'pad'", "'é'", "0", "x'0102'", "'2024-12-31 23:59:59'", "'2024-12-31'", "4000000000", "NULL", `'{"a":null}'`},
	{"8", "-2147483648", "-9007199254740993", "12", "-0.5", "-0.01", "'100%'", "'%'", "'a_c'", "1", "x'25'", "'2000-02-29 06:30:15'", "'2000-02-29'", "-1", "NULL", "NULL"},
	{"9", "2147483647", "9007199254740993", "-1", "2.625", "2.5", "'a\\b*c'", "'_'", "'b'", "NULL", "x'00'", "'2024-05-06 07:08:09'", "'2024-05-06'", "1714979289", "NULL", `'{"a":true}'`},
	{"10", "3", "3", "3", "3.0", "3", "'it''s 12'", "'12abc'", "'x'", "0", "x'78'", "'2024-01-01 00:00:00'", "'2024-01-01'", "1704067200", "NULL", `'"str"'`},
	{"11", "2", "5", "2", "0.5", "0.5", "'pad  '", "'zz'", "'xyz'", "1", "x'7a'", "'2024-02-28 23:59:59'", "'2024-02-28'", "1709164799", "NULL", "'17'"},
	{"12", "9", "9", "9", "100.0", "100", "'[.x].txt'", "'-7x'", "'Z'", "0", "x'5d'", "'2010-10-10 10:10:10'", "'2010-10-10'", "1286705410", "NULL", `'{"a":-7,"b":{"c":""}}'`},
}

// newWorld makes the table in both databases.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	lite, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		tb.Fatal(err)
	}
	lite.SetMaxOpenConns(1)
	tb.Cleanup(func() { _ = lite.Close() })
	pg := pgtest.Connect(tb, worldlyDatabase(tb))
	w := &world{lite: lite, pg: pg}
	w.exec(tb, liteDDL, pgDDL)
	for _, r := range rows {
		pgRow := append([]string(nil), r...)
		if pgRow[9] != "NULL" {
			pgRow[9] = map[string]string{"0": "false", "1": "true"}[pgRow[9]]
		}
		if pgRow[10] != "NULL" {
			pgRow[10] = `'\x` + pgRow[10][2:]
		}
		if pgRow[13] != "NULL" {
			pgRow[13] = "to_timestamp(" + pgRow[13] + ")"
		}
		w.exec(tb, "INSERT INTO t VALUES ("+strings.Join(r, ",")+")", "INSERT INTO t VALUES ("+strings.Join(pgRow, ",")+")")
	}
	return w
}

// worldlyDatabase makes a database whose default collation sorts and folds as
// people do, not as bytes: what is rebuilt must not depend on it.
func worldlyDatabase(tb testing.TB) string {
	tb.Helper()
	server := pgtest.Start(tb)
	name := fmt.Sprintf("worldly_%d", databases.Add(1))
	if err := server.Exec(tb.Context(), "CREATE DATABASE "+name+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'"); err != nil {
		tb.Logf("no ICU here: %v", err)
		return server.Database(tb)
	}
	tb.Cleanup(func() {
		if err := server.DropDatabase(context.Background(), name); err != nil {
			tb.Error(err)
		}
	})
	return server.URL(name)
}

var databases atomic.Int64

func (w *world) exec(tb testing.TB, lite, pg string) {
	tb.Helper()
	if _, err := w.lite.ExecContext(tb.Context(), lite); err != nil {
		tb.Fatalf("%s: %v", lite, err)
	}
	if _, err := w.pg.Exec(tb.Context(), pg); err != nil {
		tb.Fatalf("%s: %v", pg, err)
	}
}

// liteRows runs a query in SQLite and gives canonical values.
func (w *world) liteRows(ctx context.Context, query string) ([][]string, error) {
	rs, err := w.lite.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rs.Close() }()
	cols, err := rs.Columns()
	if err != nil {
		return nil, err
	}
	var out [][]string
	for rs.Next() {
		vals := make([]any, len(cols))
		ptrs := make([]any, len(cols))
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err := rs.Scan(ptrs...); err != nil {
			return nil, err
		}
		row := make([]string, len(cols))
		for i, v := range vals {
			row[i] = canonical(v)
		}
		out = append(out, row)
	}
	return out, rs.Err()
}

// pgRows runs a query in Postgres and gives canonical values.
func (w *world) pgRows(ctx context.Context, query string) ([][]string, error) {
	rs, err := w.pg.Query(ctx, query, pgx.QueryExecModeExec)
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	var out [][]string
	for rs.Next() {
		vals, err := rs.Values()
		if err != nil {
			return nil, err
		}
		row := make([]string, len(vals))
		for i, v := range vals {
			if t, ok := v.(time.Time); ok && rs.FieldDescriptions()[i].DataTypeOID == pgtype.DateOID {
				v = t.Format("2006-01-02")
			}
			row[i] = canonical(v)
		}
		out = append(out, row)
	}
	return out, rs.Err()
}

// canonical writes a value so that equal ones are equal texts: numbers by
// 12 significant digits, whatever their type.
func canonical(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case bool:
		return map[bool]string{true: "1", false: "0"}[v]
	case int64:
		return strconv.FormatInt(v, 10)
	case int32:
		return strconv.FormatInt(int64(v), 10)
	case int16:
		return strconv.FormatInt(int64(v), 10)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'g', 12, 64)
	case pgtype.Numeric:
		f, err := v.Float64Value()
		if err != nil {
			return err.Error()
		}
		return canonical(f.Float64)
	case string:
		return strconv.Quote(v)
	case []byte:
		return "x" + hex.EncodeToString(v)
	case time.Time:
		return strconv.Quote(v.UTC().Format("2006-01-02 15:04:05"))
	case [16]byte:
		return fmt.Sprintf("%q", fmt.Sprintf("%x-%x-%x-%x-%x", v[:4], v[4:6], v[6:8], v[8:10], v[10:]))
	}
	return fmt.Sprintf("%T %v", v, v)
}

// catalog is a Catalog of a list.
type catalog []*translate.Relation

func (c catalog) Relation(name string) (*translate.Relation, bool) {
	for _, r := range c {
		if strings.EqualFold(r.Name, name) {
			return r, true
		}
	}
	return nil, false
}

// lines reads a testdata file without comments and empty lines.
func lines(tb testing.TB, path string) []string {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if l := strings.TrimSpace(s.Text()); l != "" && !strings.HasPrefix(l, "#") {
			out = append(out, l)
		}
	}
	return out
}
