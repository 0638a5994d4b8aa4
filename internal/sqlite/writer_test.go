package sqlite_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// playWriter is the other process: it commits, in the mode of its role, until
// its standard input ends, and prints a line for each commit or refusal.
func playWriter(role, path string) int {
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(20)&_pragma=synchronous(0)")
	if err != nil {
		return 1
	}
	db.SetMaxOpenConns(1)
	if role == "exclusive" {
		if _, err := db.Exec("BEGIN EXCLUSIVE"); err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println("locked")
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		return 0
	}
	ended := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		close(ended)
	}()
	for i := 0; ; i++ {
		select {
		case <-ended:
			return 0
		default:
		}
		_, err := db.Exec("BEGIN IMMEDIATE; UPDATE t SET v = v + 1; DELETE FROM t WHERE id = (SELECT min(id) FROM t);" +
			"INSERT INTO t(v) SELECT v FROM t LIMIT 50; COMMIT")
		if err == nil {
			fmt.Println("commit")
		} else {
			fmt.Println("refused:", err)
			_, _ = db.Exec("ROLLBACK")
		}
		if i%3 == 0 {
			_, _ = db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		}
	}
}

// writer starts the other process, until the test ends, and gives a function that
// waits for n lines with the prefix.
func writer(t *testing.T, role, path string) (wait func(prefix string, n int)) {
	t.Helper()
	cmd := exec.Command(os.Args[0], path)
	cmd.Env = append(os.Environ(), writerEnv+"="+role)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1<<16)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("writer: %v", err)
		}
	})
	return func(prefix string, n int) {
		t.Helper()
		deadline := time.After(60 * time.Second)
		for n > 0 {
			select {
			case line, ok := <-lines:
				if !ok {
					t.Fatal("the writer ended")
				}
				if strings.HasPrefix(line, prefix) {
					n--
				}
			case <-deadline:
				t.Fatalf("no %q from the writer", prefix)
			}
		}
	}
}

// steadyDB is a table that the writer changes in every row.
func steadyDB(t *testing.T, mode string) string {
	return build(t, "PRAGMA journal_mode="+mode, "CREATE TABLE t(id INTEGER PRIMARY KEY, v INT)",
		`INSERT INTO t(v) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 3000) SELECT 0 FROM n`)
}

// writerModes are the ways in which another process can be at work on the file.
var writerModes = []struct {
	name, mode string
	before     bool   // the writer is at work before Open: the log has frames
	sees       string // what the writer meets while the snapshot is open
}{
	{"rollback", "DELETE", false, "refused"},
	{"wal empty at first", "WAL", false, "commit"},
	{"wal busy", "WAL", true, "commit"},
}

func TestSnapshotUnderWriter(t *testing.T) {
	t.Parallel()
	for _, tc := range writerModes {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := steadyDB(t, tc.mode)
			var wait func(string, int)
			if tc.before {
				wait = writer(t, "writer", path)
				wait("commit", 4)
			}
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			first := readTable(t, s, "t")
			if wait == nil {
				wait = writer(t, "writer", path)
			}
			for range 8 {
				wait(tc.sees, 3)
				again := readTable(t, s, "t")
				if len(again) != len(first) || again[0] != first[0] || again[len(again)-1] != first[len(first)-1] {
					t.Fatalf("the snapshot moved: %d rows from %s, now %d from %s",
						len(first), first[0], len(again), again[0])
				}
			}
			manyReaders(t, s, len(first))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			wait("commit", 30) // the pin is gone: nobody is kept out
		})
	}
}

// manyReaders opens more readers at once than the pool keeps.
func manyReaders(t *testing.T, s *sqlite.Snapshot, want int) {
	t.Helper()
	table := schemaOf(t, s).Table("t")
	units, err := s.Units(t.Context(), table, 12)
	if err != nil {
		t.Fatal(err)
	}
	var readers []row.Reader
	for _, u := range units {
		r, err := s.OpenReader(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		readers = append(readers, r)
	}
	got := 0
	for _, r := range readers {
		lines, err := drain(r, 2)
		if err != nil {
			t.Error(err)
		}
		got += len(lines)
	}
	if got != want {
		t.Errorf("%d units: %d rows, want %d", len(units), got, want)
	}
}

func TestOpenBusy(t *testing.T) {
	t.Parallel()
	path := steadyDB(t, "DELETE")
	wait := writer(t, "exclusive", path)
	wait("locked", 1)
	start := time.Now()
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{BusyTimeout: 200 * time.Millisecond})
	wantKind(t, err, sqlite.ErrBusy)
	if d := time.Since(start); d < 200*time.Millisecond || d > 5*time.Second {
		t.Errorf("gave up after %v", d)
	}
}
