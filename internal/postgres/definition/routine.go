package definition

import (
	"context"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
)

// routines reads functions and procedures. Bodies are not looked into: what a body
// in quotes names is found when it runs.
func (r *reader) routines(ctx context.Context) error {
	var oid uint32
	var schema, name, kind, language, arguments, def string
	return r.query(ctx, `SELECT p.oid, n.nspname::text, p.proname::text, p.prokind::text, l.lanname::text, pg_get_function_identity_arguments(p.oid),
	CASE WHEN p.prokind = 'a' THEN '' ELSE pg_get_functiondef(p.oid) END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE `+userSchema+` AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i') AND `+
		user("p.oid", "pg_proc"), []any{&oid, &schema, &name, &kind, &language, &arguments, &def}, func() {
		o := &object{kind: "function", schema: schema, name: name + "(" + arguments + ")", rank: rankRoutine, self: address{classRoutine, oid}}
		o.ident = "FUNCTION " + postgres.Qualify(schema, name) + "(" + arguments + ")"
		switch {
		case kind == "a":
			o.kind, o.unable = "aggregate", "aggregates are not written"
		case language == "c" || language == "internal":
			o.unable = "it is written in " + language
		case kind == "p":
			o.kind, o.ident = "procedure", strings.Replace(o.ident, "FUNCTION", "PROCEDURE", 1)
		}
		if strings.Contains(def, "\nBEGIN ATOMIC") || strings.Contains(def, "\nRETURN ") {
			o.major = 14
		}
		o.sql = []string{strings.TrimSpace(def)}
		r.add(o)
	})
}

// views reads views and materialized views, which are filled anew.
func (r *reader) views(ctx context.Context) error {
	var oid, rowType, arrayType uint32
	var schema, name, kind, def string
	var options, columns []string
	var populated bool
	return r.query(ctx, `SELECT c.oid, c.reltype, coalesce(t.typarray, 0), n.nspname::text, c.relname::text, c.relkind::text, pg_get_viewdef(c.oid),
	coalesce(c.reloptions, '{}'), array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum), c.relispopulated
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_type t ON t.oid = c.reltype
WHERE c.relkind IN ('v', 'm') AND `+userSchema+` AND `+user("c.oid", "pg_class"),
		[]any{&oid, &rowType, &arrayType, &schema, &name, &kind, &def, &options, &columns, &populated}, func() {
			o := &object{kind: "view", schema: schema, name: name, rank: rankView, self: address{classRelation, oid}}
			tail := ""
			if kind == "m" {
				o.kind = "materialized view"
				if !populated {
					tail = " WITH NO DATA"
				}
			}
			word := strings.ToUpper(o.kind)
			o.ident = word + " " + o.qualified()
			list := ""
			if len(columns) > 0 {
				list = " (" + postgres.QuoteList(columns) + ")"
			}
			o.sql = []string{"CREATE " + word + " " + o.qualified() + list + withOptions(options) + " AS\n" + strings.TrimSuffix(def, ";") + tail}
			for _, option := range options {
				if strings.HasPrefix(option, "security_invoker=") {
					o.major = 15
				}
			}
			r.add(o)
			r.alias(classType, rowType, o)
			r.alias(classType, arrayType, o)
		})
}

// defaults puts defaults into the tables' statements, except those that call
// functions of one's own: functions may need the table.
func (r *reader) defaults(ctx context.Context) error {
	var oid, table uint32
	var column, expression string
	var calls, generated bool
	return r.query(ctx, `SELECT d.oid, d.adrelid, a.attname::text, pg_get_expr(d.adbin, d.adrelid),
	EXISTS (SELECT FROM pg_depend p WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_proc'::regclass AND p.refobjid >= 16384),
	a.attgenerated <> ''
FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
ORDER BY d.adrelid, d.adnum`, []any{&oid, &table, &column, &expression, &calls, &generated}, func() {
		t := r.at[address{classRelation, table}]
		if t == nil || t.rank != rankTable && t.rank != rankView {
			return
		}
		if generated {
			r.alias(classDefault, oid, t)
			return
		}
		what, level := "TABLE ONLY ", rankDefault
		if t.rank == rankView {
			what, level = "VIEW ", rankTrigger
		}
		sql := "ALTER " + what + t.qualified() + " ALTER COLUMN " + postgres.Quote(column) + " SET DEFAULT " + expression
		if t.rank == rankTable && !calls {
			r.inline[columnAt{table, column}] = expression
			r.alias(classDefault, oid, t)
			return
		}
		r.add(&object{
			kind: "default", schema: t.schema, name: column, rank: level, must: t.rank == rankTable, table: t.self,
			self: address{classDefault, oid}, sql: []string{sql},
		})
	})
}
