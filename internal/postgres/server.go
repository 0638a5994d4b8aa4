package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// The versions that litehaul is made for.
const (
	// MinVersion is the oldest server that it writes to.
	MinVersion = 120000
	// MaxVersion is the newest that it is tested with. It goes on with newer ones.
	MaxVersion = 180000
)

// Server is what a run must know of the server, the database and the role.
type Server struct {
	Version     int    // server_version_num, 150018
	VersionText string // server_version
	Encoding    string
	User        string
	Database    string

	SchemaExists    bool
	CreateInSchema  bool // the role may create relations in the schema
	CreateSchema    bool // the role may create schemas, and trusted extensions
	Superuser       bool
	ReadOnly        bool   // a standby, or default_transaction_read_only
	CitextSchema    string // where citext is installed and may be used, or ""
	CitextAvailable bool   // citext is not installed, and the role may install it
	MaxConnections  int
	// MaintenanceMem is maintenance_work_mem in bytes.
	MaintenanceMem int64
	// MaxParallelMaintenance is max_parallel_maintenance_workers.
	MaxParallelMaintenance int
	// MaxParallel is max_parallel_workers.
	MaxParallel int
	// SharedBuffers and CacheSize are shared_buffers and effective_cache_size
	// in bytes: what the settings tell about the server's memory.
	SharedBuffers, CacheSize int64
}

const serverQuery = `
select current_setting('server_version_num')::int,
       current_setting('server_version'),
       (select pg_encoding_to_char(encoding) from pg_database where datname = current_database()),
       current_user::text,
       current_database()::text,
       exists (select from pg_namespace where nspname = $1),
       coalesce((select has_schema_privilege(oid, 'CREATE') and has_schema_privilege(oid, 'USAGE')
                 from pg_namespace where nspname = $1), false),
       has_database_privilege(current_database(), 'CREATE'),
       coalesce((select rolsuper from pg_roles where rolname = current_user), false),
       pg_is_in_recovery() or current_setting('transaction_read_only')::bool,
       coalesce((select n.nspname::text from pg_extension e join pg_namespace n on n.oid = e.extnamespace
                 where e.extname = 'citext' and has_schema_privilege(n.oid, 'USAGE')), ''),
       exists (select from pg_available_extensions where name = 'citext' and installed_version is null),
       current_setting('max_connections')::int,
       pg_size_bytes(current_setting('maintenance_work_mem')),
       current_setting('max_parallel_maintenance_workers')::int,
       current_setting('max_parallel_workers')::int,
       pg_size_bytes(current_setting('shared_buffers')),
       pg_size_bytes(current_setting('effective_cache_size'))`

// Inspect asks the server all of it in one round trip.
func Inspect(ctx context.Context, conn *pgx.Conn, schema string) (*Server, error) {
	var s Server
	err := conn.QueryRow(ctx, serverQuery, schema).Scan(
		&s.Version, &s.VersionText, &s.Encoding, &s.User, &s.Database,
		&s.SchemaExists, &s.CreateInSchema, &s.CreateSchema, &s.Superuser, &s.ReadOnly,
		&s.CitextSchema, &s.CitextAvailable, &s.MaxConnections,
		&s.MaintenanceMem, &s.MaxParallelMaintenance,
		&s.MaxParallel, &s.SharedBuffers, &s.CacheSize)
	if err != nil {
		return nil, fmt.Errorf("ask the server what it allows: %w", err)
	}
	// PostgreSQL 13 lets whoever may create in the database install it.
	s.CitextAvailable = s.CitextAvailable && (s.Superuser || s.Version >= 130000 && s.CreateSchema)
	return &s, nil
}

// Relation is something in the target schema that has a name of its own.
type Relation struct {
	Name string
	Kind string // table, view, index, sequence, materialized view, foreign table, type
	Of   string // the table that an index or a column's sequence goes with, or ""
}

const relationsQuery = `
select c.relname::text,
       case c.relkind when 'r' then 'table' when 'p' then 'table' when 'v' then 'view'
                      when 'm' then 'materialized view' when 'i' then 'index' when 'I' then 'index'
                      when 'S' then 'sequence' when 'f' then 'foreign table' else 'type' end,
       coalesce((select o.relname::text from pg_index i join pg_class o on o.oid = i.indrelid where i.indexrelid = c.oid),
                (select o.relname::text from pg_depend d join pg_class o on o.oid = d.refobjid
                 where d.classid = 'pg_class'::regclass and d.objid = c.oid and c.relkind = 'S'
                   and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
                   and o.relnamespace = c.relnamespace limit 1), '')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1
union all
select t.typname::text, 'type', '' from pg_type t join pg_namespace n on n.oid = t.typnamespace
where n.nspname = $1 and t.typrelid = 0 and t.typelem = 0`

// Relations lists what already has a name in a schema.
func Relations(ctx context.Context, conn *pgx.Conn, schema string) ([]Relation, error) {
	rows, err := conn.Query(ctx, relationsQuery, schema)
	if err != nil {
		return nil, fmt.Errorf("list relations of schema %q: %w", schema, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Relation])
	if err != nil {
		return nil, fmt.Errorf("list relations of schema %q: %w", schema, err)
	}
	return out, nil
}
