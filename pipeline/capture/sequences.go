package capture

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/definition"
)

// sequence is one whose value goes into the archive.
type sequence struct {
	schema, name, column string
	table                *table // that owns it with column, or nil
	readable             bool
	min, max, start, inc int64
	cycle                bool

	last   int64
	called bool // last was given out
}

func (s *sequence) qualified() string { return postgres.Qualify(s.schema, s.name) }

// sequences reads the values of sequences. They do not belong to the snapshot:
// read behind it, none is lower than what its rows have.
func (r *run) sequences(ctx context.Context) error {
	list, err := r.listSequences(ctx)
	if err != nil {
		return fmt.Errorf("list the sequences: %w", err)
	}
	owned := map[string]int{}
	for _, s := range list {
		if err := r.readSequence(ctx, s); err != nil {
			return fmt.Errorf("read the value of sequence %s.%s: %w", s.schema, s.name, err)
		}
		if s.table != nil {
			owned[s.table.qualified()+"."+s.column]++
		}
	}
	for _, s := range list {
		next, ok := s.next()
		switch {
		case s.table == nil || owned[s.table.qualified()+"."+s.column] > 1: // load.sql would not know which
			if s.called || s.last != s.start {
				r.after = append(r.after, s.set())
			}
			continue
		case !ok: // used up; the next one is none
			r.after = append(r.after, s.set())
		}
		s.table.identities = append(s.table.identities, fixture.Identity{Column: s.column, Next: next})
	}
	return nil
}

// set puts the sequence where it stands.
func (s *sequence) set() string {
	return fmt.Sprintf("SELECT pg_catalog.setval(%s::pg_catalog.regclass, %d, %t)", postgres.Literal(s.qualified()), s.last, s.called)
}

// next is the value that the sequence gives next; not ok if it gives none any
// more: then next is its last.
func (s *sequence) next() (next int64, ok bool) {
	switch {
	case !s.called:
		return s.last, true
	case s.inc > 0 && s.last > s.max-s.inc || s.inc < 0 && s.last < s.min-s.inc:
		if !s.cycle {
			return s.last, false
		}
		if s.inc > 0 {
			return s.min, true
		}
		return s.max, true
	}
	return s.last + s.inc, true
}

// listSequences lists the sequences that the archive makes, in the order of names.
func (r *run) listSequences(ctx context.Context) ([]*sequence, error) {
	tables := map[string]*table{}
	for _, t := range r.tables {
		tables[t.qualified()] = t
	}
	carried := map[string]bool{}
	for _, o := range r.defs.Carried {
		if o.Kind == "sequence" {
			carried[o.Name] = true
		}
	}
	rows, err := r.tx.Query(ctx, `SELECT n.nspname::text, c.relname::text, coalesce(tn.nspname::text, ''), coalesce(t.relname::text, ''), coalesce(a.attname::text, ''),
	coalesce(d.deptype = 'i', false), has_sequence_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'), s.seqmin, s.seqmax, s.seqstart, s.seqincrement, s.seqcycle
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
	LEFT JOIN pg_class t ON t.oid = d.refobjid LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
	LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`)
	if err != nil {
		return nil, err
	}
	var list []*sequence
	var s sequence
	var ownerSchema, ownerName string
	var identity bool
	_, err = pgx.ForEachRow(rows, []any{&s.schema, &s.name, &ownerSchema, &ownerName, &s.column, &identity, &s.readable, &s.min, &s.max, &s.start, &s.inc, &s.cycle}, func() error {
		s.table = tables[postgres.Qualify(ownerSchema, ownerName)]
		if identity && s.table != nil || !identity && carried[s.schema+"."+s.name] {
			x := s
			list = append(list, &x)
		}
		return nil
	})
	return list, err
}

// readSequence reads where a sequence stands. Where the role may not look, a
// column's own sequence goes on behind the column's values.
func (r *run) readSequence(ctx context.Context, s *sequence) error {
	if s.readable {
		return r.tx.QueryRow(ctx, "SELECT last_value, is_called FROM "+s.qualified()).Scan(&s.last, &s.called)
	}
	s.last = s.start
	o := definition.Object{
		Kind: "value of sequence", Name: s.schema + "." + s.name,
		Why: fmt.Sprintf("role %s may not read it (GRANT SELECT); it will start anew", r.server.User),
	}
	if s.table != nil && slices.ContainsFunc(s.table.columns, func(x column) bool { return x.name == s.column }) {
		o.Why = fmt.Sprintf("role %s may not read it (GRANT SELECT); it will go on behind the column's values", r.server.User)
		most := "max"
		if s.inc < 0 {
			most = "min"
		}
		var last *int64
		err := r.tx.QueryRow(ctx, fmt.Sprintf("SELECT least(greatest(%s(%s)::numeric, %d), %d)::bigint FROM ONLY %s",
			most, postgres.Quote(s.column), s.min, s.max, s.table.qualified())).Scan(&last)
		if err != nil {
			return err
		}
		if last != nil {
			s.last, s.called = *last, true
		}
	}
	r.leftOut(o)
	return nil
}
