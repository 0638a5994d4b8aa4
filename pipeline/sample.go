package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/sample"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Sample says which rows of the source go into a fixture. The zero value takes all.
type Sample struct {
	// Where are conditions on the rows of tables; several of one table all hold.
	Where []Condition
	// Percent is the share of rows to draw, above 0 and at most 100; 0 draws none and
	// takes all that the conditions leave.
	Percent float64
}

// Condition is an expression in SQLite's SQL that holds for the rows of a table that
// go in.
type Condition struct{ Table, SQL string }

// smallRows is how many rows a table has at most of which no sample is drawn: one of
// currencies or roles.
const smallRows = 100

func (s *Sample) none() bool { return len(s.Where) == 0 && s.Percent == 0 }

// checkSample refuses what goes with no sample.
func (r *run) checkSample() error {
	s := &r.cfg.Sample
	if s.none() {
		return nil
	}
	if !(s.Percent >= 0 && s.Percent <= 100) {
		return &Error{Err: fmt.Errorf("a sample of %v %%", s.Percent), Hint: "above 0, at most 100", Code: ExitUsage}
	}
	flag := ""
	switch {
	case r.cfg.VirtualContent:
		flag = "--virtual-tables=content"
	case r.cfg.SkipDamaged:
		flag = "--skip-damaged"
	default:
		return nil
	}
	return &Error{
		Err:  fmt.Errorf("%s with --where or --subset", flag),
		Hint: "rows can be chosen of ordinary tables that are whole", Code: ExitUsage,
	}
}

// refuseChosen refuses to choose or mask rows where they go into a database: a
// migration moves all of it.
func (r *run) refuseChosen() error {
	if r.cfg.Sample.none() && len(r.cfg.Masks) == 0 {
		return nil
	}
	return &Error{Err: errors.New("rows are chosen and masked for fixtures only"), Hint: "write one, and seed the database from it", Code: ExitUsage}
}

// chooseRows decides which rows of each table go in.
func (r *run) chooseRows(ctx context.Context) error {
	if r.cfg.Sample.none() {
		return nil
	}
	req, err := r.sampleRequest()
	if err != nil {
		return err
	}
	choice, err := sample.Choose(ctx, r.snap, req)
	if err != nil {
		return explainSample(err)
	}
	r.choice = choice
	left, tables := int64(0), 0
	for i, t := range r.tables {
		if t.sample = choice.Table(i); t.sample != nil {
			left += t.sample.Left()
			tables++
		}
	}
	r.note(fmt.Sprintf("%s of %s stay out of the sample", several(left, "row", "rows"), several(int64(tables), "table", "tables")))
	return nil
}

// sampleRequest puts the choice of rows into the words of package sample.
func (r *run) sampleRequest() (sample.Request, error) {
	req := sample.Request{Share: r.cfg.Sample.Percent / 100, Small: smallRows}
	place := map[*schema.Table]int{}
	for i, t := range r.tables {
		place[t.src] = i
		req.Tables = append(req.Tables, sample.Table{Schema: t.src, Whole: r.bookkeeping(t.src.Name)})
	}
	for _, c := range r.cfg.Sample.Where {
		src := tableNamed(r.all, c.Table)
		i, ok := place[src]
		if !ok {
			return req, &Error{
				Err:  fmt.Errorf("no table %s in this run, of which --where speaks", c.Table),
				Hint: "the tables are " + nameList(r.selected().Tables), Code: ExitUsage,
			}
		}
		req.Tables[i].Conditions = append(req.Tables[i].Conditions, c.SQL)
	}
	for _, ref := range r.sourceReferences() {
		req.References = append(req.References, sample.Reference{
			Child: place[ref.child.src], Parent: place[ref.parent.src], Key: ref.fk, ParentColumns: ref.cols,
		})
	}
	return req, nil
}

// sourceReferences lists the foreign keys between tables of the run that SQLite could
// keep, whatever becomes of their types.
func (r *run) sourceReferences() (out []reference) {
	bySrc := map[*schema.Table]*table{}
	for _, t := range r.tables {
		bySrc[t.src] = t
	}
	for _, t := range r.tables {
		for _, fk := range t.src.ForeignKeys {
			src, cols := resolveParent(r.schema, fk)
			if parent := bySrc[src]; parent != nil && len(cols) > 0 && len(cols) == len(fk.Columns) && parent.hasKey(cols) {
				out = append(out, reference{child: t, parent: parent, fk: fk, cols: cols})
			}
		}
	}
	return out
}

// bookkeeping tells whether a table lists a framework's migrations, or is one that each
// of its applications fills alike: without all of it, the application does not run.
func (r *run) bookkeeping(name string) bool {
	for _, f := range r.found {
		for _, b := range f.Books {
			if b.Compare != "" && strings.EqualFold(b.Table, name) {
				return true
			}
		}
		for _, s := range f.Seeds {
			if strings.EqualFold(s.Table, name) {
				return true
			}
		}
	}
	return false
}

// explainSample gives an error its exit code and hint.
func explainSample(err error) error {
	var c *sample.ConditionError
	var u *sample.UnnamedError
	switch {
	case errors.As(err, &c):
		return &Error{
			Err:  fmt.Errorf("--where %w", err),
			Hint: "an expression over the table's columns, as behind WHERE in SQLite: --where \"orders=total > 100\"", Code: ExitUsage,
		}
	case errors.As(err, &u):
		return &Error{Err: err, Hint: "leave it out with --exclude", Code: ExitRefused}
	}
	return explainSource(err)
}

// dropChoice removes the list of rows.
func (r *run) dropChoice() error {
	if r.choice == nil {
		return nil
	}
	return r.choice.Close()
}

// chosen makes of a reader of a unit's rows one of those that go in, with their masks.
// For most runs that is the same reader.
func (r *run) chosen(t *table, u *unit, rows row.Reader) row.Reader {
	// Ordinals under a condition are others. The condition is that of a partial index,
	// which holds for the sample when it does for all rows.
	if t.sample != nil && !(u.Where != "" && t.sample.Ordinals()) {
		rows = t.sample.Reader(rows)
	}
	if t.masks != nil {
		rows = t.masks.reader(rows)
	}
	return rows
}
