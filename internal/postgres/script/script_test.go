package script_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/postgres/script"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]script.Statement{
		`SET LOCAL search_path = pg_catalog, "x;y"`:                                              {Kind: script.Setting, Object: "search_path"},
		`CREATE SCHEMA IF NOT EXISTS "a;b"`:                                                      {Kind: script.CreateSchema, Object: "a;b"},
		`CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA "public"`:                             {Kind: script.CreateExtension, Object: "citext", Schema: "public"},
		`CREATE TYPE "s"."mood" AS ENUM ('a;', 'b''')`:                                           {Kind: script.CreateType, Schema: "s", Object: "mood"},
		`CREATE DOMAIN s.d AS text CHECK (VALUE <> ';')`:                                         {Kind: script.CreateDomain, Schema: "s", Object: "d"},
		`CREATE SEQUENCE s.q AS bigint START WITH 5`:                                             {Kind: script.CreateSequence, Schema: "s", Object: "q"},
		`ALTER SEQUENCE s.q OWNED BY s.t."id"`:                                                   {Kind: script.OwnSequence, Schema: "s", Object: "q", Table: script.Name{Schema: "s", Name: "t"}},
		"create /* a /* b */ ; */ table \"S\".\"T\"\"q\" (a text DEFAULT E'\\';', -- ;\n b int)": {Kind: script.CreateTable, Table: script.Name{Schema: "S", Name: `T"q`}},
		`CREATE UNIQUE INDEX "i" ON "s"."t" ("a" DESC, (lower("b"))) WHERE a > 1`:                {Kind: script.CreateIndex, Object: "i", Table: script.Name{Schema: "s", Name: "t"}},
		`ALTER TABLE ONLY s.t ADD CONSTRAINT k PRIMARY KEY USING INDEX i`:                        {Kind: script.AddKey, Object: "k", Index: "i", Table: script.Name{Schema: "s", Name: "t"}},
		`ALTER TABLE s.t ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES s.p (a, b) NOT VALID`:    {Kind: script.AddForeignKey, Object: "f", Table: script.Name{Schema: "s", Name: "t"}, Parent: script.Name{Schema: "s", Name: "p"}},
		`ALTER TABLE s.t ADD CONSTRAINT c CHECK (f(a, b) > 1) NOT VALID`:                         {Kind: script.AddConstraint, Object: "c", Table: script.Name{Schema: "s", Name: "t"}},
		`ALTER TABLE s.t VALIDATE CONSTRAINT c`:                                                  {Kind: script.Validate, Object: "c", Table: script.Name{Schema: "s", Name: "t"}},
		`ALTER TABLE s.t ALTER COLUMN a SET STATISTICS 100`:                                      {Kind: script.AlterTable, Object: "a", Table: script.Name{Schema: "s", Name: "t"}},
		`ANALYZE s.t`: {Kind: script.Analyze, Table: script.Name{Schema: "s", Name: "t"}},
		`SELECT setval(pg_get_serial_sequence('"s"."t"', 'id'), 9223372036854775807, true)`: {Kind: script.SetIdentity, Object: "id", Table: script.Name{Schema: "s", Name: "t"}},
		`CREATE VIEW s.v (a, b) AS SELECT ';', $x$;$x$ FROM s.t`:                            {Kind: script.CreateView, Schema: "s", Object: "v"},
		`COMMENT ON COLUMN s.t.a IS 'it''s; so'`:                                            {Kind: script.Comment, Object: "column"},
	} {
		got, err := script.Parse("-- head\n;"+sql+";\n", false)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		want.SQL, want.Line = sql, 2
		if diff := cmp.Diff([]script.Statement{want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sql, diff)
		}
	}
}

