// Package framework knows the frameworks that write SQLite files: how to tell
// from a schema which of them made it, which tables are their own bookkeeping,
// and what a column's declaration means where the declaration alone does not
// say.
//
// Each framework is one small table of rules in a file of its own; docs/
// FRAMEWORKS.md shows how to add one. Detect applies them to a schema. A
// framework is claimed for a proof (its bookkeeping table, with the right
// columns), or for two clues that are independent of each other (how it lays
// out statements and how it names indexes, say). No claim is better than a
// wrong one.
//
// What a framework says about a column is a Hint: a type, and the form in
// which values stand. A hint only counts when all values of the column keep
// it, which Tally counts, so that a hint can never change or lose a value.
//
// The package is pure: it reads schemas, never a file or a connection.
package framework
