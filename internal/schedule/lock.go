package schedule

// Mode is a table-level lock of Postgres, by the names of its manual
// ("Table-Level Locks"). Two tasks whose locks conflict run one after the
// other whatever we do; knowing it beforehand keeps a connection from sitting
// in the server's lock queue, and crossing locks from becoming a deadlock.
type Mode uint8

// The modes that the tasks of a run take.
const (
	AccessShare          Mode = iota // SELECT, COPY TO
	RowExclusive                     // COPY FROM
	ShareUpdateExclusive             // ANALYZE, VALIDATE CONSTRAINT
	Share                            // CREATE INDEX
	ShareRowExclusive                // ADD FOREIGN KEY, on both tables
	AccessExclusive                  // CREATE TABLE, the other ALTER TABLEs
	modes
)

var modeNames = [modes]string{
	"ACCESS SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE",
}

// String gives the mode as LOCK TABLE takes it.
func (m Mode) String() string { return modeNames[m] }

// conflicting has, for each mode, a bit for each mode that it waits for.
var conflicting = [modes]uint{
	AccessShare:          1 << AccessExclusive,
	RowExclusive:         1<<Share | 1<<ShareRowExclusive | 1<<AccessExclusive,
	ShareUpdateExclusive: 1<<ShareUpdateExclusive | 1<<Share | 1<<ShareRowExclusive | 1<<AccessExclusive,
	Share:                1<<RowExclusive | 1<<ShareUpdateExclusive | 1<<ShareRowExclusive | 1<<AccessExclusive,
	ShareRowExclusive:    1<<RowExclusive | 1<<ShareUpdateExclusive | 1<<Share | 1<<ShareRowExclusive | 1<<AccessExclusive,
	AccessExclusive:      1<<modes - 1,
}

// Lock is a mode on a table, which On stands for: any value that names it.
type Lock struct {
	On   any
	Mode Mode
}

// Conflicts tells whether one waits for the other.
func (l Lock) Conflicts(o Lock) bool {
	return l.On == o.On && conflicting[l.Mode]&(1<<o.Mode) != 0
}

// lockTable counts the locks that tasks hold, or wait for.
type lockTable map[any]*[modes]int

// free tells whether none of the locks conflicts with one in the table.
func (l lockTable) free(locks []Lock) bool {
	for _, want := range locks {
		held := l[want.On]
		if held == nil {
			continue
		}
		for mode, n := range held {
			if n > 0 && conflicting[want.Mode]&(1<<mode) != 0 {
				return false
			}
		}
	}
	return true
}

func (l lockTable) hold(locks []Lock) {
	for _, x := range locks {
		if l[x.On] == nil {
			l[x.On] = &[modes]int{}
		}
		l[x.On][x.Mode]++
	}
}

func (l lockTable) release(locks []Lock) {
	for _, x := range locks {
		l[x.On][x.Mode]--
	}
}
