// Package reseed fills Postgres databases from fixture archives
// (docs/FIXTURE-FORMAT.md), as fast as the server takes rows, and proves that all
// of them arrived.
//
// Into a database that has none of the archive's tables, all of it is made:
// schema, rows, keys, indexes, identities, views. Tables that stand are emptied,
// once agreed, and filled again, or get the archive's rows beside their own. Each
// chunk of an archive is one COPY, unpacked and checked while it is sent; several
// connections load side by side, and build what follows as soon as a table is in.
//
// An archive's statements are read before any is run (internal/postgres/script),
// and what archives do not have is refused. The package prints nothing.
package reseed
