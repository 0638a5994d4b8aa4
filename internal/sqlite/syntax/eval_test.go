package syntax_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// openMemory gives a database of SQLite's own, to compare with.
func openMemory(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// evaluate gives type and value of a constant expression.
func evaluate(db *sql.DB, expr string) (string, error) {
	var typ, value string
	err := db.QueryRow("SELECT typeof(x), quote(x) FROM (SELECT ("+expr+") AS x)").Scan(&typ, &value)
	return typ + " " + value, err
}

// constants are expressions in which each way of binding gives another value,
// or that use a form of the grammar.
var constants = []string{
	"1", "-1", "- -1", "+5", "~5", "-~5", "~-5", "- + - 3", "'it''s'", "x'00ff'", "X'AB'", "NULL", "TRUE", "false",
	"0x1F", "0X1f + 1", "1_000", "1_0.5_0", "1e3", "1E-3", "1.5e+2", ".5", "5.", "5.e1", "9223372036854775807",
	"9223372036854775808", "-9223372036854775808", "0x_1 IS NULL OR 1", "1_000.25e1_0",
	"NOT 1 = 2", "NOT NULL IS NULL", "NOT 0 + 1", "NOT NOT 5", "-NOT 5 = 3", "1 + NOT 2 = 3", "2 * NOT 0", "1 = NOT 0 = 1",
	"NOT 1 IN (1)", "NOT 1 BETWEEN 0 AND 2", "NOT 'a' LIKE 'b'", "NOT 1 ISNULL", "NOT 0 NOTNULL", "NOT 0 NOT NULL",
	"1 OR 0 AND 0", "(1 OR 0) AND 0", "0 AND 0 OR 1", "1 = 1 AND 2 = 3 OR 4 = 4", "NOT 1 AND 0", "NOT (1 AND 0)",
	"1 == 1", "1 != 2", "1 <> 1", "1 < 2 = 1", "1 = 2 < 3", "3 > 2 > 1", "3 > (2 > 1)", "1 = 1 = 1", "2 = (2 = 1)",
	"1 IS 1", "1 IS NOT 2", "1 IS NOT NULL", "NULL IS NULL", "1 IS DISTINCT FROM 2", "1 IS NOT DISTINCT FROM 2",
	"NULL IS NOT DISTINCT FROM NULL", "1 IS NOT 2 = 3", "1 IS 2 < 3", "1 IS TRUE", "2 IS NOT TRUE", "0 IS FALSE",
	"1 ISNULL", "NULL ISNULL", "1 NOTNULL", "1 NOT NULL", "1 = 2 ISNULL", "NULL + 1 ISNULL", "1 < NULL NOTNULL", "1 NOT NULL = 0",
	"1 BETWEEN 0 AND 2", "1 BETWEEN 0 AND 2 = 1", "5 NOT BETWEEN 0 AND 2", "1 BETWEEN 0 AND 1 AND 0", "1 BETWEEN 2 < 3 AND 1 + 1",
	"1 BETWEEN 0 = 0 AND 3", "2 BETWEEN NOT 5 AND 3", "1 BETWEEN 0 AND 2 < 1", "1 + 1 BETWEEN 2 AND 2 * 1", "0 BETWEEN 1 IS NOT 1 AND 2",
	"2 BETWEEN 1 AND 3 BETWEEN 1 AND 1", "1 IN (1, 2)", "3 NOT IN (1, 2)", "1 IN ()", "1 NOT IN ()", "1 IN (1) = 1", "1 = 1 IN (0)",
	"(1, 2) IN ((1, 2), (3, 4))", "(1, 2) = (1, 2)", "(1, 2) < (1, 3)", "1 IN (SELECT 1)", "1 IN ((SELECT 1))", "2 IN (VALUES (1), (2))",
	"NULL IN (1)", "1 IN (SELECT 1 UNION SELECT 2) AND 1", "(1, 2) IN (SELECT 1, 2)", "(SELECT 1) + 1", "((SELECT 2))", "(VALUES (7))",
	"(WITH t(a) AS (SELECT 3) SELECT a FROM t)", "EXISTS (SELECT 1)", "NOT EXISTS (SELECT 1 WHERE 0)", "1 + EXISTS (SELECT 1)",
	"'abc' LIKE 'A%'", "'a%c' LIKE 'a\\%c' ESCAPE '\\'", "'abc' NOT LIKE 'b%'", "'abc' GLOB 'a*'", "'abc' NOT GLOB 'a*'",
	"'1' LIKE 1 = 1", "'1' LIKE 0 < 1", "1 LIKE 1 ESCAPE 'x' = 0", "'ab' LIKE 'a' || '%'", "like('a%', 'abc')", "glob('a*', 'abc')",
	"1 | 2 & 3", "1 << 2 + 1", "7 & 3 << 1", "1 | 2 = 3", "16 >> 1 >> 1", "~1 & 3", "1 + 2 | 4", "6 & 3 | 8", "8 | 6 & 3",
	"2 + 3 * 4", "(2 + 3) * 4", "10 - 4 - 3", "10 - (4 - 3)", "2 * 3 % 4", "7 / 2 * 2", "7 / (2 * 2)", "7 % 4 / 2", "1 - -1", "1 - - -1",
	"1 || 2 + 3", "1 || 2 * 3", "4 * 1 || 2", "-1 || 2", "1 || -2", "~1 || 2", "'a' || 'b' || 'c'", "1 + 2 || 3", "'a' || 'b' = 'ab'",
	`'{"a": {"b": 5}}' -> 'a'`, `'{"a": {"b": 5}}' -> 'a' ->> 'b'`, `'{"a": 5}' ->> 'a' + 1`, `1 || '2' ->> '$'`, `'[1,2]' ->> 1 || 'x'`,
	"'a' = 'A' COLLATE NOCASE", "'a' COLLATE NOCASE = 'A'", "'a' || 'b' COLLATE NOCASE = 'AB'", "-'1' COLLATE NOCASE", "'a' COLLATE binary COLLATE nocase = 'A'",
	"'b' COLLATE \"NOCASE\" IN ('B')", "'a' COLLATE 'nocase' = 'A'",
	"CASE WHEN 0 THEN 1 ELSE 2 END", "CASE 5 WHEN 5 THEN 'x' END", "CASE 1 + 1 WHEN 3 THEN 'a' WHEN 2 THEN 'b' END || 'c'", "CASE WHEN NULL THEN 1 END",
	"CASE WHEN 1 OR 0 THEN 1 AND 0 ELSE 9 END + 1", "-CASE WHEN 1 THEN 2 END",
	"CAST('12abc' AS INTEGER)", "CAST(1 AS TEXT) || 2", "CAST(1.9 AS DOUBLE PRECISION)", "CAST(5 AS VARCHAR(10))", "CAST('1.5' AS DECIMAL(10, -2))", "-CAST('3' AS INT)", "CAST(1 AS )",
	"abs(-3)", "max(1, 2, 3)", "coalesce(NULL, 2)", "replace('aXb', 'X', '-')", "iif(1, 2, 3)", "upper('a') || lower('B')", "count(*)", "count(DISTINCT 1)",
	"sum(2) FILTER (WHERE 1)", "count(*) FILTER (WHERE 0) OVER ()", "row_number() OVER (ORDER BY 1)", "sum(3) OVER (PARTITION BY 1 ORDER BY 2 DESC NULLS LAST)",
	"sum(3) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", "sum(3) OVER (ORDER BY 1 RANGE UNBOUNDED PRECEDING EXCLUDE NO OTHERS)",
	"sum(3) OVER (ORDER BY 1 GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 + 1 FOLLOWING EXCLUDE TIES)", "count(*) OVER (ROWS CURRENT ROW EXCLUDE CURRENT ROW)",
	"group_concat('x', '-' ORDER BY 1)", "length(CURRENT_TIMESTAMP)", "length(current_date) + length(CURRENT_TIME)", `"abs"(-1)`, "[abs](-2)", "`abs`(-3)",
	`"no such column"`, "1 -- comment\n + 2", "1 /* + 5 */ + 2", "\ufeff4", "(5)", "((((6))))", "(1) + (2)", "+'5'", "-'5'",
	"(SELECT max(x) FROM (SELECT 1 AS x UNION ALL SELECT 3))", "(SELECT a.x + b.x FROM (SELECT 1 x) a JOIN (SELECT 2 AS x) AS 'b' ON a.x < b.x)",
	"(SELECT x FROM (SELECT 1 AS x UNION SELECT 2 UNION SELECT 3) ORDER BY x DESC LIMIT 1, 1)", "(SELECT value FROM json_each('[4,5]') LIMIT 1 OFFSET 1)",
	"(SELECT count(*) FROM (SELECT 1 AS a) LEFT JOIN (SELECT 2 AS a) USING (a))", "(SELECT count(*) FROM (SELECT 1 a), (SELECT 2 b) NATURAL JOIN (SELECT 1 a))",
	"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT sum(n) FROM c)",
}

// combined puts every operator next to every other one.
func combined() []string {
	binary := strings.Fields("OR AND = <> < <= > >= & | << >> + - * / % || IS LIKE GLOB")
	binary = append(binary, "IS NOT", "NOT LIKE", "IS DISTINCT FROM", "IS NOT DISTINCT FROM")
	var list []string
	for _, a := range binary {
		for _, b := range binary {
			list = append(list, "7 "+a+" 2 "+b+" 3", "0 "+a+" 1 "+b+" 0")
		}
		for _, prefix := range []string{"NOT", "-", "~"} {
			list = append(list, prefix+" 0 "+a+" 2", "2 "+a+" "+prefix+" 0", "2 "+a+" "+prefix+" 3 = 1")
		}
		for _, suffix := range []string{"ISNULL", "NOT NULL", "BETWEEN 0 AND 1", "NOT IN (1)", "COLLATE NOCASE", "IN (2, 3)"} {
			list = append(list, "1 "+a+" 2 "+suffix, "1 "+suffix+" "+a+" 2")
		}
		list = append(list, "3 BETWEEN 1 AND 2 "+a+" 1")
		if a != "OR" && a != "AND" {
			list = append(list, "3 BETWEEN 1 "+a+" 4 AND 2")
		}
	}
	return list
}

func TestExprMeansWhatSQLiteReads(t *testing.T) {
	t.Parallel()
	db := openMemory(t)
	for _, text := range append(combined(), constants...) {
		want, err := evaluate(db, text)
		tree, parseErr := syntax.ParseExpr(text)
		if (err == nil) != (parseErr == nil) {
			t.Errorf("%s: SQLite says %v, the parser %v", text, err, parseErr)
			continue
		}
		if err != nil {
			continue
		}
		written := syntax.Format(tree)
		again, err := syntax.ParseExpr(written)
		if err != nil {
			t.Errorf("%s: written as %s: %v", text, written, err)
			continue
		}
		if diff := cmp.Diff(tree, again); diff != "" {
			t.Errorf("%s: written as %s, which is another tree:\n%s", text, written, diff)
		}
		got, err := evaluate(db, written)
		if err != nil || got != want {
			t.Errorf("%s: SQLite gives %s; written as %s it gives %s, %v", text, want, written, got, err)
		}
	}
}
