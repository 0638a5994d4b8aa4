// Package measure repeats a job on a user's own server and tells how long it
// takes: each run in a scratch database or schema that is made for it and
// removed after it, the first one thrown away. Two results are compared as
// benchstat compares two benchmarks: by medians, and by the Mann-Whitney U test,
// which asks whether the difference is more than noise.
//
// A job is done in one or several ways (a [Way] is a name and a function), which
// take turns. The package touches no table that it did not make, keeps no
// password in a [Result], and prints nothing.
package measure
