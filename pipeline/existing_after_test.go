package pipeline_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/pipeline"
)

// adorn sets on each table of a database what an administrator may have set by
// hand: comments, the mark of CLUSTER, a replica identity, options and
// statistics targets, triggers in each state.
const adorn = `
CREATE FUNCTION adorned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trigger % fired', TG_NAME; END $$;
DO $$
DECLARE
	t record; x record; n int := 0;
BEGIN
	FOR x IN SELECT conname, conrelid::regclass AS rel FROM pg_constraint
	         WHERE conrelid <> 0 AND connamespace = 'public'::regnamespace LOOP
		EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', x.conname, x.rel, 'it''s \ ' || x.conname);
	END LOOP;
	FOR x IN SELECT indexrelid::regclass AS idx, indrelid::regclass AS rel, c.relname, a.amname = 'btree' AS btree, i.indpred IS NOT NULL AS part, i.indexprs IS NOT NULL AS expr
	         FROM pg_index i JOIN pg_class c ON c.oid = indexrelid JOIN pg_am a ON a.oid = c.relam
	         WHERE c.relnamespace = 'public'::regnamespace ORDER BY i.indisunique DESC, c.relname LOOP
		n := n + 1;
		EXECUTE format('COMMENT ON INDEX %s IS %L', x.idx, n || ' "' || x.relname);
		IF x.btree THEN
			EXECUTE format('ALTER INDEX %s SET (fillfactor = %s)', x.idx, 60 + n % 30);
		END IF;
		IF x.btree AND NOT x.part THEN
			EXECUTE format('ALTER TABLE %s CLUSTER ON %I', x.rel, x.relname);
		END IF;
		IF x.expr THEN
			EXECUTE format('ALTER INDEX %s ALTER COLUMN 1 SET STATISTICS %s', x.idx, 100 + n);
		END IF;
	END LOOP;
	FOR t IN SELECT oid::regclass AS rel, oid, row_number() OVER (ORDER BY relname) AS nth FROM pg_class
	         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
		EXECUTE format('CREATE TRIGGER adorn_o BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION adorned()', t.rel);
		EXECUTE format('CREATE TRIGGER adorn_a AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION adorned()', t.rel);
		EXECUTE format('CREATE CONSTRAINT TRIGGER adorn_c AFTER INSERT ON %s DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION adorned()', t.rel);
		EXECUTE format('CREATE TRIGGER adorn_d AFTER INSERT ON %s FOR EACH STATEMENT EXECUTE FUNCTION adorned()', t.rel);
		EXECUTE format('ALTER TABLE %s %s TRIGGER adorn_a', t.rel, (ARRAY['ENABLE ALWAYS', 'ENABLE REPLICA', 'ENABLE'])[1 + t.nth % 3]);
		EXECUTE format('ALTER TABLE %s DISABLE TRIGGER adorn_d', t.rel);
		EXECUTE format('COMMENT ON TRIGGER adorn_o ON %s IS %L', t.rel, t.nth);
		-- A replica identity may be an index that is no key's.
		SELECT c.relname INTO x FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
			WHERE i.indrelid = t.oid AND i.indisunique AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
			AND NOT EXISTS (SELECT FROM unnest(i.indkey::int2[]) k JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k WHERE NOT a.attnotnull)
			ORDER BY i.indisprimary, c.relname LIMIT 1;
		IF FOUND THEN
			EXECUTE format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', t.rel, x.relname);
		END IF;
	END LOOP;
END $$`

// TestTwinsAfter moves each twin as a plain owner, with all indexes dropped and
// rebuilt. Everything stands then as it stood before, and an application can go
// on writing to each table.
func TestTwinsAfter(t *testing.T) {
	t.Parallel()
	for _, dump := range sharedtest.Twins(t, "target.sql") {
		folder := filepath.Dir(dump)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t)
			owner := server.Role(t)
			url := owner.URL(t, server.DatabaseWith(t, pgtest.DatabaseOptions{Owner: owner.Name}))
			pgtest.LoadDump(t, url, dump)
			runSQL(t, url, adorn)
			before := pgtest.Shape(t, url)
			move(t, pipeline.RebuildAll(pipeline.Config{
				Source: copyDatabase(t, filepath.Join(folder, "source.sqlite3")), Target: url,
				OnData: pipeline.OnDataTruncate, Confirm: agree,
			}))
			if diff := cmp.Diff(before, pgtest.Shape(t, url)); diff != "" {
				t.Errorf("the target's shape (-before +after):\n%s", diff)
			}
			// They must not fire during the load, and may now.
			runSQL(t, url, "CREATE OR REPLACE FUNCTION adorned() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
			insertEverywhere(t, url)
		})
	}
}

