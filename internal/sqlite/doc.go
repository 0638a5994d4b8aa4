// Package sqlite opens a SQLite database file and hands out what is in it: one
// consistent snapshot from the first read to the last, the schema, and the rows
// of every table through SQLite's own engine.
//
// It never writes to the source: the bytes of the main file, of its -wal and of
// its -journal stay as they are. What SQLite's WAL mode itself asks of every
// reader, read-only or not, still happens: where they are missing, an empty
// -wal and a -shm appear beside a WAL-mode file, and they stay, because another
// process may have begun to use them.
//
// # Who holds the snapshot
//
// [Open] pins the state of the file with one connection that does nothing else.
// Further connections, one per reader, see the same state:
//
//   - In rollback-journal mode the pin holds a SHARED lock, so nobody can write
//     to the file. Writers wait and, past their own timeout, get SQLITE_BUSY.
//   - In WAL mode with frames in the log the pin holds a read mark and the other
//     connections are opened at the same point of the log (sqlite3_snapshot_open).
//     Writers go on; the log cannot be restarted before Close.
//   - In WAL mode with an empty log the pin's read lock keeps every checkpoint
//     out of the main file, which is therefore fixed, whatever enters the log.
//   - A WAL-mode file without a log, in a place where a -shm cannot be made, is
//     read as immutable. Nothing can pin it, so its size, time and header are
//     compared at the end, by [Snapshot.Unchanged] and Close.
//
// POSIX locks belong to the process, and closing any descriptor of a file drops
// them all. So Snapshot is the only one that opens the file: it does so before
// the engine, and closes its own descriptor last; several snapshots of one file
// in one process share the duty (see heldFile). Nobody else in the process may
// open the file while a snapshot of it is open.
//
// # Hostile files
//
// A file is input from outside. Its schema cannot run anything that matters:
// connections are read-only, defensive, without trusted schema, triggers,
// extensions or attached files. No value can be longer than a small multiple of
// the file. Every call into the library that was translated from C runs under a
// guard that turns a panic, also one by a memory fault on an unmapped address,
// into an [Error]; the connection is then abandoned, not closed, because its
// state is unknown. What the guard cannot turn into an error is a fault inside
// memory that happens to be mapped; there the engine's own checks are relied on.
package sqlite
