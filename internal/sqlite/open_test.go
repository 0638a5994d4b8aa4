package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/sqlite"
)

// wantKind checks the reason of an OpenError and that it has a hint.
func wantKind(t *testing.T, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("error %v, want %v", err, kind)
	}
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) || hinted.Hint() == "" {
		t.Errorf("no hint with %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 8192)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	sqlite3 := []byte("SQLite format 3\x00\x10\x00\x01\x01\x00\x40\x20\x20")
	for _, tc := range []struct {
		name    string
		content []byte
		kind    error
	}{
		{"zero bytes", []byte{}, sqlite.ErrEmpty},
		{"text", []byte("hello, this is no database"), sqlite.ErrNotSQLite},
		{"zeros", make([]byte, 4096), sqlite.ErrNotSQLite},
		{"magic only", sqlite3, sqlite.ErrNotSQLite},
		{"noise in whole pages", noise, sqlite.ErrEncrypted},
		{"noise of odd size", noise[:8191], sqlite.ErrNotSQLite},
		{"archive", append([]byte("PK\x03\x04"), noise[4:]...), sqlite.ErrNotSQLite},
		{"plain header before noise", append(bytes.Clone(sqlite3), noise[len(sqlite3):]...), sqlite.ErrEncrypted},
		{"plain header before zeros", append(bytes.Clone(sqlite3), make([]byte, 4096-len(sqlite3))...), sqlite.ErrDamaged},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			if err := os.WriteFile(path, tc.content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			wantKind(t, err, tc.kind)
		})
	}
	t.Run("absent", func(t *testing.T) {
		t.Parallel()
		_, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), sqlite.Options{})
		wantKind(t, err, sqlite.ErrNotFound)
	})
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		_, err := sqlite.Open(t.Context(), t.TempDir(), sqlite.Options{})
		wantKind(t, err, sqlite.ErrIsDirectory)
	})
	t.Run("no tables", func(t *testing.T) {
		t.Parallel()
		_, err := sqlite.Open(t.Context(), build(t, "CREATE TABLE t(a)", "DROP TABLE t"), sqlite.Options{})
		wantKind(t, err, sqlite.ErrEmpty)
	})
}

func TestOpenCancelled(t *testing.T) {
	t.Parallel()
	path := build(t, "CREATE TABLE t(a)")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sqlite.Open(ctx, path, sqlite.Options{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
}

func TestOpenOddPaths(t *testing.T) {
	t.Parallel()
	plain := build(t, "CREATE TABLE t(a)", "INSERT INTO t VALUES (1)")
	b, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a b.db", "a?mode=rwc&x=1.db", "a#b.db", "100%41.db", "ä漢.db", "a'b\"c.db", "file:x.db"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Skip(err) // a name that the system does not allow
			}
			if got := readTable(t, open(t, path), "t"); len(got) != 1 {
				t.Errorf("read %q", got)
			}
		})
	}
}

