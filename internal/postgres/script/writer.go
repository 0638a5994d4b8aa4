package script

import "strings"

// Writer collects the statements of one of an archive's two SQL files.
type Writer struct{ b strings.Builder }

// NewWriter begins a file with the settings under which a migration makes the same,
// local to the transaction that all of an archive is restored in. searchPath is the
// value of that setting: quoted names with commas between.
func NewWriter(searchPath string) *Writer {
	w := &Writer{}
	for _, setting := range []string{
		"client_encoding = 'UTF8'", "standard_conforming_strings = on", "search_path = " + searchPath,
		"statement_timeout = 0", "lock_timeout = 0", "idle_in_transaction_session_timeout = 0", "jit = off",
	} {
		w.Add("SET LOCAL " + setting)
	}
	return w
}

// Add adds a statement, given without its semicolon.
func (w *Writer) Add(sql string) { _, _ = w.b.WriteString(sql + ";\n") } // never fails

// Try adds statements that a server may refuse.
func (w *Writer) Try(a Attempt) { w.Add(a.SQL()) }

// String is the file's text so far.
func (w *Writer) String() string { return w.b.String() }