// What archives do not have is refused.
func TestRefused(t *testing.T) {
	t.Parallel()
	try := (&script.Attempt{Label: "index i", Raise: script.RaiseFatal, Statements: []string{`CREATE INDEX "i" ON "s"."t" ("a")`}}).SQL()
	if _, err := script.Parse(try, false); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`DROP TABLE s.t`, `DELETE FROM s.t`, `UPDATE s.t SET a = 1`, `INSERT INTO s.t VALUES (1)`, `TRUNCATE s.t`, `COPY s.t TO PROGRAM 'id'`,
		`GRANT ALL ON s.t TO public`, `ALTER ROLE postgres SUPERUSER`, `ALTER SYSTEM SET port = 1`, `CREATE ROLE x`, `SET ROLE postgres`,
		`SET search_path = x`, `SET LOCAL role = x`, `SET LOCAL session_replication_role = replica`, `SET LOCAL client_encoding = 'SJIS'`,
		`SET LOCAL standard_conforming_strings = off`, `SET LOCAL search_path = x; DROP TABLE y`, `RESET ALL`, `COMMIT`, `BEGIN`, `ROLLBACK`,
		`CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`, `CREATE TRIGGER x BEFORE INSERT ON s.t EXECUTE FUNCTION f()`,
		`CREATE RULE r AS ON INSERT TO s.t DO NOTHING`, `CREATE OR REPLACE VIEW s.v AS SELECT 1`, `CREATE TEMP TABLE t (a int)`,
		`CREATE TABLE s.t AS SELECT pg_sleep(9)`, `CREATE TABLE s.t (a int) INHERITS (s.p)`, `CREATE TABLE t (a int)`, `CREATE MATERIALIZED VIEW s.v AS SELECT 1`,
		`CREATE EXTENSION dblink`, `CREATE SCHEMA s AUTHORIZATION postgres`, `CREATE SCHEMA IF NOT EXISTS s CREATE TABLE x (a int)`,
		`CREATE INDEX i ON t (a)`, `CREATE INDEX CONCURRENTLY i ON s.t (a)`, `CREATE INDEX i ON s.t (a), DROP x`,
		`ALTER TABLE s.t DROP COLUMN a`, `ALTER TABLE s.t OWNER TO x`, `ALTER TABLE s.t RENAME TO u`, `ALTER TABLE s.t DISABLE TRIGGER ALL`,
		`ALTER TABLE s.t ADD CONSTRAINT c CHECK (true), DROP COLUMN a`, `ALTER TABLE s.t VALIDATE CONSTRAINT c, DROP COLUMN a`,
		`ALTER TABLE s.t ALTER a SET DATA TYPE text USING f(a)`, `ALTER TABLE s.t ALTER a SET DEFAULT 1, DROP COLUMN b`, `ALTER TABLE s.t ADD COLUMN x int`,
		`SELECT 1`, `SELECT pg_terminate_backend(1)`, `SELECT setval(pg_get_serial_sequence('s.t', 'id'), 1, true), pg_sleep(9)`,
		`SELECT setval('x', 1, true)`, `SELECT setval(pg_get_serial_sequence(f('s.t'), 'id'), 1, true)`,
		`COMMENT ON DATABASE d IS 'x'`, `COMMENT ON ROLE r IS 'x'`, `COMMENT ON TABLE s.t IS lo_import('x')`,
		`ANALYZE`, `ANALYZE s.t, s.u`, `VACUUM s.t`, `DO $$BEGIN PERFORM pg_sleep(9); END$$`, `DO LANGUAGE plpython3u $$x$$`,
		`CREATE VIEW s.v AS SELECT U&"\0041"`, `CREATE TABLE s.t (a text DEFAULT 'x`, `CREATE TABLE s.t (a text "x)`, `CREATE TABLE s.t (a /* x)`, `DO $x$ BEGIN`,
		"CREATE TABLE s.t (a text DEFAULT E'x'\n'\\''); DROP TABLE y; --')", "CREATE TABLE s.t (a text DEFAULT E'x' -- y\n '\\''); DROP TABLE y; --')",
		"CREATE TABLE s.t (a text DEFAULT '\x00')", "CREATE TABLE s.t (a\x00 text)",
		"\\! id", "\\connect x",
		strings.Replace(try, "    CREATE", "    DROP TABLE x; CREATE", 1),
		strings.Replace(try, "BEGIN\n", "BEGIN\n    PERFORM pg_sleep(9);\n", 1),
		strings.Replace(try, "|| SQLERRM", "|| pg_sleep(9)", 1),
		strings.Replace(try, "THEN RAISE; END IF;", "THEN PERFORM pg_sleep(9); END IF;", 1),
		strings.Replace(try, "'08'", "'09'", 1), strings.Replace(try, "END\n$", "END; DROP TABLE x\n$", 1),
		strings.Replace(try, "    CREATE INDEX \"i\" ON \"s\".\"t\" (\"a\");\n", "", 1),
		try + " LANGUAGE plperl", strings.ReplaceAll(try, "$litehaul$", "$x$"),
		strings.Replace(try, `("a")`, `("a"); ANALYZE "s"."t"`, 1),
	} {
		if got, err := script.Parse("ANALYZE a.b;"+sql, false); err == nil {
			t.Errorf("%s was taken for %+v", sql, got[1:])
		}
	}
}

