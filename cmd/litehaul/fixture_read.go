package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/fetch"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

func newFixtureInfo(con *console) *cobra.Command {
	asJSON, from := false, &fixtureSource{}
	cmd := &cobra.Command{
		Use:   "info FIXTURE",
		Short: "Show what a fixture archive is: its source, ID, tables and sizes",
		Long: `Show what a fixture archive is: what made it and from what, its ID, which servers it fits,
its tables, rows and sizes. Everything but the rows is checked; litehaul fixture verify
checks the rows too.

` + fixtureFrom,
		Example: `  litehaul fixture info app.tar
  litehaul fixture info https://example.com/app.tar
  litehaul fixture info app.tar --json | jq '.tables[].rows'`,
		Args: argCount(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return from.with(cmd.Context(), con, args[0], func(f *fixture.Reader, src *fetch.Source) error {
				if asJSON {
					enc := json.NewEncoder(con.out)
					enc.SetIndent("", " ")
					enc.SetEscapeHTML(false)
					return enc.Encode(f.Manifest()) //nolint:wrapcheck // stdout says what is wrong with it
				}
				return writeInfo(con.out, f, src.Size())
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the archive's manifest")
	group(cmd.Flags(), groupOther)
	from.addFlags(cmd.Flags())
	return cmd
}

func writeInfo(w io.Writer, f *fixture.Reader, size int64) error {
	m := f.Manifest()
	rows, raw, chunks := int64(0), int64(0), int64(0)
	for i := range m.Tables {
		rows += m.Tables[i].Rows
		raw += m.Tables[i].Bytes
		chunks += int64(len(m.Tables[i].Chunks))
	}
	out := bufio.NewWriter(w)
	line := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(out, "%-12s %s\n", name, fmt.Sprintf(format, args...)) // Flush gives the error
	}
	line("format", "%s %d", m.Format, m.Version)
	line("id", "%s", f.ID())
	line("made by", "%s", m.Tool)
	line("source", "%s", m.Source)
	line("servers", "PostgreSQL %d to %d", m.Postgres.Min, m.Postgres.Max)
	line("schema", "%s", m.SchemaSHA256)
	line("tables", "%s", render.Count(int64(len(m.Tables))))
	line("rows", "%s in %s", render.Count(rows), render.Plural(chunks, "chunk"))
	line("size", "%s; rows unpacked: %s", render.Bytes(size), render.Bytes(raw))
	for _, mask := range m.Masked {
		line("masked", "%s", render.Clean(fmt.Sprintf("%s.%s.%s: %s", mask.Schema, mask.Table, mask.Column, mask.How)))
	}
	return out.Flush() //nolint:wrapcheck // stdout says what is wrong with it
}

func newFixtureList(con *console) *cobra.Command {
	from := &fixtureSource{}
	cmd := &cobra.Command{
		Use:   "list FIXTURE",
		Short: "List the tables of a fixture archive",
		Long: `List the tables of a fixture archive, one a line, with tabs between rows, bytes of tuples,
chunks, the digest of the content and the name.

` + fixtureFrom,
		Example: `  litehaul fixture list app.tar
  litehaul fixture list app.tar | sort -n`,
		Args: argCount(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return from.with(cmd.Context(), con, args[0], func(f *fixture.Reader, _ *fetch.Source) error {
				out := bufio.NewWriter(con.out)
				for i := range f.Manifest().Tables {
					t := &f.Manifest().Tables[i]
					_, _ = fmt.Fprintf(out, "%d\t%d\t%d\t%s\t%s\n", t.Rows, t.Bytes, len(t.Chunks), t.Digest,
						render.Clean(t.Schema+"."+t.Name)) // Flush gives the error
				}
				return out.Flush() //nolint:wrapcheck // stdout says what is wrong with it
			})
		},
	}
	from.addFlags(cmd.Flags())
	return cmd
}

func newFixtureVerify(con *console) *cobra.Command {
	jobs, from := 0, &fixtureSource{}
	cmd := &cobra.Command{
		Use:   "verify FIXTURE",
		Short: "Read all of a fixture archive and check every hash and digest",
		Long: `Read all of a fixture archive and check it: the tar file, the manifest, each chunk's hash,
frame and stream, and the digest of each table's rows. Prints the archive's ID, which is
equal for equal archives only. What is damaged is refused, with exit code 3.

` + fixtureFrom,
		Example: `  litehaul fixture verify app.tar`,
		Args:    argCount(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if jobs < 0 || jobs > maxJobs {
				return usage("--jobs 4", "invalid value %d for --jobs: must be from 0 to %d", jobs, maxJobs)
			}
			if jobs == 0 {
				jobs = runtime.NumCPU()
			}
			return from.with(cmd.Context(), con, args[0], func(f *fixture.Reader, src *fetch.Source) error {
				if err := f.Verify(cmd.Context(), jobs); err != nil {
					return reseed.ExplainFixture(src.Name(), err)
				}
				_, err := fmt.Fprintf(con.out, "whole: %s\n", f.ID())
				return err //nolint:wrapcheck // stdout says what is wrong with it
			})
		},
	}
	cmd.Flags().IntVar(&jobs, "jobs", 0, "chunks that are read at once, `N` (default: the number of CPUs)")
	group(cmd.Flags(), groupOther)
	from.addFlags(cmd.Flags())
	return cmd
}

func newFixtureCat(con *console) *cobra.Command {
	from := &fixtureSource{}
	cmd := &cobra.Command{
		Use:   "cat FIXTURE [TABLE]",
		Short: "Write the rows of a table as one stream of binary COPY",
		Long: `Write the rows of a table of a fixture archive to stdout, as one stream of binary COPY.
TABLE is its name, with or without the schema; it may be left out where the archive has
one table. All checks of the rows are made on the way: where one fails, the stream has no
end, so that COPY takes nothing of it.

` + fixtureFrom,
		Example: `  litehaul fixture cat app.tar users | psql app -c 'COPY users FROM STDIN (FORMAT binary)'`,
		Args:    argCount(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if isTerminal(con.out) {
				return usage("redirect it into a file, or pipe it into psql", "the rows are binary, and stdout is a terminal")
			}
			return from.with(cmd.Context(), con, args[0], func(f *fixture.Reader, src *fetch.Source) error {
				table, err := findTable(f.Manifest(), args[1:])
				if err != nil {
					return err
				}
				out := bufio.NewWriterSize(con.out, 128<<10)
				if err := catTable(out, f, table); err != nil {
					return reseed.ExplainFixture(src.Name(), err)
				}
				return out.Flush() //nolint:wrapcheck // stdout says what is wrong with it
			})
		},
	}
	from.addFlags(cmd.Flags())
	return cmd
}

// findTable finds the table that the arguments name.
func findTable(m *fixture.Manifest, args []string) (int, error) {
	var found []int
	var names []string
	for i := range m.Tables {
		t := &m.Tables[i]
		names = append(names, render.Clean(t.Schema+"."+t.Name))
		if len(args) == 0 || args[0] == t.Name || args[0] == t.Schema+"."+t.Name {
			found = append(found, i)
		}
	}
	hint := "the tables are " + someOf(names)
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(args) == 0:
		return 0, usage(hint, "which table? The archive has %s", render.Plural(int64(len(names)), "table"))
	case len(found) == 0:
		return 0, usage(hint, "the archive has no table %q", args[0])
	}
	return 0, usage(hint, "%q is the name of several tables", args[0])
}

// catTable joins a table's chunks: their headers and trailers go, but for the
// first header and the last trailer, which comes when all checks held.
func catTable(w io.Writer, f *fixture.Reader, table int) error {
	if _, err := w.Write(pgcopy.AppendHeader(nil)); err != nil {
		return err //nolint:wrapcheck // stdout says what is wrong with it
	}
	columnN := len(f.Manifest().Tables[table].Columns)
	for chunk := range f.Manifest().Tables[table].Chunks {
		if err := catChunk(w, f, table, chunk, columnN); err != nil {
			return err
		}
	}
	_, err := w.Write(pgcopy.AppendTrailer(nil))
	return err //nolint:wrapcheck // stdout says what is wrong with it
}

func catChunk(w io.Writer, f *fixture.Reader, table, chunk, columnN int) error {
	r, err := f.ReadChunk(table, chunk)
	if err != nil {
		return err //nolint:wrapcheck // names the member
	}
	defer func() { _ = r.Close() }()                              // all of it is read
	header := binary.BigEndian.AppendUint16(nil, uint16(columnN)) //nolint:gosec // at most 1600
	scanner := pgcopy.NewScanner(columnN, func(fields []byte, _ int) error {
		if _, err := w.Write(header); err != nil {
			return err //nolint:wrapcheck // stdout says what is wrong with it
		}
		_, err := w.Write(fields)
		return err //nolint:wrapcheck // stdout says what is wrong with it
	})
	if _, err := io.CopyBuffer(scanner, r, make([]byte, 128<<10)); err != nil {
		return err //nolint:wrapcheck // names the member
	}
	return scanner.Close() //nolint:wrapcheck // the chunk's own checks come first
}
