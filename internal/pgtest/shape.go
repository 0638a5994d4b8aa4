package pgtest

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

const shapeQuery = `
WITH s AS (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
t AS (SELECT c.* FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM s) AND c.relkind IN ('r', 'p') AND c.relname <> 'litehaul_rebuild')
SELECT format('index %s: %s; valid %s, clustered %s, replica identity %s, comment %s, tablespace %s, options %s, targets %s, extensions %s',
              x.oid::regclass, pg_get_indexdef(x.oid), i.indisvalid AND i.indisready AND i.indislive, i.indisclustered, i.indisreplident,
              obj_description(x.oid, 'pg_class'), x.reltablespace, x.reloptions,
              array(SELECT coalesce(a.attstattarget, -1) FROM pg_attribute a WHERE a.attrelid = x.oid ORDER BY a.attnum),
              (SELECT count(*) FROM pg_depend d WHERE d.objid = x.oid AND d.deptype = 'x'))
FROM t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class x ON x.oid = i.indexrelid
UNION ALL SELECT format('constraint %s of %s: %s; valid %s, comment %s', k.conname, t.oid::regclass, pg_get_constraintdef(k.oid),
              k.convalidated, obj_description(k.oid, 'pg_constraint'))
FROM t JOIN pg_constraint k ON k.conrelid = t.oid
UNION ALL SELECT format('trigger %s of %s: %s; enabled %s, comment %s', g.tgname, t.oid::regclass, pg_get_triggerdef(g.oid), g.tgenabled,
              obj_description(g.oid, 'pg_trigger'))
FROM t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
UNION ALL SELECT format('foreign key trigger of %s: %s enabled %s', t.oid::regclass, g.tgfoid::regproc, g.tgenabled)
FROM t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE g.tgisinternal
UNION ALL SELECT format('column %s.%s: %s, default %s, identity %s, target %s, options %s, storage %s, rights %s, comment %s', t.oid::regclass, a.attname,
              format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attidentity, coalesce(a.attstattarget, -1), a.attoptions,
              a.attstorage, a.attacl, col_description(t.oid, a.attnum))
FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
UNION ALL SELECT format('table %s: owner %s, rights %s, options %s, persistence %s, replica identity %s, tablespace %s, comment %s',
              oid::regclass, relowner::regrole, relacl, reloptions, relpersistence, relreplident, reltablespace, obj_description(oid, 'pg_class')) FROM t
UNION ALL SELECT format('statistics %s: %s, target %s', stxname, pg_get_statisticsobjdef(oid), coalesce(stxstattarget, -1)) FROM pg_statistic_ext
UNION ALL SELECT format('relation %s of kind %s', oid::regclass, relkind) FROM pg_class WHERE relnamespace IN (SELECT oid FROM s)
ORDER BY 1`

// Shape tells, one line per object, all that somebody can have set on the tables
// of a database and that a load into them could lose: definitions and
// validity, comments, rights, the marks of CLUSTER and of the replica identity,
// options, statistics targets, the states of triggers. Rows and the numbers of
// sequences are left aside, and so is the table litehaul_rebuild, but for its
// being there.
func Shape(tb testing.TB, database string) []string {
	tb.Helper()
	rows, err := Connect(tb, database).Query(tb.Context(), shapeQuery)
	if err != nil {
		tb.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		tb.Fatal(err)
	}
	return lines
}
