package sqlite

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"
)

// DamageKind tells what a finding of Check puts at risk.
type DamageKind uint8

const (
	// DamageRows means that rows of a table may be missing or wrong.
	DamageRows DamageKind = iota
	// DamageIndex means that an index disagrees with its table. Readers never read
	// indexes, so all rows can be read; what the index promised, such as
	// uniqueness, may not hold.
	DamageIndex
	// DamageSpace means that the bookkeeping of unused space is wrong, and that no
	// row can hide there. All rows can be read.
	DamageSpace
	// DamageValue means that a value breaks a rule of its own table (NOT NULL, a
	// STRICT type). It reads as it is stored.
	DamageValue
)

// Damage is one finding of Check.
type Damage struct {
	Table  string // "" where the engine does not tell
	Index  string // "" for the table itself
	Detail string // the engine's words
	Page   uint32 // 0 where not known
	Kind   DamageKind
}

// RowsAtRisk tells whether rows may be missing or wrong.
func (d Damage) RowsAtRisk() bool { return d.Kind == DamageRows }

// Check runs PRAGMA quick_check on the named tables, or on the whole file when
// none is named: it walks every page and row, but compares no index with its
// table. The engine stops after 100 findings per run. A file so damaged that
// the check itself fails is a finding, not an error.
func (s *Snapshot) Check(ctx context.Context, tables ...string) ([]Damage, error) {
	return s.check(ctx, "quick_check", tables)
}

// CheckIndexes runs PRAGMA integrity_check, which also compares every index
// entry with its row and takes several times as long as Check.
func (s *Snapshot) CheckIndexes(ctx context.Context, tables ...string) ([]Damage, error) {
	return s.check(ctx, "integrity_check", tables)
}

func (s *Snapshot) check(ctx context.Context, pragma string, tables []string) ([]Damage, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, asDamage("", err)
	}
	defer s.release(c)
	defer c.watch(ctx)()
	k := &checker{c: c, roots: map[uint32]owner{}, indexes: map[string]string{}, alien: map[string]bool{}}
	if err := k.load(); err != nil {
		return nil, ended(ctx, asDamage("", fmt.Errorf("check: %w", err)))
	}
	if len(tables) == 0 {
		err = k.run("", "PRAGMA main."+pragma)
	}
	for _, t := range tables {
		if err == nil {
			err = k.run(t, "PRAGMA main."+pragma+"("+quote(t)+")")
		}
	}
	if err != nil {
		return nil, ended(ctx, fmt.Errorf("check: %w", err))
	}
	s.findLost(k)
	return k.found, nil
}

// findLost looks at the pages that the engine calls unused: where one holds rows,
// damage may have cut it off from its table.
func (s *Snapshot) findLost(k *checker) {
	for i := range k.found {
		d := &k.found[i]
		if d.Kind != DamageSpace || !ofUnused.MatchString(d.Detail) {
			continue
		}
		if f, err := s.pagesOf(); err == nil && f.LooksLost(d.Page, k.keyed) {
			d.Kind = DamageRows
		}
	}
}

// owner is whose tree begins at a root page.
type owner struct{ table, index string }

// checker gathers the findings of one check.
type checker struct {
	c       *conn
	roots   map[uint32]owner
	indexes map[string]string // table by folded name of the index
	alien   map[string]bool   // folded tables whose keys use an unknown collation
	keyed   bool              // there are WITHOUT ROWID tables
	found   []Damage
}

func (k *checker) load() error {
	const names = `SELECT rootpage, type, name, tbl_name FROM main.sqlite_schema WHERE rootpage > 0`
	err := k.c.query(names, func(st *stmt) error {
		o := owner{table: st.text(3)}
		if st.text(1) == "index" {
			o.index = st.text(2)
			k.indexes[fold(o.index)] = o.table
		}
		k.roots[uint32(st.int(0))] = o //nolint:gosec // page numbers have 32 bits
		return nil
	})
	if err != nil {
		return err
	}
	const keyed = `SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND wr`
	if err := k.c.query(keyed, func(st *stmt) error { k.keyed = st.int(0) > 0; return nil }); err != nil {
		return err
	}
	// The stand-in for a collation that the engine lacks sorts otherwise, so
	// what it says about the order of such keys means nothing.
	const alien = `SELECT DISTINCT m.name FROM main.sqlite_schema AS m
		CROSS JOIN pragma_index_list(m.name, 'main') AS l
		CROSS JOIN pragma_index_xinfo(l.name, 'main') AS x
		WHERE m.type = 'table' AND m.rootpage > 0
		AND x."key" AND upper(x.coll) NOT IN ('BINARY', 'NOCASE', 'RTRIM')`
	return k.c.query(alien, func(st *stmt) error { k.alien[fold(st.text(0))] = true; return nil })
}

