// Package pipeline runs a migration: it takes one SQLite file and one Postgres
// target, and carries everything over in stages, from snapshot to proof.
//
//	snapshot -> schema -> profile -> plan -> load -> finish -> verify
//
// [Migrate] does all of it, [Inspect] stops before a target is needed. The
// package never prints and never exits: progress goes to a [Config.Observer],
// results are a [Report], and errors say which exit code they deserve through
// [ExitCode].
package pipeline
