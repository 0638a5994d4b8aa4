package contest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/bench/machine"
)

// Stages of the floor.
const (
	stageTables  = "tables"
	stageRows    = "rows"
	stageIndexes = "indexes"
	stageForeign = "foreign keys"
	stageAnalyze = "analyze"
)

// Way is one way to do the floor's work.
type Way struct {
	// Freeze loads a table that is one file with COPY FREEZE, in the
	// transaction that truncates it.
	Freeze bool `json:"freeze"`

	// Overlap begins with a table's indexes as soon as its own rows are in, and
	// with foreign keys as soon as both sides are ready, in place of one stage
	// after the other.
	Overlap bool `json:"overlap"`

	// Workers is max_parallel_maintenance_workers of each connection.
	Workers int `json:"workers"`

	// sent brings the files through the connections in place of the server's
	// reading them: what a client that has nothing to do would need.
	sent bool
}

func (w Way) String() string {
	return fmt.Sprintf("freeze=%t overlap=%t workers=%d", w.Freeze, w.Overlap, w.Workers)
}

// Relative costs, seen with the TPC-H-like data: building an index takes about
// as long per byte of the index as COPY per byte of the table, checking a
// foreign key about a third per byte of the table.
const foreignCost = 0.3

// analyzeCost is in bytes too: ANALYZE reads 30,000 rows of a table of any size.
const analyzeCost = 1 << 20

// floorRun does all of the work in the (empty) database.
func (p *prepared) floorRun(ctx context.Context, s *server, database string, jobs int, way Way) (lap Lap, err error) {
	begin := time.Now()
	var conns []*pgx.Conn
	defer func() {
		for _, conn := range conns {
			err = errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
		}
	}()
	for range jobs {
		conn, err := s.connect(ctx, database)
		if err != nil {
			return lap, err
		}
		conns = append(conns, conn)
	}
	if err := script(ctx, conns[0], p.ddl); err != nil {
		return lap, fmt.Errorf("make the tables: %w", err)
	}
	settings := fmt.Sprintf("SET search_path = ''; SET synchronous_commit = off; SET maintenance_work_mem = '%dMB'; SET max_parallel_maintenance_workers = %d",
		maintenanceMB(jobs), way.Workers)
	for _, conn := range conns {
		if err := script(ctx, conn, settings); err != nil {
			return lap, err
		}
	}
	lap.Stages = []Stage{{Name: stageTables, Seconds: time.Since(begin).Seconds()}}
	work := p.work(way)
	if err := work.run(ctx, conns); err != nil {
		return lap, err
	}
	lap.Seconds = time.Since(begin).Seconds()
	lap.Stages = append(lap.Stages, work.stages()...)
	return lap, nil
}

// maintenanceMB gives each connection a part of a quarter of the machine's
// memory, at most the gigabyte beyond which nothing becomes faster.
func maintenanceMB(jobs int) int64 {
	const quarter, least, most = 4, 64, 1024
	share := machine.This().Memory >> 20 / quarter / int64(jobs)
	return min(max(share, least), most)
}

// work puts the work in an order without waits for locks:
//
//   - COPY of all files, in any order;
//   - each index of a table when its rows are in; CREATE INDEX locks out all
//     that comes later on that table, but no other CREATE INDEX;
//   - the adoption of indexes as keys when all of the table's are built;
//   - ANALYZE, without which foreign keys are checked as if tables were empty
//     (lineitem at scale 0.5: in 5.1 s, with it in 0.5 s);
//   - foreign keys as NOT VALID, which locks both tables for a moment, when
//     both sides are that far (tables that refer to each other in a circle
//     would deadlock here: no data set has any);
//   - their validation when nothing is left that would lock the same table.
func (p *prepared) work(way Way) *work {
	b := &layout{way: way, work: newWork(), rows: map[string][]*task{}, ready: map[string]*task{}, added: map[string]*task{}}
	for _, t := range p.tables {
		for _, file := range t.files {
			b.copyFile(t, file)
		}
	}
	for _, t := range p.tables {
		b.indexTable(t, p.indexes)
	}
	for _, t := range p.tables {
		b.analyze(t)
	}
	for _, t := range p.tables {
		b.addForeign(t, p.foreign)
	}
	for _, t := range p.tables {
		b.validate(t, p.foreign)
	}
	return b.work
}