// insertEverywhere puts a row into each table of the schema public as plain SQL
// does: numbers and whatever else has a default come from there.
func insertEverywhere(t *testing.T, url string) {
	t.Helper()
	conn := pgtest.Connect(t, url)
	n := 0
	for _, table := range ask(t, url, `SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`) {
		sql := oneMoreRow(t, conn, table)
		if sql == "" {
			continue
		}
		n++
		tag, err := conn.Exec(t.Context(), sql)
		if err != nil || tag.RowsAffected() != 1 {
			t.Errorf("%s: %v, %d rows\n%s", table, err, tag.RowsAffected(), sql)
		}
	}
	if n < 5 {
		t.Errorf("only %d tables got a row", n)
	}
}

// freshColumn is a column for which a row has to name a value.
type freshColumn struct {
	name, typ   string
	unique      bool // in some unique index
	parent, key string
}

// freshQuery calls unique what a unique index looks at; a foreign key's column
// only where all columns of the index are those of foreign keys, so that no
// other one can hold the rows apart.
const freshQuery = `
WITH fk AS (SELECT conrelid, conkey[1] AS att, min(confrelid::regclass::text) AS parent, min(quote_ident(f.attname)) AS key
            FROM pg_constraint k JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[1]
            WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 GROUP BY 1, 2)
SELECT a.attname::text, format_type(a.atttypid, NULL), coalesce(fk.parent, ''), coalesce(fk.key, ''),
       EXISTS (SELECT FROM pg_index i JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
               WHERE i.indrelid = c.oid AND i.indisunique AND d.refobjid = c.oid AND d.refobjsubid = a.attnum
                 AND (fk.att IS NULL OR NOT EXISTS (SELECT FROM unnest(i.indkey::int2[]) u WHERE u NOT IN (SELECT att FROM fk WHERE conrelid = c.oid))))
       OR EXISTS (SELECT FROM pg_constraint p WHERE p.conrelid = c.oid AND p.contype IN ('p', 'u') AND a.attnum = ANY (p.conkey)
                 AND (fk.att IS NULL OR p.conkey <@ array(SELECT att FROM fk WHERE conrelid = c.oid)))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN fk ON fk.conrelid = c.oid AND fk.att = a.attnum
WHERE c.oid = $1::regclass AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = ''
ORDER BY a.attnum`

// oneMoreRow writes an INSERT of a row that is like one of the table's, but for
// what has to be unique; "" for an empty table.
func oneMoreRow(t *testing.T, conn *pgx.Conn, table string) string {
	t.Helper()
	name := postgres.Qualify("public", table)
	rows, err := conn.Query(t.Context(), freshQuery, name)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c freshColumn, err error) {
		err = row.Scan(&c.name, &c.typ, &c.parent, &c.key, &c.unique)
		return c, err
	})
	if err != nil {
		t.Fatal(err)
	}
	var filled bool
	if err := conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM "+name+")").Scan(&filled); err != nil {
		t.Fatal(err)
	}
	if !filled {
		return ""
	}
	if len(list) == 0 {
		return "INSERT INTO " + name + " DEFAULT VALUES"
	}
	from := "(SELECT * FROM " + name + " LIMIT 1) r"
	var cols, vals, apart []string
	for i, c := range list {
		col := postgres.Quote(c.name)
		val := "r." + col
		switch {
		case c.unique && c.parent != "":
			from += fmt.Sprintf(" CROSS JOIN %s p%d", c.parent, i)
			val = fmt.Sprintf("p%d.%s", i, c.key)
			apart = append(apart, fmt.Sprintf("x.%s = %s", col, val))
		case c.unique:
			val = freshValue(c, name)
		}
		cols, vals = append(cols, col), append(vals, val)
	}
	where := ""
	if len(apart) > 0 {
		where = fmt.Sprintf(" WHERE NOT EXISTS (SELECT FROM %s x WHERE %s)", name, strings.Join(apart, " AND "))
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s%s LIMIT 1", name, strings.Join(cols, ", "), strings.Join(vals, ", "), from, where)
}

// freshValue gives the SQL of a value that no row has.
func freshValue(c freshColumn, table string) string {
	switch c.typ {
	case "text", "character varying", "character":
		return "left(md5(random()::text), 4)"
	case "uuid":
		return "gen_random_uuid()"
	case "bytea":
		return "decode(md5(random()::text), 'hex')"
	case "date", "timestamp without time zone", "timestamp with time zone", "interval":
		return fmt.Sprintf("(SELECT max(%s) + interval '1 day' FROM %s)", postgres.Quote(c.name), table)
	case "smallint", "integer", "bigint", "numeric":
		return fmt.Sprintf("(SELECT max(%s) + 1 FROM %s)", postgres.Quote(c.name), table)
	}
	return "r." + postgres.Quote(c.name)
}
