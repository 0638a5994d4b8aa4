// Package contest measures litehaul, end to end, on one machine in one run:
// beside a floor, which is what the server can do at best, and beside other
// tools.
//
// The contestants take turns (a lap each, in an order that rotates), so that a
// machine whose speed drifts is unfair to nobody. Each lap begins in an empty
// database after a checkpoint. The floor is what a skilled database
// administrator does by hand who already has the rows in the server's own
// binary form on the server's own disk: COPY from files over as many
// connections as litehaul has, then indexes, keys and foreign keys built in
// parallel. Several ways of doing that are tried first, and the fastest one
// counts.
//
// A [Result] holds every single lap. The package publishes nothing by itself:
// [Result.Markdown], [Result.Charts] and [Result.Bars] give what is to be shown.
// It writes to the databases that it creates, to its work folder and to its
// cache of generated databases, and nowhere else.
package contest
