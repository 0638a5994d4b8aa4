package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Read reads schemas in one snapshot: two statements to begin, then one per
// kind of object. A schema that does not exist is left out of Catalog.Schemas.
// conn must not be in a transaction.
func Read(ctx context.Context, conn *pgx.Conn, schemas ...string) (*Catalog, error) {
	var cat *Catalog
	opts := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, conn, opts, func(tx pgx.Tx) error {
		var err error
		cat, err = ReadTx(ctx, tx, schemas...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return cat, nil
}

// ReadTx is Read within a transaction, which it settles (see Settle). Unless tx
// is REPEATABLE READ, what others change meanwhile may be seen in parts.
func ReadTx(ctx context.Context, tx pgx.Tx, schemas ...string) (*Catalog, error) {
	if len(schemas) == 0 {
		return nil, errors.New("read the catalog: no schema given")
	}
	r := &reader{tx: tx, schemas: schemas, cat: &Catalog{byOID: map[uint32]*Relation{}}}
	steps := []struct {
		what string
		read func(context.Context) error
	}{
		{"schemas", r.readServer},
		{"relations", r.readRelations},
		{"inheritance", r.readInheritance},
		{"rules", r.readRules},
		{"types", r.readTypes},
		{"columns", r.readColumns},
		{"sequences", r.readSequences},
		{"indexes", r.readIndexes},
		{"checks", r.readChecks},
		{"foreign keys", r.readForeignKeys},
		{"triggers", r.readTriggers},
	}
	if err := Settle(ctx, tx); err != nil {
		return nil, fmt.Errorf("read the catalog of %s: %w", r.names(), err)
	}
	for _, step := range steps {
		if err := step.read(ctx); err != nil {
			return nil, fmt.Errorf("read the %s of %s: %w", step.what, r.names(), err)
		}
	}
	return r.cat, nil
}

// reader carries one reading from query to query.
type reader struct {
	tx      pgx.Tx
	schemas []string
	cat     *Catalog

	rawTypes map[uint32]*rawType
	types    map[typeKey]*Type
}

// names gives the schemas for a message.
func (r *reader) names() string {
	quoted := make([]string, len(r.schemas))
	for i, s := range r.schemas {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return "schema " + strings.Join(quoted, ", ")
}

// query runs sql with the schemas as $1; fn is called for each row after it was
// scanned into dest.
func (r *reader) query(ctx context.Context, sql string, dest []any, fn func() error) error {
	rows, err := r.tx.Query(ctx, sql, r.schemas)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, dest, fn)
	return err
}

// since gives the SQL of what a server has from version on, or else what stands
// for it on older ones.
func (r *reader) since(version int, sql, otherwise string) string {
	if r.cat.Version >= version {
		return sql
	}
	return otherwise
}

// letter gives the letter of a "char" column, 0 if there is none.
func letter(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

func (r *reader) readServer(ctx context.Context) error {
	const about = `select current_setting('server_version_num')::int, current_user::text,
	has_database_privilege(current_database(), 'TEMPORARY')`
	if err := r.tx.QueryRow(ctx, about).Scan(&r.cat.Version, &r.cat.Role, &r.cat.Temp); err != nil {
		return err
	}
	var s Schema
	return r.query(ctx, `
select oid, nspname::text, has_schema_privilege(oid, 'USAGE'), has_schema_privilege(oid, 'CREATE')
from pg_namespace where nspname = any($1::text[]) order by nspname::text collate "C"`,
		[]any{&s.OID, &s.Name, &s.Usage, &s.Create}, func() error {
			r.cat.Schemas = append(r.cat.Schemas, s)
			return nil
		})
}
