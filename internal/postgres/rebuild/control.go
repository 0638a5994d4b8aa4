package rebuild

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
)

// ControlTable is the name of the control table in each schema. It exists only
// while something is off.
const ControlTable = "litehaul_rebuild"

// mark begins the comment on the control table, by which it is told from a table
// of somebody else's. The number is the format's.
const mark = "litehaul rebuild 1: "

// control gives the control table's qualified name.
func control(schema string) string { return postgres.Qualify(schema, ControlTable) }

const controlDDL = `create table %[1]s (
	id bigint generated always as identity primary key,
	run text not null,
	taken_at timestamptz not null default now(),
	kind text not null check (kind in ('index', 'foreign key', 'trigger')),
	table_name text not null,
	name text not null,
	parent_schema text not null,
	parent_name text not null,
	drop_sql text not null,
	create_sql text not null,
	then_sql text[] not null,
	validate_sql text not null,
	tablespace text not null,
	created boolean not null
);
comment on table %[1]s is %[2]s`

const controlComment = mark + "what a load took off the tables of this schema, and the statements that put it back. " +
	"If no load runs, run: litehaul repair"

// controlState is what stands under the control table's name.
type controlState struct {
	exists, plain, mine bool
	owner               string
	writers             []string // who else may write to it, quoted; PUBLIC too
}

const controlQuery = `
select c.relkind = 'r' and coalesce(obj_description(c.oid, 'pg_class'), '') like $2 || '%',
       c.relowner = (select oid from pg_roles where rolname = current_user), pg_get_userbyid(c.relowner)::text,
       array(select distinct case a.grantee when 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(a.grantee)) end
             from aclexplode(c.relacl) a
             where a.grantee <> c.relowner and a.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER') order by 1)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = '` + ControlTable + `'`

func controlOf(ctx context.Context, tx pgx.Tx, schema string) (controlState, error) {
	var s controlState
	err := tx.QueryRow(ctx, controlQuery, schema, mark).Scan(&s.plain, &s.mine, &s.owner, &s.writers)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("look for control table %s: %w", control(schema), err)
	}
	s.exists = true
	return s, nil
}

// trust refuses a control table that another role could have written: its
// statements are run with our rights, and whoever may make tables in the schema
// could lay some ready.
func (s controlState) trust(schema string) error {
	switch {
	case !s.plain:
		return &Error{
			Err:  fmt.Errorf("%s is not litehaul's control table", control(schema)),
			Hint: "rename it: litehaul needs the name while it loads",
		}
	case !s.mine:
		return &Error{
			Err:  fmt.Errorf("control table %s belongs to role %s", control(schema), postgres.Quote(s.owner)),
			Hint: "connect as that role: statements that another role has stored are not run",
		}
	case len(s.writers) > 0:
		return &Error{
			Err:  fmt.Errorf("control table %s may be written by %s", control(schema), s.writers[0]),
			Hint: "look through its statements, then revoke that right",
		}
	}
	return nil
}

// ensureControl makes the control table unless it is there. Default privileges
// of the role may have let others in: they are shut out.
func ensureControl(ctx context.Context, tx pgx.Tx, schema string) error {
	s, err := controlOf(ctx, tx, schema)
	if err != nil {
		return err
	}
	if s.exists {
		return s.trust(schema)
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf(controlDDL, control(schema), postgres.Literal(controlComment))); err != nil {
		return fmt.Errorf("make control table %s: %w", control(schema), err)
	}
	if s, err = controlOf(ctx, tx, schema); err != nil {
		return err
	}
	for _, role := range s.writers {
		if _, err := tx.Exec(ctx, fmt.Sprintf("revoke all on %s from %s", control(schema), role)); err != nil {
			return fmt.Errorf("close control table %s: %w", control(schema), err)
		}
	}
	return nil
}

// trusted looks whether a schema has a control table whose statements may be
// run.
func trusted(ctx context.Context, tx pgx.Tx, schema string) (exists bool, err error) {
	s, err := controlOf(ctx, tx, schema)
	if err != nil || !s.exists {
		return false, err
	}
	return true, s.trust(schema)
}

// errCleared tells that another connection dropped the control table after
// this one saw it: nothing is off any more.
var errCleared = errors.New("the control table is gone")

// cleared turns an error of a statement on the control table into errCleared
// where that is the reason.
func cleared(err error) error {
	if postgres.Code(err) == codeNoTable {
		return errCleared
	}
	return err
}

const itemColumns = `id, run, kind, table_name, name, parent_schema, parent_name,
	drop_sql, create_sql, then_sql, validate_sql, tablespace, created`

// dest gives where itemColumns are scanned to.
func (i *Item) dest() []any {
	return []any{
		&i.ID, &i.Run, &i.Kind, &i.Table, &i.Name, &i.ParentSchema, &i.Parent,
		&i.Drop, &i.Create, &i.then, &i.validate, &i.tablespace, &i.Created,
	}
}

// Pending lists what is off in the schemas, in the order in which to put it
// back: all indexes, then foreign keys, then triggers. Items of one kind may be
// restored at the same time.
func Pending(ctx context.Context, conn *pgx.Conn, schemas ...string) ([]Item, error) {
	var out []Item
	for _, schema := range schemas {
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			exists, err := trusted(ctx, tx, schema)
			if err != nil || !exists {
				return err
			}
			rows, err := tx.Query(ctx, "select "+itemColumns+" from only "+control(schema))
			if err != nil {
				return cleared(err)
			}
			item := Item{Schema: schema}
			_, err = pgx.ForEachRow(rows, item.dest(), func() error {
				out = append(out, item)
				return nil
			})
			return cleared(err)
		})
		if err != nil && !errors.Is(err, errCleared) {
			return nil, fmt.Errorf("list what is off in schema %q: %w", schema, err)
		}
	}
	order(out)
	return out, nil
}

// Clear drops the control tables of the schemas that hold nothing any more.
func Clear(ctx context.Context, conn *pgx.Conn, schemas ...string) error {
	for _, schema := range schemas {
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			exists, err := trusted(ctx, tx, schema)
			if err != nil || !exists {
				return err
			}
			// Nobody adds a row between the look and the drop.
			if _, err := tx.Exec(ctx, "lock table "+control(schema)+" in access exclusive mode"); err != nil {
				return cleared(err)
			}
			var used bool
			if err := tx.QueryRow(ctx, "select exists (select from only "+control(schema)+")").Scan(&used); err != nil || used {
				return err
			}
			_, err = tx.Exec(ctx, "drop table "+control(schema))
			return err
		})
		if err != nil && !errors.Is(err, errCleared) {
			return fmt.Errorf("drop control table %s: %w", control(schema), err)
		}
	}
	return nil
}

const schemasQuery = `
select n.nspname::text, c.relowner = (select oid from pg_roles where rolname = current_user)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relname = '` + ControlTable + `' and coalesce(obj_description(c.oid, 'pg_class'), '') like $1 || '%'
order by n.nspname::text collate "C"`

// Schemas lists the schemas in which a load has left something off: those whose
// control table belongs to the role or, where there are none, those of others,
// whose statements Pending will refuse to trust.
func Schemas(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, schemasQuery, mark)
	if err != nil {
		return nil, fmt.Errorf("look for control tables: %w", err)
	}
	var mine, others []string
	var name string
	var own bool
	_, err = pgx.ForEachRow(rows, []any{&name, &own}, func() error {
		if own {
			mine = append(mine, name)
		} else {
			others = append(others, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for control tables: %w", err)
	}
	if len(mine) == 0 {
		return others, nil
	}
	return mine, nil
}
