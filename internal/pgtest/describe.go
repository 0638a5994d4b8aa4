package pgtest

import (
	"strings"
	"testing"
)

const describeQuery = `SELECT coalesce(string_agg(line, E'\n' ORDER BY line COLLATE "C"), '') FROM (
	SELECT format('%s.%s %s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)) AS line
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
	WHERE a.attnum > 0 AND c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'v')
	UNION ALL SELECT format('%s %s %s', conname, convalidated, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = $1::text::regnamespace AND contype <> 'n'
	UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = $1
	UNION ALL SELECT format('%s %s', viewname, definition) FROM pg_views WHERE schemaname = $1
	UNION ALL SELECT format('%s next %s', sequencename, coalesce(last_value + 1, start_value)) FROM pg_sequences
		WHERE schemaname = $1 AND last_value IS DISTINCT FROM 9223372036854775807
	UNION ALL SELECT tablename || ' ' || (xpath('/row/n/text()', query_to_xml(format(
		'SELECT concat_ws(''/'', count(*), md5(string_agg(md5(x::text), '''' ORDER BY md5(x::text)))) AS n FROM %I.%I x', schemaname, tablename), false, true, '')))[1]::text
	FROM pg_tables WHERE schemaname = $1
) x`

// Describe tells what stands in a schema: columns with their defaults, keys, indexes,
// constraints and whether they are validated, views, what sequences give next, and of
// each table the number of its rows and a digest of them, whatever their order.
func Describe(tb testing.TB, database, schema string) []string {
	tb.Helper()
	var text string
	if err := Connect(tb, database).QueryRow(tb.Context(), describeQuery, schema).Scan(&text); err != nil {
		tb.Fatal(err)
	}
	return strings.Split(text, "\n")
}
