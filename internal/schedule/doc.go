// Package schedule runs tasks that depend on each other over a few connections.
//
// Of the tasks that are ready, the one with the longest path to the end goes
// first (list scheduling by critical path), so that no long chain is left over
// when everything else is done. A task whose table locks would make it wait for
// another one is not started: its worker does something else meanwhile.
//
// The package knows nothing of what tasks do, and it never retries one.
package schedule
