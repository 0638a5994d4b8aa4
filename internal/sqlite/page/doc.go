// Package page reads the rows of a SQLite database from the pages of its file,
// without SQLite: it follows the file format document
// (https://www.sqlite.org/fileformat2.html) and decodes records in place.
//
// It never writes, never takes locks, never maps the file into memory (a file
// cut short would be a fault instead of an error) and knows no SQL. Who holds
// the state of the file still is package sqlite's business.
//
// # What a reader sees
//
// A [File] is the main file, overlaid with the first frames of the write-ahead
// log when there is a [Log]. Package sqlite holds a snapshot while a File is in
// use, and this is why its bytes are the snapshot's, although other processes go
// on writing:
//
//   - In a rollback-journal mode the snapshot's SHARED lock keeps every writer
//     out of the main file.
//   - In WAL mode without frames the snapshot holds the read lock of mark 0. A
//     checkpoint needs that lock for itself before it copies anything into the
//     main file, and what writers append to the log is not looked at.
//   - In WAL mode with frames the snapshot holds a read mark at frame F or
//     before. A checkpoint copies only frames up to the smallest mark that is
//     held, so the main file never gets a frame after F. A page that has no
//     frame among the first F is in the main file as it was before the log
//     began, and stays so: a checkpoint writes no page but those. A page that
//     has one is read from the log, whether or not a checkpoint copied it. The
//     log itself is only appended to: to begin it anew, or to cut it, a writer
//     needs all read marks for itself. Each frame's page number and salt are
//     compared once more when the page is read.
//
// # Hostile files
//
// A file costs errors, never a panic, a hang or memory beyond bounds. All errors
// of content are [*Error] and wrap [ErrCorrupt]. A walk visits no page twice;
// page numbers, cells, record headers, overflow chains and the order of rowids
// are checked before anything is believed. In a table b-tree the rowids ascend
// strictly and keep to the bounds that the interior pages above give. No two cells
// of a leaf share a byte. What readers cannot see, pages and bytes that nothing
// leads to, an [Account] finds while they read.
//
// # Memory
//
// A reader holds one run of pages (256 KiB), one page per level of its tree, the
// largest row that needed overflow pages, one bit for each page that it visited
// and one for each byte of a page. A Log holds eight bytes for each page that has
// frames in it, an [Account] one bit for each page of the file. However many pages
// a file claims, none counts that neither the main file nor the log has room for.
package page