// layout is the work as far as it is laid out, by names of tables.
type layout struct {
	way   Way
	work  *work
	rows  map[string][]*task
	ready map[string]*task // all indexes are there and adopted; later: it is analyzed
	added map[string]*task // foreign keys of the table are there
}

// barrier gives all tasks of a stage, after which the next one begins, unless
// stages may overlap: then it gives those that are needed.
func (b *layout) barrier(stage string, needed ...*task) []*task {
	if b.way.Overlap {
		return needed
	}
	return b.work.byStage[stage]
}

func (b *layout) copyFile(t *preTable, file string) {
	from, before, options, after := literal(file), "", copyOptions, ""
	if b.way.Freeze && len(t.files) == 1 {
		before, options, after = "BEGIN; TRUNCATE "+t.name, copyOptionsFreeze, "COMMIT"
	}
	if b.way.sent {
		from = "STDIN"
	}
	copying := fmt.Sprintf("COPY %s(%s) FROM %s WITH %s", t.name, t.columns, from, options)
	run := statement(before + "; " + copying + "; " + after)
	if b.way.sent {
		run = sending(before, copying, file, after)
	}
	b.rows[t.name] = append(b.rows[t.name], b.work.add(stageRows, t.name, float64(t.bytes)/float64(len(t.files)), nil, run))
}

func (b *layout) indexTable(t *preTable, indexes []preIndex) {
	after := b.barrier(stageRows, b.rows[t.name]...)
	var built []*task
	var adopt []string
	for _, index := range indexes {
		if index.table != t.name {
			continue
		}
		if index.adopt != "" {
			adopt = append(adopt, index.adopt)
		}
		built = append(built, b.work.add(stageIndexes, t.name, float64(index.bytes), after, statement(index.def)))
	}
	if built == nil {
		built = after
	}
	sql := ""
	if adopt != nil {
		sql = "ALTER TABLE " + t.name + " " + strings.Join(adopt, ", ")
	}
	b.ready[t.name] = b.work.add(stageIndexes, t.name, 0, built, statement(sql))
}

// statement gives a task's work that is one statement; none if it is empty.
func statement(sql string) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, conn *pgx.Conn) error {
		if sql == "" {
			return nil
		}
		return script(ctx, conn, sql)
	}
}

// sending gives a task's work that sends a file.
func sending(before, copying, file, after string) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, conn *pgx.Conn) (err error) {
		f, err := os.Open(file)
		if err != nil {
			return fmt.Errorf("send rows: %w", err)
		}
		defer func() { _ = f.Close() }() // it was only read
		if err := script(ctx, conn, before); err != nil {
			return err
		}
		if _, err := conn.PgConn().CopyFrom(ctx, f, copying); err != nil {
			return fmt.Errorf("send rows: %w", err)
		}
		return script(ctx, conn, after)
	}
}

func (b *layout) analyze(t *preTable) {
	b.ready[t.name] = b.work.add(stageAnalyze, t.name, analyzeCost, b.barrier(stageIndexes, b.ready[t.name]), statement("ANALYZE "+t.name))
}

func (b *layout) addForeign(t *preTable, foreign []preForeign) {
	var clauses []string
	needed := []*task{b.ready[t.name]}
	for _, f := range foreign {
		if f.table == t.name {
			clauses = append(clauses, "ADD CONSTRAINT "+f.name+" "+f.def+" NOT VALID")
			needed = append(needed, b.ready[f.parent])
		}
	}
	if clauses == nil {
		return
	}
	b.added[t.name] = b.work.add(stageForeign, t.name, 0, b.barrier(stageAnalyze, needed...),
		statement("ALTER TABLE "+t.name+" "+strings.Join(clauses, ", ")))
}

// validate checks the foreign keys of a table.
func (b *layout) validate(t *preTable, foreign []preForeign) {
	var clauses []string
	after := []*task{b.added[t.name]}
	for _, f := range foreign {
		switch {
		case f.table == t.name:
			clauses = append(clauses, "VALIDATE CONSTRAINT "+f.name)
		case f.parent == t.name:
			after = append(after, b.added[f.table])
		}
	}
	if clauses != nil {
		b.work.add(stageForeign, t.name, foreignCost*float64(t.bytes)*float64(len(clauses)), after,
			statement("ALTER TABLE "+t.name+" "+strings.Join(clauses, ", ")))
	}
}
