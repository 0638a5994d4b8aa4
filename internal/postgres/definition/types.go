package definition

import (
	"context"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
)

// publicSchema stands in every database.
const publicSchema = "public"

func (r *reader) schemas(ctx context.Context) error {
	var o object
	return r.query(ctx, `SELECT n.oid, n.nspname::text FROM pg_namespace n WHERE `+userSchema+` AND (n.nspname = 'public' OR `+
		user("n.oid", "pg_namespace")+`)`, []any{&o.self.oid, &o.name}, func() {
		x := r.add(&object{
			kind: "schema", name: o.name, rank: rankSchema, self: address{classSchema, o.self.oid}, ident: "SCHEMA " + postgres.Quote(o.name),
		})
		if o.name != publicSchema {
			x.sql = []string{"CREATE SCHEMA IF NOT EXISTS " + postgres.Quote(o.name)}
		}
	})
}

// extensions come with all that belongs to them. Those of initdb stand everywhere.
func (r *reader) extensions(ctx context.Context) error {
	var oid uint32
	var name, schema string
	var inside bool
	err := r.query(ctx, `SELECT e.oid, e.extname::text, n.nspname::text,
	EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.oid >= `+fmt.Sprint(firstUser),
		[]any{&oid, &name, &schema, &inside}, func() {
			sql := "CREATE EXTENSION IF NOT EXISTS " + postgres.Quote(name)
			if !inside { // else it makes the schema itself
				sql += " WITH SCHEMA " + postgres.Quote(schema)
			}
			r.add(&object{kind: "extension", name: name, rank: rankExtension, self: address{classExtension, oid}, sql: []string{sql}})
		})
	if err != nil {
		return err
	}
	var part address
	return r.query(ctx, `SELECT d.classid, d.objid, d.refobjid FROM pg_depend d
WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass`, []any{&part.class, &part.oid, &oid}, func() {
		if e := r.at[address{classExtension, oid}]; e != nil {
			r.at[part] = e // not a part: what it needs is the extension's affair
		}
	})
}

func (r *reader) collations(ctx context.Context) error {
	var oid uint32
	var schema, name, provider, locale, collate, ctype, rules string
	var deterministic bool
	query := fmt.Sprintf(`SELECT c.oid, n.nspname::text, c.collname::text, c.collprovider::text, %s,
	coalesce(c.collcollate::text, ''), coalesce(c.collctype::text, ''), %s, c.collisdeterministic
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE %s`,
		r.since(170000, "coalesce(c.colllocale, '')", r.since(150000, "coalesce(c.colliculocale, '')", "CASE c.collprovider WHEN 'i' THEN c.collcollate::text ELSE '' END")),
		r.since(160000, "coalesce(c.collicurules, '')", "''"), user("c.oid", "pg_collation"))
	return r.query(ctx, query, []any{&oid, &schema, &name, &provider, &locale, &collate, &ctype, &rules, &deterministic}, func() {
		o := &object{kind: "collation", schema: schema, name: name, rank: rankCollation, self: address{classCollation, oid}}
		o.ident = "COLLATION " + o.qualified()
		var options []string
		switch provider {
		case "i":
			options = []string{"provider = icu", "locale = " + postgres.Literal(locale)}
		case "b":
			options = []string{"provider = builtin", "locale = " + postgres.Literal(locale)}
			o.major = 17
		default:
			options = []string{"provider = libc", "lc_collate = " + postgres.Literal(collate), "lc_ctype = " + postgres.Literal(ctype)}
		}
		if !deterministic {
			options = append(options, "deterministic = false")
		}
		if rules != "" {
			options = append(options, "rules = "+postgres.Literal(rules))
			o.major = 16
		}
		o.sql = []string{"CREATE COLLATION " + o.qualified() + " (" + strings.Join(options, ", ") + ")"}
		r.add(o)
	})
}

