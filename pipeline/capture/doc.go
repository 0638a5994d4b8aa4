// Package capture writes Postgres databases into fixture archives
// (docs/FIXTURE-FORMAT.md): their schema, and all rows as they are in one snapshot.
//
// One connection locks the tables and exports its snapshot, and several others read
// in it, each a range of a table's key at a time. Nothing is written to the database:
// the right to SELECT is enough. What cannot be carried is refused, or listed in the
// report as left out. The package prints nothing.
package capture