// Blocks are read as they were written, whatever their labels and statements.
func TestAttempt(t *testing.T) {
	t.Parallel()
	for _, a := range []script.Attempt{
		{Label: "index a", Raise: script.RaiseFatalOrUnique, Statements: []string{`CREATE INDEX "a;" ON "s"."t" ((lower("x") || ';'))`}},
		{Label: `unique it's \ "q"`, Raise: script.RaiseAllButTooLarge, Statements: []string{`CREATE UNIQUE INDEX "u" ON "s"."t" ("x")`, `ALTER TABLE "s"."t" ADD CONSTRAINT "u" UNIQUE USING INDEX "u"`}},
		{Label: "foreign key f", Raise: script.RaiseFatalOrForeign, Statements: []string{`ALTER TABLE "s"."t" ADD CONSTRAINT "f" FOREIGN KEY ("x") REFERENCES "s"."p" ("y") NOT VALID`}, Then: `ALTER TABLE "s"."t" VALIDATE CONSTRAINT "f"`},
		{Label: "view $litehaul$", Raise: script.RaiseFatal, Statements: []string{`CREATE VIEW "s"."v" AS SELECT '$litehaul$', 'EXCEPTION'`}},
	} {
		got, err := script.Parse(a.SQL()+";", false)
		if err != nil {
			t.Errorf("%s: %v", a.SQL(), err)
			continue
		}
		var inner []string
		for _, s := range got[0].Inner {
			inner = append(inner, s.SQL)
		}
		want := a.Statements
		if a.Then != "" {
			want = append(want, a.Then)
		}
		if diff := cmp.Diff(want, inner); diff != "" || got[0].Label != a.Label || got[0].Kind != script.Try {
			t.Errorf("%q, inner statements (-want +got):\n%s", got[0].Label, diff)
		}
	}
}

// FuzzParse: whatever is read, its statements read again are the same ones.
func FuzzParse(f *testing.F) {
	f.Add(`CREATE TABLE "a"."b" ("c" text DEFAULT E'\';'); -- x` + "\nANALYZE a.b;")
	f.Add(`SET LOCAL jit = off; CREATE VIEW a.v AS SELECT $q$;$q$, 1e5, $1 /* ; /* */ */;`)
	f.Add((&script.Attempt{Label: "index i", Raise: script.RaiseFatal, Statements: []string{`CREATE INDEX "i" ON "s"."t" ("a")`}, Then: `ANALYZE s.t`}).SQL())
	f.Fuzz(func(t *testing.T, sql string) {
		list, err := script.Parse(sql, false)
		if err != nil {
			return
		}
		for _, s := range list {
			again, err := script.Parse(s.SQL, false)
			if err != nil || len(again) != 1 {
				t.Fatalf("%q: %d statements, %v", s.SQL, len(again), err)
			}
			again[0].Line = s.Line
			if diff := cmp.Diff(s, again[0]); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}