// hotDB is a file with the hot journal of a writer that crashed: a copy made in
// the middle of a transaction that had to spill pages.
func hotDB(t *testing.T) string {
	t.Helper()
	path := build(t, "CREATE TABLE t(a)",
		`INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 2000) SELECT i FROM n`)
	dir := t.TempDir()
	// Each statement of change runs on one connection; VACUUM INTO cannot copy a
	// journal, so the transaction is kept open while the files are copied.
	copied := filepath.Join(dir, "hot.db")
	during(t, path, func() {
		for _, side := range []string{"", "-journal"} {
			b, err := os.ReadFile(path + side)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(copied+side, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}, "PRAGMA cache_size=2", "BEGIN", "UPDATE t SET a = a + 1000000")
	return copied
}

func TestHotJournal(t *testing.T) {
	t.Parallel()
	path := hotDB(t)
	before := sums(t, path)
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	wantKind(t, err, sqlite.ErrHotJournal)

	temp := t.TempDir()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{RecoverCopy: true, TempDir: temp})
	if err != nil {
		t.Fatal(err)
	}
	rows := readTable(t, s, "t")
	if len(rows) != 2000 || rows[0] != "1|1" || rows[1999] != "2000|2000" {
		t.Errorf("recovered %d rows, first %q", len(rows), rows[0])
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if sums(t, path) != before {
		t.Error("the source changed")
	}
}

// blockedWAL is a WAL-mode file beside which no -shm can be made.
func blockedWAL(t *testing.T) string {
	t.Helper()
	path := build(t, "PRAGMA journal_mode=WAL", "CREATE TABLE t(a)", "INSERT INTO t VALUES (1)")
	if err := os.Symlink("nowhere", path+"-shm"); err != nil {
		t.Skip(err)
	}
	return path
}

func TestImmutableFallback(t *testing.T) {
	t.Parallel()
	t.Run("unchanged", func(t *testing.T) {
		t.Parallel()
		s := open(t, blockedWAL(t))
		if s.Info().Locked || s.Info().JournalMode != "wal" {
			t.Errorf("info %+v", s.Info())
		}
		if got := readTable(t, s, "t"); len(got) != 1 {
			t.Errorf("read %q", got)
		}
	})
	t.Run("changed", func(t *testing.T) {
		t.Parallel()
		path := blockedWAL(t)
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		wantKind(t, s.Unchanged(), sqlite.ErrChanged)
		wantKind(t, s.Close(), sqlite.ErrChanged)
	})
	t.Run("log with content", func(t *testing.T) {
		t.Parallel()
		path := blockedWAL(t)
		if err := os.WriteFile(path+"-wal", []byte("frames"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		wantKind(t, err, sqlite.ErrLogUnreadable)
	})
}

func TestTornLog(t *testing.T) {
	t.Parallel()
	path := build(t, "PRAGMA journal_mode=WAL", "CREATE TABLE t(a)")
	torn := filepath.Join(t.TempDir(), "torn.db")
	during(t, path, func() {
		for _, side := range []string{"", "-wal"} {
			b, err := os.ReadFile(path + side)
			if err != nil {
				t.Fatal(err)
			}
			if side != "" {
				b = b[:len(b)-100] // into the last commit's frame
			}
			if err := os.WriteFile(torn+side, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}, "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)")
	before := sums(t, torn)
	s := open(t, torn)
	if got := readTable(t, s, "t"); len(got) != 2 {
		t.Errorf("read %q, want the two whole commits", got)
	}
	if s.Info().Log.Frames != 2 {
		t.Errorf("log %+v", s.Info().Log)
	}
	if sums(t, torn) != before {
		t.Error("the source changed")
	}
}

func TestRecoverCopyOfLog(t *testing.T) {
	t.Parallel()
	path := build(t, "PRAGMA journal_mode=WAL", "CREATE TABLE t(a)")
	during(t, path, func() {
		before := sums(t, path)
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{RecoverCopy: true, TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if got := readTable(t, s, "t"); len(got) != 2 || s.Info().JournalMode != "delete" || !s.Info().Locked {
			t.Errorf("read %q, %+v", got, s.Info())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if sums(t, path) != before {
			t.Error("the source changed")
		}
	}, "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)")
}

// TestTwoSnapshots: closing one snapshot must not drop the locks of another of
// the same file (POSIX locks belong to the process).
func TestTwoSnapshots(t *testing.T) {
	t.Parallel()
	path := steadyDB(t, "DELETE")
	one, two := open(t, path), open(t, path)
	first := readTable(t, two, "t")
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	wait := writer(t, "writer", path)
	wait("refused", 3)
	if again := readTable(t, two, "t"); again[0] != first[0] {
		t.Error("the snapshot moved")
	}
}

func TestReaderOutlivesClose(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), steadyDB(t, "WAL"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	table := schemaOf(t, s).Table("t")
	r, err := s.OpenReader(t.Context(), sqlite.TableUnit(table))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if lines, err := drain(r, 2); err != nil || len(lines) != 3000 {
		t.Errorf("%d rows, %v", len(lines), err)
	}
	if _, err := s.OpenReader(t.Context(), sqlite.TableUnit(table)); err == nil {
		t.Error("a closed snapshot gave a reader")
	}
}

// TestOpenNoise: a plain header before noise is told as encryption, whatever the
// noise makes of the first page.
func TestOpenNoise(t *testing.T) {
	t.Parallel()
	const headerSize, pageSize = 100, 4096
	plain, err := os.ReadFile(build(t, "CREATE TABLE t(a)"))
	if err != nil {
		t.Fatal(err)
	}
	for seed := range 256 {
		b := make([]byte, 2*pageSize)
		_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
		b[headerSize] = byte(seed)                  // the kind of page
		copy(b, plain[:headerSize])
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		wantKind(t, err, sqlite.ErrEncrypted)
	}
}
