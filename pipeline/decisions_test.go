package pipeline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/pipeline"
)

// TestDecisions: the report tells as data what becomes of each table and column.
func TestDecisions(t *testing.T) {
	t.Parallel()
	path := sqliteFile(t,
		"CREATE TABLE parent (id INTEGER PRIMARY KEY, token BLOB(16))",
		"CREATE TABLE child (id INTEGER PRIMARY KEY, parent INT REFERENCES parent, at DATETIME)",
		"CREATE TABLE left (x)",
		"INSERT INTO parent VALUES (1, NULL)",
		"INSERT INTO child VALUES (1, 1, 1700000000000), (2, 7, 1700000001000)",
		"CREATE TRIGGER tr AFTER INSERT ON child BEGIN DELETE FROM left; END")
	rep, err := pipeline.Inspect(t.Context(), pipeline.Config{Source: path, Exclude: []string{"left"}})
	if err != nil {
		t.Fatal(err)
	}
	want := &pipeline.Plan{
		Into: planfile.Create, Schema: "public",
		Tables: []planfile.Table{
			{Name: "parent", Action: planfile.Load, Rows: 1, To: planfile.Name{Table: "parent"}, Columns: []planfile.Column{
				{Name: "id", Declared: "INTEGER", Action: planfile.Load, Type: "bigint", Evidence: "1 integer: all 0 or 1"},
				{Name: "token", Declared: "BLOB(16)", Action: planfile.Load, Type: "bytea", Evidence: "no values; 1 NULL"},
			}},
			{Name: "child", Action: planfile.Load, Rows: 2, To: planfile.Name{Table: "child"}, Columns: []planfile.Column{
				{Name: "id", Declared: "INTEGER", Action: planfile.Load, Type: "bigint", Evidence: "2 integers: from 1 to 2"},
				{Name: "parent", Declared: "INT", Action: planfile.Load, Type: "bigint", Evidence: "2 integers: from 1 to 7"},
				{
					Name: "at", Declared: "DATETIME", Action: planfile.Load, Type: "timestamptz", Forms: []string{"epoch-ms"},
					Evidence: "2 integers: epoch milliseconds, 2023-11-14", Why: "epoch milliseconds",
				},
			}},
			{Name: "left", Action: planfile.Skip, Rows: -1, Why: "not chosen by --tables and --exclude"},
		},
	}
	ignore := cmp.Options{
		cmpopts.IgnoreFields(planfile.Plan{}, "Source", "Policies", "Hazards", "LeftOut"),
		cmpopts.IgnoreFields(planfile.Table{}, "Source"),
	}
	if diff := cmp.Diff(want, rep.Plan, ignore); diff != "" {
		t.Errorf("decided (-want +got):\n%s", diff)
	}
	if len(rep.Plan.Hazards) != 1 || rep.Plan.Hazards[0].Code != "orphans" || rep.Plan.Hazards[0].Settled != "" {
		t.Errorf("hazards %+v, want the orphan", rep.Plan.Hazards)
	}
	if v, ok := rep.Plan.Policy("orphans"); !ok || v.Value != "fail" {
		t.Errorf("orphans are %q, want fail", v.Value)
	}
}
