// Package planfile is the plan of a run as a file that people review, edit and
// keep under version control: its model, its text with comments, its reading
// with positions, and the JSON Schema that editors check it with.
//
// It is pure: it reads from an io.Reader and writes to an io.Writer, knows no
// database, and decides nothing. What a plan means is for package pipeline.
package planfile
