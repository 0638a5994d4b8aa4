package translate_test

import (
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/internal/translate"
)

// uuidIdiom is the random UUID that SQLite users copy from each other.
const uuidIdiom = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || " +
	"substr('89ab', abs(random()) % 4 + 1, 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"

const uuidIdiomByParts = "lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || substr(lower(hex(randomblob(2))),2) || '-' || " +
	"substr('89ab',abs(random()) % 4 + 1, 1) || substr(lower(hex(randomblob(2))),2) || '-' || lower(hex(randomblob(6)))"

// TestDefault checks the text and has Postgres take it as the default of a
// column, and insert it.
func TestDefault(t *testing.T) {
	t.Parallel()
	pg := pgtest.Connect(t, pgtest.Start(t).Database(t))
	const now, seconds = "(now() AT TIME ZONE 'utc')", "floor(extract(epoch FROM now()))::bigint"
	for _, c := range []struct {
		in   string
		typ  sqltype.Kind
		want string // "" for refused
	}{
		{"0", sqltype.Int8, "0"},
		{"-1", sqltype.Int4, "(-1)"},
		{"(1 + 1)", sqltype.Int8, "(1::bigint + 1)"},
		{"'5'", sqltype.Int8, "5"},
		{"'abc'", sqltype.Int8, ""},
		{"40000", sqltype.Int2, ""},
		{"1.0", sqltype.Int8, "1"},
		{"1.5", sqltype.Int8, ""},
		{"1.5", sqltype.Numeric, "1.5"},
		{"1", sqltype.Float8, "1"},
		{"9e999", sqltype.Numeric, ""},
		{"NULL", sqltype.Int8, "NULL::bigint"},
		{"0", sqltype.Bool, "false"},
		{"1", sqltype.Bool, "true"},
		{"TRUE", sqltype.Bool, "true"},
		{"'t'", sqltype.Bool, "true"},
		{"'false'", sqltype.Bool, "false"},
		{"2", sqltype.Bool, ""},
		{"''", sqltype.Text, "''"},
		{"'it''s'", sqltype.Text, "'it''s'"},
		{"5", sqltype.Text, "'5'"},
		{"1.5", sqltype.Varchar, "'1.5'"},
		{"0.0", sqltype.Text, "'0.0'"},
		{"\"text\"", sqltype.Text, "'text'"},
		{"x'0aff'", sqltype.Bytea, `E'\\x0aff'::bytea`},
		{"'a'", sqltype.Bytea, `E'\\x61'::bytea`},
		{"'{}'", sqltype.JSONB, "'{}'::jsonb"},
		{"'[]'", sqltype.JSON, "'[]'::json"},
		{"'{'", sqltype.JSONB, ""},
		{"'2020-01-01'", sqltype.Date, "'2020-01-01'::date"},
		{"'2020-01-01'", sqltype.Timestamp, "'2020-01-01 00:00:00'::timestamp"},
		{"'2020-01-01 10:20:30.5'", sqltype.TimestampTZ, "'2020-01-01 10:20:30.5+00'::timestamptz"},
		{"'2020-01-01T10:20:30+02:00'", sqltype.TimestampTZ, "'2020-01-01 08:20:30+00'::timestamptz"},
		{"'0000-00-00 00:00:00'", sqltype.Timestamp, ""},
		{"'2020-02-30'", sqltype.Date, ""},
		{"0", sqltype.Timestamp, ""},
		{"'10:20'", sqltype.Time, "'10:20:00'::time"},
		{"'11111111-2222-3333-4444-555555555555'", sqltype.UUID, "'11111111-2222-3333-4444-555555555555'::uuid"},
		{"'11111111222233334444555555555555'", sqltype.UUID, "'11111111-2222-3333-4444-555555555555'::uuid"},
		{"CURRENT_TIMESTAMP", sqltype.Timestamp, now},
		{"CURRENT_TIMESTAMP", sqltype.TimestampTZ, "now()"},
		{"CURRENT_TIMESTAMP", sqltype.Text, "to_char(" + now + ", 'YYYY-MM-DD HH24:MI:SS')"},
		{"CURRENT_TIMESTAMP", sqltype.Int8, ""},
		{"CURRENT_DATE", sqltype.Date, now + "::date"},
		{"CURRENT_DATE", sqltype.Text, "to_char(" + now + ", 'YYYY-MM-DD')"},
		{"CURRENT_TIME", sqltype.Time, now + "::time"},
		{"CURRENT_TIME", sqltype.Text, "to_char(" + now + ", 'HH24:MI:SS')"},
		{"(datetime('now'))", sqltype.Timestamp, now},
		{"(datetime('now'))", sqltype.Text, "to_char(" + now + ", 'YYYY-MM-DD HH24:MI:SS')"},
		{"(datetime('now', 'localtime'))", sqltype.Timestamp, ""},
		{"(datetime('now', '+7 days'))", sqltype.Timestamp, "(" + now + " + interval '7 days')"},
		{"(date('now'))", sqltype.Date, now + "::date"},
		{"(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))", sqltype.Timestamp, now},
		{"(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))", sqltype.Text, "to_char(" + now + `, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`},
		{"(strftime('%Y-%m-%dT%H:%M:%fZ', CURRENT_TIMESTAMP))", sqltype.TimestampTZ, "now()"},
		{"(STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW'))", sqltype.TimestampTZ, "now()"},
		{"(strftime('%s', 'now'))", sqltype.Int8, seconds},
		{"(unixepoch())", sqltype.Int8, seconds},
		{"(unixepoch())", sqltype.TimestampTZ, "now()"},
		{"(strftime('%s', 'now') * 1000)", sqltype.Int8, "(" + seconds + " * 1000)"},
		{"(strftime('%s', 'now') * 1000)", sqltype.TimestampTZ, "now()"},
		{"(cast((julianday('now') - 2440587.5)*86400000 as integer))", sqltype.Int8, "floor(extract(epoch FROM now()) * 1000)::bigint"},
		{"(cast((julianday('now') - 2440587.5)*86400000.0 as integer))", sqltype.TimestampTZ, "now()"},
		{"(" + uuidIdiom + ")", sqltype.UUID, "gen_random_uuid()"},
		{"(" + uuidIdiom + ")", sqltype.Text, "gen_random_uuid()::text"},
		{"(" + uuidIdiomByParts + ")", sqltype.Text, "gen_random_uuid()::text"},
		{"(" + uuidIdiomByParts + ")", sqltype.UUID, "gen_random_uuid()"},
		{"(upper(" + uuidIdiom + "))", sqltype.Text, "upper(gen_random_uuid()::text)"},
		{"(randomblob(16))", sqltype.UUID, "gen_random_uuid()"},
		{"(lower(hex(randomblob(16))))", sqltype.UUID, "gen_random_uuid()"},
		{"(randomblob(16))", sqltype.Bytea, "(substring(sha256(uuid_send(gen_random_uuid())) from 1 for 16))"},
		{"(hex(randomblob(2)))", sqltype.Text, "upper(encode((substring(sha256(uuid_send(gen_random_uuid())) from 1 for 2)), 'hex'))"},
		{"(lower(hex(randomblob(40))))", sqltype.Text, `lower(upper(encode((sha256(uuid_send(gen_random_uuid())) || substring(sha256(uuid_send(gen_random_uuid())) from 1 for 8)), 'hex')) COLLATE "C")`},
		{"(abs(random()))", sqltype.Int8, "abs(('x' || encode((substring(sha256(uuid_send(gen_random_uuid())) from 1 for 8)), 'hex'))::bit(64)::bigint)"},
		{"(count(*))", sqltype.Int8, ""},
		{"((SELECT 1))", sqltype.Int8, ""},
		{"(n + 1)", sqltype.Int8, ""},
	} {
		tree, err := syntax.ParseExpr(c.in)
		if err != nil {
			t.Errorf("parse %s: %v", c.in, err)
			continue
		}
		typ := kind(c.typ)
		got, err := translate.Default(tree, typ)
		if c.want == "" {
			checkRefusal(t, c.in+" into "+typ.SQL(), got, err)
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s into %s:\n got %s, %v\nwant %s", c.in, typ.SQL(), got, err, c.want)
			continue
		}
		if _, err := pg.Exec(t.Context(), "CREATE TEMP TABLE x (v "+typ.SQL()+" DEFAULT "+got+"); INSERT INTO x DEFAULT VALUES; DROP TABLE x"); err != nil {
			t.Errorf("%s: %v", got, err)
		}
	}
}

// TestRandomUUIDHasItsForm checks the idiom against SQLite's own result.
func TestRandomUUIDHasItsForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tree, err := syntax.ParseExpr(uuidIdiom)
	if err != nil {
		t.Fatal(err)
	}
	got, err := translate.Default(tree, kind(sqltype.Text))
	if err != nil {
		t.Fatal(err)
	}
	shape := func(sql string) string {
		return "SELECT (" + sql + ") LIKE '________-____-4___-____-____________'"
	}
	want, err := w.liteRows(t.Context(), shape(uuidIdiom))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.pgRows(t.Context(), shape(got))
	if err != nil || rows[0][0] != want[0][0] || rows[0][0] != "1" {
		t.Errorf("%v, %v; want %v", rows, err, want)
	}
}
