package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/internal/fetch"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/fixture/diff"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// diffOptions are the flags of litehaul fixture diff.
type diffOptions struct {
	limit  int
	keys   remapFlag
	asJSON bool
}

// diffExitCodes are those of diff(1) as far as it has any.
const diffExitCodes = `Exit codes:
  0    equal
  1    different
  2    wrong usage, or a file that cannot be read
  3    refused: a file is no fixture, or is damaged
  130  interrupted`

func newFixtureDiff(con *console) *cobra.Command {
	o := &diffOptions{}
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Tell how two fixture archives differ: schema, tables, rows by key",
		Long: `Tell how two fixture archives differ, A the one before and B the one after: statements of
the schema, tables, columns, next values of identities, and rows. Tables whose digests are
equal are not read. Rows are matched by the primary key; of a table without one, a row
stands in both or it does not. All differences are counted, and the first of them shown.

How an archive was compressed, by which version, and in which order makes no difference.

` + fixtureFrom,
		Example: `  litehaul fixture diff monday.tar tuesday.tar
  litehaul fixture diff monday.tar tuesday.tar --key log=day,line --limit 5
  litehaul fixture diff monday.tar tuesday.tar --json | jq '.tables[] | select(.status != "equal")'`,
		Args:        argCount(2, 2),
		Annotations: map[string]string{exitCodesKey: diffExitCodes},
		RunE: func(cmd *cobra.Command, args []string) error {
			err := o.run(cmd.Context(), con, args)
			var failed *pipeline.Error
			if err != nil && !errors.As(err, new(told)) && (!errors.As(err, &failed) || failed.Code == pipeline.ExitFailed) && cmd.Context().Err() == nil {
				return &pipeline.Error{Err: err, Code: pipeline.ExitUsage} // 1 says that they differ
			}
			return err
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.IntVar(&o.limit, "limit", 20, "show at most `N` statements, and N rows removed, changed and added of each table")
	fs.Var(&o.keys, "key", "match the rows of a table by these columns, in place of its primary key; repeatable")
	fs.BoolVar(&o.asJSON, "json", false, "print the differences as JSON")
	return cmd
}

func (o *diffOptions) run(ctx context.Context, con *console, args []string) error {
	if o.limit < 0 || o.limit > maxLimit {
		return usage("--limit 20", "invalid value %d for --limit: must be from 0 to %d", o.limit, maxLimit)
	}
	opts := diff.Options{Limit: o.limit, Keys: map[string][]string{}}
	for _, k := range o.keys.all {
		opts.Keys[k.Table] = k.Key
	}
	if args[0] == fetch.Stdin && args[1] == fetch.Stdin {
		return usage("litehaul fixture diff monday.tar -", "only one of the archives can come from standard input")
	}
	var rep *diff.Report
	from := &fixtureSource{}
	err := from.with(ctx, con, args[0], func(a *fixture.Reader, _ *fetch.Source) error {
		return from.with(ctx, con, args[1], func(b *fixture.Reader, _ *fetch.Source) (err error) {
			rep, err = diff.Compare(ctx, a, b, opts)
			if errors.Is(err, diff.ErrKey) {
				return usage("litehaul fixture info --json shows tables and columns", "--key: %w", err)
			}
			if err != nil {
				return reseed.ExplainFixture(strings.Join(args, " or "), err)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if o.asJSON {
		enc := json.NewEncoder(con.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(rep)
	} else {
		err = render.Diff(con.out, rep, args[0], args[1], render.Options{Width: width(con.out)})
	}
	if err == nil && !rep.Equal {
		return told{&pipeline.Error{Err: errors.New("the archives differ"), Code: pipeline.ExitFailed}}
	}
	return err //nolint:wrapcheck // stdout says what is wrong with it
}

// maxLimit is more rows than anybody reads.
const maxLimit = 100_000
