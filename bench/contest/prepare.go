package contest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Large tables are cut into files so that several streams can share them: about
// filesPerStream of the whole for each stream, none smaller or larger than
// these.
const (
	filesPerStream     = 8
	minPiece, maxPiece = 8 << 20, 128 << 20
)

// folderMode lets the server's user write, whoever that is: the data are
// generated.
const folderMode = 0o777

// Options of COPY.
const (
	copyOptions       = "(FORMAT binary)"
	copyOptionsFreeze = "(FORMAT binary, FREEZE)"
)

// ownSchemas is a condition on pg_namespace n: what is not the server's own.
const ownSchemas = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'`

// prepared is what the floor begins with: a database as litehaul makes it,
// taken apart.
type prepared struct {
	ddl     string // of the tables, without keys and indexes
	tables  []*preTable
	indexes []preIndex
	foreign []preForeign
	rows    int64
}

// preTable is a table with its rows in files. Names are as in SQL.
type preTable struct {
	name    string
	columns string // without generated ones
	bytes   int64  // with TOAST, without indexes
	pages   int64  // without TOAST
	files   []string
	rows    int64
}

// preIndex is an index, and the constraint that it becomes, if any.
type preIndex struct {
	table, def string
	bytes      int64
	adopt      string // clause of ALTER TABLE, or empty
}

// preForeign is a foreign key.
type preForeign struct {
	table, parent, name, def string
}

// prepare takes the database apart. Folder dir gets the files.
func prepare(ctx context.Context, s *server, database, dir string, streams int) (*prepared, error) {
	ddl, err := dumpTables(ctx, s, database)
	if err != nil {
		return nil, err
	}
	p := &prepared{ddl: ddl}
	err = s.with(ctx, database, func(conn *pgx.Conn) error {
		// Names then come out with their schemas.
		if err := script(ctx, conn, "SET search_path = ''"); err != nil {
			return err
		}
		if err := p.readCatalog(ctx, conn); err != nil {
			return fmt.Errorf("read the catalog: %w", err)
		}
		return p.writeFiles(ctx, conn, dir, streams)
	})
	if err != nil {
		return nil, fmt.Errorf("take the migrated database apart: %w", err)
	}
	return p, nil
}

// dumpTables gives what creates the tables.
func dumpTables(ctx context.Context, s *server, database string) (string, error) {
	program, err := s.program("pg_dump")
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, program, "--section=pre-data", "--no-owner", "--no-privileges", s.url(database)) //nolint:gosec // G204: running other programs is the purpose
	cmd.Stderr = &tailWriter{}
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("pg_dump: %w%s", err, cmd.Stderr)
	}
	var ddl strings.Builder
	for line := range strings.Lines(string(out)) {
		// Backslash commands are for psql, schema public is there already.
		if !strings.HasPrefix(line, `\`) && !strings.HasPrefix(line, "CREATE SCHEMA public") {
			ddl.WriteString(line)
		}
	}
	return ddl.String(), nil
}

// tablesQuery gives tables and their columns.
const tablesQuery = `
SELECT c.oid::regclass::text, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
  pg_table_size(c.oid), pg_relation_size(c.oid) / 8192
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relkind = 'r' AND ` + ownSchemas + `
GROUP BY c.oid ORDER BY pg_table_size(c.oid) DESC, 1`

const indexesQuery = `
SELECT i.indrelid::regclass::text, pg_get_indexdef(i.indexrelid), pg_relation_size(i.indexrelid),
  coalesce('ADD CONSTRAINT ' || quote_ident(k.conname)
    || CASE k.contype WHEN 'p' THEN ' PRIMARY KEY' ELSE ' UNIQUE' END || ' USING INDEX ' || quote_ident(c.relname)
    || CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END
    || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END, '')
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u')
WHERE ` + ownSchemas + `
ORDER BY pg_relation_size(i.indexrelid) DESC, 2`

const foreignQuery = `
SELECT k.conrelid::regclass::text, k.confrelid::regclass::text, quote_ident(k.conname), pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
WHERE k.contype = 'f' AND k.convalidated AND ` + ownSchemas + `
ORDER BY 1, 3`

func (p *prepared) readCatalog(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, tablesQuery)
	if err != nil {
		return err
	}
	p.tables, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (*preTable, error) {
		t := &preTable{}
		return t, row.Scan(&t.name, &t.columns, &t.bytes, &t.pages)
	})
	if err != nil {
		return err
	}
	if rows, err = conn.Query(ctx, indexesQuery); err != nil {
		return err
	}
	p.indexes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (i preIndex, err error) {
		return i, row.Scan(&i.table, &i.def, &i.bytes, &i.adopt)
	})
	if err != nil {
		return err
	}
	if rows, err = conn.Query(ctx, foreignQuery); err != nil {
		return err
	}
	p.foreign, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f preForeign, err error) {
		return f, row.Scan(&f.table, &f.parent, &f.name, &f.def)
	})
	return err
}

// writeFiles has the server write the rows, in its own folder: a file may hold
// what its own user may read only.
func (p *prepared) writeFiles(ctx context.Context, conn *pgx.Conn, dir string, streams int) error {
	var total int64
	for _, t := range p.tables {
		total += t.bytes
	}
	piece := min(max(total/int64(streams*filesPerStream), minPiece), maxPiece)
	for i, t := range p.tables {
		n := max(1, (t.bytes+piece-1)/piece)
		step := (t.pages + n - 1) / n
		for from := int64(0); from < max(1, t.pages); from += max(1, step) {
			file := filepath.Join(dir, fmt.Sprintf("%03d-%06d", i, from))
			sql := fmt.Sprintf("COPY (SELECT %s FROM %s WHERE ctid >= '(%d,0)' AND ctid < '(%d,0)') TO %s WITH %s",
				t.columns, t.name, from, from+max(1, step), literal(file), copyOptions)
			tag, err := conn.Exec(ctx, sql)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			t.rows += tag.RowsAffected()
			t.files = append(t.files, file)
		}
		p.rows += t.rows
	}
	return nil
}

// literal gives a string of SQL.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// openFolder makes a folder that the server's user may write to, whoever that
// is.
func openFolder(parent, pattern string) (string, error) {
	dir, err := os.MkdirTemp(parent, pattern)
	if err != nil {
		return "", fmt.Errorf("make a work folder: %w", err)
	}
	if err := os.Chmod(dir, folderMode); err != nil {
		return "", fmt.Errorf("open the work folder to the server: %w", err)
	}
	return dir, nil
}

// countRows counts the rows of all tables of a database.
func countRows(ctx context.Context, s *server, database string) (rows int64, err error) {
	err = s.with(ctx, database, func(conn *pgx.Conn) error {
		found, err := conn.Query(ctx, `SELECT format('%I.%I', n.nspname, c.relname)
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND `+ownSchemas)
		if err != nil {
			return err
		}
		tables, err := pgx.CollectRows(found, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, table := range tables {
			var n int64
			if err := conn.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
				return err
			}
			rows += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count the rows that arrived: %w", err)
	}
	return rows, nil
}

// source gives the table's name as SQLite takes it: without the schema.
func (t *preTable) source() string {
	_, name, found := strings.Cut(t.name, ".")
	if !found {
		return t.name
	}
	return name
}
