// Package bench makes the databases that litehaul is measured and shown with.
//
// [TPCH] writes a database of the shape of the TPC-H benchmark: eight plain
// tables, of which one holds most rows. [Shop] writes what applications really
// keep in SQLite: identifiers, times and truth values in every form in use,
// JSON, BLOBs, generated columns, views, full-text search. The others each
// stretch one thing: [Wide] the number of columns, [Narrow] that of rows,
// [Large] the size of values, [Events] conversions, [Small] the cost of
// beginning and ending. [Datasets] lists them all.
//
// All are deterministic: the same options give the same file, byte for byte,
// as long as the generators and the SQLite library stay the same. Nothing here
// is read from the clock, the environment or the network.
package bench
