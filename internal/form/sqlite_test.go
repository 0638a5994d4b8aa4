package form_test

import (
	"database/sql"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	_ "modernc.org/sqlite" // the SQLite library that these tests compare with

	"github.com/litehaul/litehaul/internal/form"
)

// prepare gives a statement of an in-memory database.
func prepare(t testing.TB, query string) *sql.Stmt {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatalf("open SQLite: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	stmt, err := db.Prepare(query)
	if err != nil {
		t.Fatalf("prepare %q: %v", query, err)
	}
	t.Cleanup(func() { _ = stmt.Close() })
	return stmt
}

var json5Texts = []string{
	"{a:1}", "{a:1,}", "[1,]", "'single'", `'it\'s'`, `'say "hi"'`, `"a\'b"`, `"\v\0\x41"`, "\"tab\there\"", "\"line\\\ncontinued\"",
	"\"line\\\r\ncontinued\"", "\"ls\\\u2028ps\\\u2029.\"", "0x1F", "-0xff", "+0x10", "0xffffffffffffffff", "0x10000000000000000",
	"+1", "+1.5", ".5", "-.5", "+.5", "5.", "5.e3", "-5.E-3", ".5e3", "Infinity", "-Infinity", "+Infinity", "[-inf,+inf,Infinity]", "NaN",
	"/* c */ [1, // d\n 2]", "\u00a0 1\u2003", "{$_a1:1, \u00e9:2}", `{\u0061b:1}`, "{'q\"':1}", "[0x0, -0x0]", "{a:{b:[{c:.5}]}}",
	`"\u00e9\/\b"`, `"\u0000"`, `"\ud800"`, "1e5", "1E+5", "-0", "[]", "{}", `""`, "''", "123456789012345678901234567890", "1.0e999",
	"'\\\"'", "'\u0001'",
}

// DecodeJSONB reads all that SQLite makes, as SQLite prints it.
func TestJSONBOfSQLite(t *testing.T) {
	t.Parallel()
	stmt := prepare(t, "SELECT jsonb(?1), json(jsonb(?1))")
	check := func(text string) []byte {
		var blob []byte
		var want string
		if err := stmt.QueryRow(text).Scan(&blob, &want); err != nil {
			t.Fatalf("jsonb(%q): %v", text, err)
		}
		got, ok := checkJSONB(t, blob)
		if !ok || string(got) != want {
			t.Fatalf("jsonb(%q) = %x: decoded %q, %v; SQLite says %q", text, blob, got, ok, want)
		}
		return blob
	}
	for _, text := range json5Texts {
		check(text)
	}
	for _, n := range []int{11, 12, 255, 256, 65535, 65536, 200_000} { // each header size
		check(`"` + strings.Repeat("x", n) + `"`)
		check("[" + strings.Repeat("1,", n/2) + "1]")
	}
	check(strings.Repeat("[", 1000) + "1" + strings.Repeat("]", 1000))
	rng := rand.New(rand.NewPCG(21, 22))
	for range 3000 {
		g := jsonGen{rng: rng}
		check(g.spell(g.value(4)))
	}
}

// On damaged blobs DecodeJSONB is as strict as SQLite's own check or stricter,
// and what it accepts it prints as SQLite does.
func TestDamagedJSONBOfSQLite(t *testing.T) {
	t.Parallel()
	encode := prepare(t, "SELECT jsonb(?1)")
	judge := prepare(t, "SELECT json_valid(?1, 8), CASE WHEN json_valid(?1, 8) THEN json(?1) END")
	rng := rand.New(rand.NewPCG(23, 24))
	accepted := 0
	for i := range 6000 {
		g := jsonGen{rng: rng}
		text := json5Texts[i%len(json5Texts)]
		if i%2 == 0 {
			text = g.spell(g.value(3))
		}
		var blob []byte
		if err := encode.QueryRow(text).Scan(&blob); err != nil {
			t.Fatalf("jsonb(%q): %v", text, err)
		}
		blob = damage(rng, blob)
		var valid bool
		var want sql.NullString
		if err := judge.QueryRow(blob).Scan(&valid, &want); err != nil {
			t.Fatalf("json_valid(%x): %v", blob, err)
		}
		got, ok := checkJSONB(t, blob)
		switch {
		case ok && !valid:
			t.Fatalf("DecodeJSONB(%x) = %q, SQLite refuses it", blob, got)
		case ok && string(got) != want.String:
			t.Fatalf("DecodeJSONB(%x) = %q, SQLite says %q", blob, got, want.String)
		case ok:
			accepted++
		case valid && form.ScanJSON([]byte(want.String)).Valid && utf8.ValidString(want.String):
			// SQLite's result is right although it was made of something off.
			t.Fatalf("DecodeJSONB(%x) refuses what SQLite prints as %q", blob, want.String)
		}
	}
	if accepted < 300 {
		t.Errorf("only %d damaged blobs were still valid: the test compares too little", accepted)
	}
}

// Where SQLite reads a timestamp too, it is the same instant.
func TestTimestampOfSQLite(t *testing.T) {
	t.Parallel()
	stmt := prepare(t, "SELECT CAST(round((julianday(?1) - 2451544.5) * 86400000.0) AS INTEGER), strftime('%s', ?1)")
	rng := rand.New(rand.NewPCG(25, 26))
	layouts := []string{
		time.DateOnly, "2006-01-02 15:04", time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04:05.000", "2006-01-02T15:04:05.000Z",
		"2006-01-02 15:04:05-07:00", "2006-01-02 15:04Z07:00", "2006-01-02 15:04:05.000 -07:00",
	}
	for range 5000 {
		at := randomTime(rng).Truncate(time.Millisecond)
		at = at.In(time.FixedZone("", (rng.IntN(2*14*4+1)-14*4)*15*60))
		text := at.Format(layouts[rng.IntN(len(layouts))])
		var millis, seconds int64
		if err := stmt.QueryRow(text).Scan(&millis, &seconds); err != nil {
			t.Fatalf("SQLite does not read %q: %v", text, err)
		}
		got, ok := form.ParseTimestamp([]byte(text))
		if !ok || got.Micros != millis*1000 {
			t.Fatalf("ParseTimestamp(%q) = %+v, %v; SQLite says %d ms", text, got, ok, millis)
		}
		if got.Micros < (seconds-946_684_800)*1_000_000 || got.Micros >= (seconds-946_684_799)*1_000_000 {
			t.Fatalf("ParseTimestamp(%q) = %+v; SQLite's strftime says %d s", text, got, seconds)
		}
	}
}

// Julian days of SQLite come back as the timestamp that they were made of.
func TestJulianDayOfSQLite(t *testing.T) {
	t.Parallel()
	stmt := prepare(t, "SELECT julianday(?1), strftime('%Y-%m-%d %H:%M:%f', julianday(?1) + ?2), julianday(?1) + ?2")
	rng := rand.New(rand.NewPCG(27, 28))
	for range 5000 {
		text := randomTime(rng).Truncate(time.Millisecond).Format("2006-01-02 15:04:05.000")
		var day, moved float64
		var printed string
		if err := stmt.QueryRow(text, rng.Float64()/1000).Scan(&day, &printed, &moved); err != nil {
			t.Fatalf("julianday(%q): %v", text, err)
		}
		want, _ := form.ParseTimestamp([]byte(text))
		if got, cut, ok := form.JulianDay.FromReal(day); !ok || cut || got != want.Micros {
			t.Fatalf("JulianDay.FromReal(%v) of %s = %d, %v, %v; want %d", day, text, got, cut, ok, want.Micros)
		}
		// Any double, as SQLite prints it.
		want, _ = form.ParseTimestamp([]byte(printed))
		if got, _, ok := form.JulianDay.FromReal(moved); !ok || got != want.Micros {
			t.Fatalf("JulianDay.FromReal(%v) = %d, %v; SQLite prints %s", moved, got, ok, printed)
		}
	}
}

// SQLite and ScanJSON agree on what RFC 8259 is, apart from UTF-8, which SQLite
// does not check, NUL, which ends its text, and depth.
func TestScanJSONOfSQLite(t *testing.T) {
	t.Parallel()
	stmt := prepare(t, "SELECT json_valid(?1)")
	rng := rand.New(rand.NewPCG(29, 30))
	var s form.JSONScanner
	for range 10_000 {
		g := jsonGen{rng: rng}
		text := damage(rng, []byte(g.spell(g.value(3))))
		if !utf8.Valid(text) || strings.ContainsRune(string(text), 0) {
			continue
		}
		var valid bool
		if err := stmt.QueryRow(string(text)).Scan(&valid); err != nil {
			t.Fatalf("json_valid(%q): %v", text, err)
		}
		if got := s.ScanJSON(text).Valid; got != valid {
			t.Fatalf("ScanJSON(%q).Valid = %v, SQLite says %v", text, got, valid)
		}
	}
}
