package syntax_test

import (
	"errors"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, sql, want string }{
		{"unknown word", "CREATE TABLE t (a) FOO", `syntax error near "FOO" at byte 19: want WITHOUT ROWID or STRICT`},
		{"end", "CREATE TABLE t (a", "syntax error at the end, byte 17: want a comma or a closing parenthesis"},
		{"nothing", "", "syntax error at the end, byte 0: want CREATE"},
		{"open string", "CREATE TABLE t (a DEFAULT 'x)", `syntax error near "'x)" at byte 26: want a token of SQL`},
		{"two statements", "CREATE TABLE t (a); DROP TABLE t", `syntax error near "DROP" at byte 20: want the end`},
		{"reserved name", "CREATE TABLE table (a)", `syntax error near "table" at byte 13: want a table name`},
		{"long token", "CREATE TABLE " + strings.Repeat("1a\u00e9", 30), `syntax error near "` + strings.Repeat("1a\u00e9", 10) + `" at byte 13: want a token of SQL`},
		{"control character", "CREATE TABLE t (a \x01)", `syntax error near "\x01" at byte 18: want a token of SQL`},
		{"no columns", "CREATE TABLE t ()", `syntax error near ")" at byte 16: want a column name`},
		{"column behind constraint", "CREATE TABLE t (a, CHECK (1), b)", `syntax error near "b" at byte 30: want a table constraint`},
		{"word as length", "CREATE TABLE t (a VARCHAR(MAX))", `syntax error near "MAX" at byte 26: want a number`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			table, err := syntax.ParseCreateTable(tt.sql)
			var syntaxErr *syntax.SyntaxError
			if table != nil || !errors.As(err, &syntaxErr) {
				t.Fatalf("got %v, %v", table, err)
			}
			if err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestExprErrors holds texts that only begin as an expression.
func TestExprErrors(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{
		"", "1 2", "1;", "(1", "1)", "()", "a.b.c.d", "1_", "1__0", "1_.0", "12ab", "x'0'", "x'0g'", "#1", "$", "@ a", "a ! b", "[a", "`a",
		"a NOT b", "a BETWEEN 1", "a BETWEEN 1 OR 0 AND 2", "CASE END", "CASE WHEN 1 END", "cast", "cast + 1", "raise", "RAISE(FAIL)",
		"f(DISTINCT *)", "f(*, 1)", "f(1,)", "f() OVER (ROWS 1)", "f() OVER (ROWS BETWEEN 1 FOLLOWING)", "IN (1)", "1 IN", "x IN (SELECT)",
		"a ESCAPE b", "a COLLATE 5", "select", "(WITH)", "(SELECT 1 UNION)", "(VALUES (1) LIMIT 1)", "(SELECT 1 LIMIT 1 UNION SELECT 2)",
		"(SELECT * FROM a ON 1)", "(SELECT * FROM a OUTER JOIN b)", "(SELECT * FROM a INNER LEFT JOIN b)", "-", "1 ->", "1 \x0b+ 1 \x01",
	} {
		if x, err := syntax.ParseExpr(sql); err == nil {
			t.Errorf("%q: read as %s", sql, syntax.Format(x))
		}
	}
}

// nested gives texts that nest n deep in every way the grammar knows.
func nested(n int) map[string]string {
	wrap := func(open, inner, end string) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	return map[string]string{
		"parentheses": wrap("(", "1", ")"),
		"not":         wrap("NOT ", "1", ""),
		"minus":       wrap("- ", "1", ""),
		"call":        wrap("f(", "1", ")"),
		"case":        wrap("CASE ", "1", " WHEN 1 THEN 1 END"),
		"cast":        wrap("CAST(", "1", " AS INT)"),
		"in":          wrap("1 IN (", "1", ")"),
		"select":      wrap("(SELECT ", "1", ")"),
		"exists":      wrap("EXISTS (SELECT ", "1", ")"),
		"with":        wrap("(WITH a AS (SELECT ", "1", ") SELECT 1)"),
		"from":        "(SELECT 1 FROM " + wrap("(", "a", ")") + ")",
		"subqueries":  "(SELECT 1 FROM " + wrap("(SELECT 1 FROM ", "a", ")") + ")",
		"over":        wrap("f() OVER (ORDER BY ", "1", ")"),
		"right":       wrap("1 + (", "1", ")"),
	}
}

// chains give texts that grow a high tree without nesting.
func chains(n int) map[string]string {
	return map[string]string{
		"plus":    "1" + strings.Repeat("+1", n),
		"and":     "1" + strings.Repeat(" AND 1", n),
		"isnull":  "1" + strings.Repeat(" ISNULL", n),
		"collate": "1" + strings.Repeat(" COLLATE a", n),
		"joins":   "(SELECT 1 FROM a" + strings.Repeat(",a", n) + ")",
	}
}

func TestDepth(t *testing.T) {
	// The limit on the stack is for the whole process: no t.Parallel.
	const stack = 4 << 20
	defer debug.SetMaxStack(debug.SetMaxStack(stack))
	const fine, tooDeep, huge = 300, 1001, 300_000
	const edge = 990 // where some forms, which take two levels each, are refused
	for what, texts := range map[string]func(int) map[string]string{"nested": nested, "chain": chains} {
		for name, sql := range texts(fine) {
			x, err := syntax.ParseExpr(sql)
			if err != nil {
				t.Errorf("%s %s, %d deep: %v", what, name, fine, err)
				continue
			}
			_ = syntax.Format(x)
		}
		for _, sql := range texts(edge) {
			if x, err := syntax.ParseExpr(sql); err == nil {
				_ = syntax.Format(x)
			}
		}
		for _, n := range []int{tooDeep, huge} {
			for name, sql := range texts(n) {
				var syntaxErr *syntax.SyntaxError
				if _, err := syntax.ParseExpr(sql); !errors.As(err, &syntaxErr) {
					t.Errorf("%s %s, %d deep: no error", what, name, n)
				}
			}
		}
	}
}

// TestHeightAddsUp puts chains into the first operands of chains: each is low
// and nests little, but the tree would be too high.
func TestHeightAddsUp(t *testing.T) {
	t.Parallel()
	const levels, links = 50, 50
	sql := strings.Repeat("(", levels) + "1" + strings.Repeat(strings.Repeat("+1", links)+")", levels)
	if _, err := syntax.ParseExpr(sql); err == nil {
		t.Error("a tree of 2500 levels was built")
	}
	sql = "(SELECT 1 FROM " + strings.Repeat("(", levels) + "a" + strings.Repeat(strings.Repeat(",a", links)+")", levels) + ")"
	if _, err := syntax.ParseExpr(sql); err == nil {
		t.Error("a join of 2500 levels was built")
	}
}

// TestLargeText reads texts of a megabyte, good and bad, in linear time: the
// deadline is far above what that takes and far below the square of it.
func TestLargeText(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	tests := []struct {
		name, sql string
		ok        bool
	}{
		{"values", "(VALUES (1)" + fill(",(1)") + ")", true},
		{"list", "1 IN (1" + fill(",1") + ")", true},
		{"string", "'" + fill("''") + "'", true},
		{"name", fill("a"), true},
		{"comment", fill("/**/") + "1", true},
		{"type", "CAST(1 AS a" + fill(" a") + ")", true},
		{"windows", "(SELECT 1" + fill(" /* c */ window,") + "1)", true},
		{"over", fill("f() over "), false},
		{"quotes", fill(`"`), true},
		{"open quotes", fill("'a "), false},
		{"parameter", "$a(" + fill("x") + ")", true},
		{"raise", fill("raise(abort,"), false},
		{"frames", fill("f() over (rows "), false},
		{"too large", fill("a") + fill("a") + "a", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			x, err := syntax.ParseExpr(tt.sql)
			if (err == nil) != tt.ok {
				t.Errorf("error: %v", err)
			}
			if err == nil {
				_ = syntax.Format(x)
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func TestTooManyColumns(t *testing.T) {
	t.Parallel()
	const limit = 32767
	if _, err := syntax.ParseCreateTable("CREATE TABLE t (a" + strings.Repeat(",a", limit-1) + ")"); err != nil {
		t.Error(err)
	}
	if _, err := syntax.ParseCreateTable("CREATE TABLE t (a" + strings.Repeat(",a", limit) + ")"); err == nil {
		t.Error("no error")
	}
}