// run executes one pragma and sorts its messages.
func (k *checker) run(table, sql string) error {
	err := k.c.query(sql, func(st *stmt) error {
		for line := range strings.SplitSeq(st.text(0), "\n") {
			k.add(table, line)
		}
		return nil
	})
	var e *Error
	if errors.As(err, &e) && e.Damaged() {
		k.found = append(k.found, Damage{Table: table, Detail: e.Message, Kind: DamageRows})
		return nil
	}
	if errors.As(err, &e) && e.Code == sqlite3.SQLITE_ERROR {
		// A generated column that calls a function of the application cannot
		// be computed; that says nothing about the pages.
		return nil
	}
	return err
}

// The forms of the engine's messages. Those about the pointer map and about free
// blocks ("Bad ptr map entry", "free space corruption") are not among ofSpace: they
// count as rows at risk, because a tree or a cell may be what leads wrong.
var (
	treePlace = regexp.MustCompile(`^(?:Tree|On tree) (\d+) page (\d+)`)
	pagePlace = regexp.MustCompile(`(?i)\bpage (\d+)`)
	ofIndex   = regexp.MustCompile(`(?:missing from|values differ from|entries in|entry in|for row .* of) index (.+)$`)
	ofValue   = regexp.MustCompile(`^(?:NULL|NUMERIC|TEXT|BLOB|non-[A-Z]+|CHECK constraint failed).* in ([^.]+)`)
	ofOrder   = regexp.MustCompile(`^row not in PRIMARY KEY order for (.+)$`)
	ofUnused  = regexp.MustCompile(`^Page \d+: never used`)
	ofBytes   = regexp.MustCompile(`^Fragmentation of (\d+) bytes reported as (\d+)`)
	ofSpace   = regexp.MustCompile(`(?i)never used|freelist|fragmentation|pointer map|ptrmap|max rootpage|incremental_vacuum`)
)

// add makes a finding of one line.
func (k *checker) add(table, line string) {
	if line == "" || line == "ok" || strings.HasPrefix(line, "*** in database") {
		return
	}
	d := Damage{Table: table, Detail: line, Kind: DamageRows}
	if m := pagePlace.FindStringSubmatch(line); m != nil {
		d.Page = pageNumber(m[1])
	}
	if m := treePlace.FindStringSubmatch(line); m != nil {
		d.Page = pageNumber(m[2])
		if o, ok := k.roots[pageNumber(m[1])]; ok {
			d.Table, d.Index = o.table, o.index
		}
	}
	switch m := ofIndex.FindStringSubmatch(line); {
	case m != nil:
		d.Index = m[1]
		if t := k.indexes[fold(m[1])]; t != "" {
			d.Table = t
		}
		d.Kind = DamageIndex
	case d.Index != "":
		d.Kind = DamageIndex
	case ofSpace.MatchString(line) && !hidesRow(line):
		d.Kind = DamageSpace
	}
	if m := ofValue.FindStringSubmatch(line); m != nil {
		d.Table, d.Kind = m[1], DamageValue
	}
	if m := ofOrder.FindStringSubmatch(line); m != nil {
		d.Table = m[1]
	}
	if k.alien[fold(d.Table)] && (d.Kind == DamageIndex && d.Page == 0 || ofOrder.MatchString(line)) {
		return
	}
	k.found = append(k.found, d)
}

// hidesRow tells whether bytes that nothing accounts for are enough for a row: four
// more than the page knows of.
func hidesRow(line string) bool {
	const smallestCell = 4
	m := ofBytes.FindStringSubmatch(line)
	return len(m) > 2 && pageNumber(m[1]) >= pageNumber(m[2])+smallestCell
}

func pageNumber(s string) uint32 {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0 // a page number that a damaged file invented
	}
	return uint32(n)
}
