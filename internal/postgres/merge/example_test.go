package merge_test

import (
	"fmt"

	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/merge"
)

// Rows that stand under the key of one of ours get its values, others are added.
// Move runs both statements as one.
func ExampleRows() {
	integer := &catalog.Type{Schema: "pg_catalog", Name: "int4", Text: "integer", Class: catalog.Scalar}
	rows := merge.Rows{
		Into: &catalog.Relation{
			Ref:     catalog.Ref{Schema: "public", Name: "tags"},
			Columns: []*catalog.Column{{Name: "id", Type: integer}, {Name: "n", Type: integer}, {Name: "noted_at", Type: integer}},
		},
		From: "pg_temp.tags", Columns: []string{"id", "n"}, Key: []string{"id"}, Standing: merge.Replaced,
	}
	fmt.Println(merge.Stage("tags", `"public"."tags"`, rows.Columns, rows.Columns))
	fmt.Println(rows.Update())
	fmt.Println(rows.Insert())
	// Output:
	// CREATE TEMP TABLE tags ON COMMIT DROP AS SELECT "id" AS "id", "n" AS "n" FROM ONLY "public"."tags" WITH NO DATA
	// UPDATE ONLY "public"."tags" AS t SET "id" = v."id", "n" = v."n" FROM pg_temp.tags v WHERE t."id" OPERATOR("pg_catalog".=) v."id" AND CAST(ROW(t."id", t."n") AS record) OPERATOR(pg_catalog.*<>) CAST(ROW(v."id", v."n") AS record)
	// INSERT INTO "public"."tags" ("id", "n") SELECT v."id", v."n" FROM pg_temp.tags v WHERE NOT EXISTS (SELECT FROM ONLY "public"."tags" t WHERE t."id" OPERATOR("pg_catalog".=) v."id")
}
