package pipeline

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/typemap"
)

// ledgerSamples is how many cells of one kind the report itself shows.
const ledgerSamples = 20

// ledger keeps account of each cell that does not arrive as it was: counts and
// the first few in memory, all of them in a file where the user wants one.
type ledger struct {
	mu     sync.Mutex
	groups map[ledgerKey]*LedgerGroup
	file   *os.File
	out    *bufio.Writer
	err    error
}

type ledgerKey struct {
	t    *table
	col  int
	what string
}

// ledgerLine is one line of the ledger file.
type ledgerLine struct {
	Table  string `json:"table"`
	Key    string `json:"key"`
	Column string `json:"column"`
	Value  string `json:"value"`
	What   string `json:"what"`
	Why    string `json:"why"`
}

func newLedger(path string) (*ledger, error) {
	l := &ledger{groups: map[ledgerKey]*LedgerGroup{}}
	if path == "" {
		return l, nil
	}
	if sqlite.IsDatabase(path) {
		return nil, &Error{
			Err: fmt.Errorf("the ledger file %s would replace a SQLite database", path), Hint: "name another file", Code: ExitUsage,
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("ledger file: %w", err), Code: ExitUsage}
	}
	l.file, l.out = f, bufio.NewWriter(f)
	return l, nil
}

var noteText = map[convert.Note][2]string{
	convert.Cut:      {"digits cut that the type does not keep", "Postgres keeps microseconds, or what the column's type says"},
	convert.Replaced: {"bytes replaced by U+FFFD", "--invalid-text=replace"},
	convert.Emptied:  {"empty text became NULL", "--form ...=empty-null"},
	convert.Rounded:  {"rounded to the scale of the type", "the double shows more digits than were ever written"},
	convert.Unzoned:  {"a date without its offset", "the target's column is a date"},
	convert.Moved:    {"a wall time that the zone skips moved over the gap", "--naive-datetimes"},
}

// changed enters a cell that was changed.
func (l *ledger) changed(t *table, col int, note convert.Note, key string, v *row.Value) {
	text := noteText[note]
	l.enter(t, col, ledgerLine{Key: key, Value: typemap.Show(v), What: text[0], Why: text[1]})
}

// rejected enters a row that was left behind because of one cell.
func (l *ledger) rejected(t *table, col int, key string, v *row.Value) {
	l.enter(t, col, ledgerLine{Key: key, Value: typemap.Show(v), What: "row left behind", Why: "--invalid-text=reject"})
}

func (l *ledger) enter(t *table, col int, line ledgerLine) {
	line.Table, line.Column = t.src.Name, t.src.Columns[col].Name
	l.mu.Lock()
	defer l.mu.Unlock()
	id := ledgerKey{t, col, line.What}
	g := l.groups[id]
	if g == nil {
		g = &LedgerGroup{Table: line.Table, Column: line.Column, What: line.What, Why: line.Why}
		l.groups[id] = g
	}
	g.Count++
	if len(g.Cells) < ledgerSamples {
		g.Cells = append(g.Cells, Cell{Key: line.Key, Value: line.Value})
	}
	if l.out != nil && l.err == nil {
		b, _ := json.Marshal(line) // a struct of strings always marshals
		_, l.err = l.out.Write(append(b, '\n'))
	}
}

// close ends the file.
func (l *ledger) close() error {
	if l.file == nil {
		return nil
	}
	err := l.err
	if e := l.out.Flush(); err == nil {
		err = e
	}
	if e := l.file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write ledger file: %w", err)
	}
	return nil
}

// summary gives the groups in a stable order.
func (l *ledger) summary() LedgerSummary {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out LedgerSummary
	for _, g := range l.groups {
		out.Total += g.Count
		out.Entries = append(out.Entries, *g)
	}
	slices.SortFunc(out.Entries, func(a, b LedgerGroup) int {
		for _, c := range []int{cmpString(a.Table, b.Table), cmpString(a.Column, b.Column), cmpString(a.What, b.What)} {
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return out
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
