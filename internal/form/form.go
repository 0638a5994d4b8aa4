// Package form recognises and parses the forms in which applications keep
// values in SQLite: text encodings of dates, UUIDs, numbers, booleans and JSON,
// numeric epochs, and SQLite's binary JSONB.
//
// The profile asks it whether every value of a column fits a form, the encoder
// asks it to convert the same values: both call the same functions, so they
// cannot disagree. All functions are pure and work on the caller's bytes. None
// allocates per value (the append functions and JSONScanner grow only what the
// caller keeps and passes again), none panics on any input, and none guesses:
// what is not exactly one of the documented forms is refused.
//
// It never does I/O, never decides which form a column has (that is package
// typemap), and never writes the Postgres wire format.
package form
