package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/bench"
	"github.com/litehaul/litehaul/internal/pgserver"
	"github.com/litehaul/litehaul/internal/pgserver/embedded"
	"github.com/litehaul/litehaul/pipeline"
)

// demoOptions are the flags of litehaul demo.
type demoOptions struct {
	session sessionOptions
	db      string
	rows    int
	keep    bool
}

const (
	// defaultRows is the size of the sample, and the unit of bench.ShopOptions'
	// scale.
	defaultRows = 200_000
	maxRows     = 100_000_000
	// demoDatabase is the database that a demo migrates into.
	demoDatabase = "demo"
)

func newDemo(con *console) *cobra.Command {
	o := &demoOptions{session: sessionOptions{report: reportText, logLevel: "warn", logFormat: logText}}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Migrate a sample, or your own file, into a throwaway Postgres",
		Long: `Migrate a sample database, or your own file, into a throwaway Postgres, and show what
arrived. The sample is a web shop, made on the spot. The server is private and listens
on a socket that only its user can open; its programs are those of ` + pgserver.BinEnv + `, of the
PATH or of /usr/lib/postgresql, else they are fetched once into your cache. All of it is
removed at the end, unless you keep it.`,
		Example: `  litehaul demo
  litehaul demo --rows 1000000
  litehaul demo --db app.db --keep`,
		Args: argCount(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), con)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.db, "db", "", "migrate this `FILE` in place of the sample")
	fs.IntVar(&o.rows, "rows", defaultRows, "about how many rows the sample has, `N`")
	group(fs, groupWhat)
	fs.BoolVar(&o.keep, "keep", false, "leave the server running, and say how to reach and how to stop it")
	group(fs, groupTarget)
	o.session.addProgressFlag(fs)
	return cmd
}

// demoServer is a throwaway server with the demo's database.
type demoServer interface {
	// URL leads to a database.
	URL(database string) string
	// Stop ends the server and removes what it made.
	Stop() error
}

func (o *demoOptions) run(ctx context.Context, con *console) (err error) {
	if o.rows < 1 || o.rows > maxRows {
		return usage("--rows 200000", "invalid value %d for --rows: must be from 1 to %d", o.rows, maxRows)
	}
	source := o.db
	if source == "" {
		dir, err := os.MkdirTemp("", "litehaul-demo-")
		if err != nil {
			return fmt.Errorf("make a folder for the sample: %w", err)
		}
		defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder that stays is no failure of the demo
		if source, err = o.makeSample(ctx, con, dir); err != nil {
			return err
		}
	} else if _, err := os.Stat(source); err != nil {
		return usage("--db path/to/file.db", "--db: %w", err)
	}
	con.say("starting a throwaway Postgres ...")
	server, err := o.startServer(ctx)
	if err != nil {
		return err
	}
	kept := false
	defer func() {
		if !kept {
			err = errors.Join(err, server.Stop())
		}
	}()
	if err := o.migrate(ctx, con, source, server.URL(demoDatabase)); err != nil {
		return err
	}
	if k, ok := server.(*keptServer); ok {
		kept = true
		k.release()
		con.say("kept:    psql '%s'", k.URL(demoDatabase))
		con.say("to stop: %s", k.stopCommand())
	}
	return nil
}

// makeSample writes the web shop into dir.
func (o *demoOptions) makeSample(ctx context.Context, con *console, dir string) (string, error) {
	con.say("making a sample database, a web shop ...")
	path := filepath.Join(dir, "shop.db")
	if _, err := bench.Shop(ctx, path, bench.ShopOptions{Scale: float64(o.rows) / defaultRows}); err != nil {
		return "", fmt.Errorf("make the sample: %w", err)
	}
	return path, nil
}

// startServer starts a server that ends with this process, or one that does not.
func (o *demoOptions) startServer(ctx context.Context) (demoServer, error) {
	if o.keep {
		return startKept(ctx)
	}
	return runServer(ctx)
}

// runServer starts a server with the demo's database.
func runServer(ctx context.Context) (*pgserver.Server, error) {
	server, err := pgserver.Run(ctx, pgserver.Options{Fetch: embedded.Fetcher{}})
	if errors.Is(err, pgserver.ErrNotFound) {
		return nil, &pipeline.Error{Err: err, Hint: "install PostgreSQL, or set " + pgserver.BinEnv, Code: pipeline.ExitFailed}
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // says itself that it could not start postgres
	}
	if err := server.CreateDatabase(ctx, demoDatabase, pgserver.DatabaseOptions{}); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return server, nil
}

// migrate moves the source, prints the report and shows what arrived.
func (o *demoOptions) migrate(ctx context.Context, con *console, source, target string) error {
	s, err := newSession(ctx, con, &o.session)
	if err != nil {
		return err
	}
	cfg := pipeline.Config{Source: source, Target: target}
	s.attach(&cfg)
	rep, err := pipeline.Migrate(ctx, cfg)
	if err := s.finish(ctx, &rep, err); err != nil {
		return err
	}
	queries := shopQueries
	if o.db != "" {
		queries = largestTables(&rep)
	}
	return show(ctx, con, target, queries)
}
