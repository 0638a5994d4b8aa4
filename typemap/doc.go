// Package typemap decides what each SQLite column becomes in Postgres: a type,
// and the form in which its values stand, with the evidence.
//
// It is pure: rules over the schema, and profiles that were filled from every
// value of the source. It reads no file and knows no connection. docs/TYPES.md
// is its contract.
//
// The order of evidence is: the user's rule, what the framework that wrote the
// file says and all values keep, the declared type, the profile.
// A declared type is a promise that SQLite never enforced, so a column gets
// its promised type only when all its values keep it; otherwise it falls back
// to the narrowest type that holds every value unchanged, and the plan says
// which value made it so.
//
// Probes says what to look for in each column, Table.Add looks at one row,
// Table.Merge joins the parts of a table, and DecideAll decides.
package typemap