// types reads enums and composites, and knows of the others.
func (r *reader) types(ctx context.Context) error {
	var oid, array, relation uint32
	var schema, name, kind string
	var labels, fields []string
	query := `SELECT t.oid, t.typarray, t.typrelid, n.nspname::text, t.typname::text, t.typtype::text,
	array(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
	array(SELECT format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
			CASE WHEN a.attcollation <> b.typcollation THEN format(' COLLATE %I.%I', cn.nspname, k.collname) END)
		FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid LEFT JOIN pg_collation k ON k.oid = a.attcollation
			LEFT JOIN pg_namespace cn ON cn.oid = k.collnamespace
		WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.typtype IN ('e', 'c', 'r', 'b') AND (t.typtype <> 'b' OR t.typelem = 0 OR t.typcategory <> 'A') AND (t.typrelid = 0 OR c.relkind = 'c') AND ` + user("t.oid", "pg_type")
	return r.query(ctx, query, []any{&oid, &array, &relation, &schema, &name, &kind, &labels, &fields}, func() {
		o := r.add(&object{kind: "type", schema: schema, name: name, rank: rankType, self: address{classType, oid}})
		o.ident = "TYPE " + o.qualified()
		r.alias(classType, array, o)
		r.alias(classRelation, relation, o)
		switch kind {
		case "e":
			for i, l := range labels {
				labels[i] = postgres.Literal(l)
			}
			o.sql = []string{"CREATE TYPE " + o.qualified() + " AS ENUM (" + strings.Join(labels, ", ") + ")"}
		case "c":
			o.sql = []string{"CREATE TYPE " + o.qualified() + " AS (" + strings.Join(fields, ", ") + ")"}
		case "r":
			o.unable = "range types of one's own are not written"
		default:
			o.unable = "base types of one's own are not written"
		}
	})
}

// domains reads domains with their checks.
func (r *reader) domains(ctx context.Context) error {
	var oid, array uint32
	var schema, name, base, collation, def string
	var notNull bool
	err := r.query(ctx, `SELECT t.oid, t.typarray, n.nspname::text, t.typname::text, format_type(t.typbasetype, t.typtypmod),
	coalesce(CASE WHEN t.typcollation <> b.typcollation THEN format(' COLLATE %I.%I', cn.nspname, k.collname) END, ''),
	coalesce(pg_get_expr(t.typdefaultbin, 0), ''), t.typnotnull
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_type b ON b.oid = t.typbasetype
	LEFT JOIN pg_collation k ON k.oid = t.typcollation LEFT JOIN pg_namespace cn ON cn.oid = k.collnamespace
WHERE t.typtype = 'd' AND `+user("t.oid", "pg_type"),
		[]any{&oid, &array, &schema, &name, &base, &collation, &def, &notNull}, func() {
			o := r.add(&object{kind: "domain", schema: schema, name: name, rank: rankType, self: address{classType, oid}})
			o.ident = "DOMAIN " + o.qualified()
			r.alias(classType, array, o)
			sql := "CREATE DOMAIN " + o.qualified() + " AS " + base + collation
			if def != "" {
				sql += " DEFAULT " + def
			}
			if notNull {
				sql += " NOT NULL"
			}
			o.sql = []string{sql}
		})
	if err != nil {
		return err
	}
	var domain uint32
	var valid bool
	return r.query(ctx, `SELECT k.oid, k.contypid, k.conname::text, pg_get_constraintdef(k.oid), k.convalidated
FROM pg_constraint k WHERE k.contypid <> 0 AND k.contype = 'c' ORDER BY k.conname COLLATE "C"`, []any{&oid, &domain, &name, &def, &valid}, func() {
		o := r.at[address{classType, domain}]
		if o == nil || o.kind != "domain" {
			return
		}
		clause := " CONSTRAINT " + postgres.Quote(name) + " " + def
		if valid {
			o.sql[0] += clause
			r.alias(classConstraint, oid, o)
			return
		}
		x := r.add(&object{kind: "check", schema: o.schema, name: name, rank: rankCheck, self: address{classConstraint, oid}, needs: []*object{o}})
		x.sql = []string{"ALTER DOMAIN " + o.qualified() + " ADD" + clause}
	})
}
