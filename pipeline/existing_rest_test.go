package pipeline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestExistingLeavesOut: what the source has besides tables is in the report,
// with what the application has in its place.
func TestExistingLeavesOut(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, `CREATE TABLE t (id int PRIMARY KEY, doc text); CREATE TABLE u (id int PRIMARY KEY);
		CREATE VIEW "BigOnes" AS SELECT * FROM t WHERE id > 1;
		CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
		CREATE TRIGGER stamp AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()`)
	rep := move(t, pipeline.Config{Target: url, Source: sqliteFile(t,
		smallTable, "CREATE TABLE u (id INTEGER PRIMARY KEY)",
		"CREATE VIEW big_ones AS SELECT * FROM t WHERE id > 1", "CREATE VIEW other AS SELECT id FROM t",
		"CREATE TRIGGER t_log AFTER INSERT ON t BEGIN SELECT 1; END", "CREATE TRIGGER u_log AFTER INSERT ON u BEGIN SELECT 1; END",
		"CREATE VIRTUAL TABLE words USING fts5(doc)")})
	var got []string
	for _, o := range rep.Objects {
		got = append(got, o.Kind+" "+o.Name+" "+o.Status+": "+o.Why)
	}
	want := []string{
		"view big_ones left out: the target's views are the application's own: it has a view BigOnes",
		"view other left out: the target's views are the application's own: it has none of this name",
		"trigger t_log left out: the target's triggers are the application's own: the table has stamp",
		"trigger u_log left out: the target's triggers are the application's own: the table has none",
		"virtual table words left out: a virtual table of the module fts5; its 5 shadow tables hold no data of their own",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
