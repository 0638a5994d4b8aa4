package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/internal/fetch"
	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// reseedOptions are the flags of litehaul reseed.
type reseedOptions struct {
	session  sessionOptions
	from     fixtureSource
	template templateOptions

	tables, exclude []string
	onData          pipeline.OnDataPolicy
	onlyChanged     bool
	atomic          bool
	swap            bool
	trust           bool
	yes             bool
	jobs            int
	verify          pipeline.VerifyMode
}

const reseedLong = `Fill a Postgres database from a fixture archive, and prove that all of it arrived.

FIXTURE is an archive that litehaul fixture create or litehaul migrate --fixture wrote: a
file, - for standard input, or an http(s) URL, which goes into a temporary file first.
TARGET is anything that psql takes: a URL, a string of key=value pairs, or nothing, for
PGHOST, PGSERVICE, ~/.pgpass and the others.

Where the target has none of the archive's tables, all of it is made: schema, rows, keys,
indexes, identities and views. Where it has them all, with the archive's columns and
types, they are filled: rows that stand there go with --on-data truncate, which empties
the archive's tables and no others. Triggers do not fire. Foreign keys, and indexes of
larger tables, are taken off for the load and put back; litehaul repair does so if
the run is killed. A role that does not own the tables fills them in the order of their
foreign keys.

--on-data append adds the archive's rows to those that stand, upsert also gives its values to
rows with the same primary key: all in one transaction, and all or nothing.

--template makes TARGET a copy of a template database, which holds the archive and is made
by the first run: a fresh database within a moment, for tests. It replaces a database of
that name, one that it did not make itself only after asking. It takes a role that may
create databases. docs/TESTING.md has more.

The archive's statements run with your role's rights. Those that archives of SQLite files do
not have, such as functions and triggers, are refused before anything is written, unless
you --trust it; still, take archives from people whom you trust, as with a dump.`

func newReseed(con *console) *cobra.Command {
	o := &reseedOptions{}
	cmd := &cobra.Command{
		Use:   "reseed FIXTURE [TARGET]",
		Short: "Fill a Postgres database from a fixture archive",
		Long:  reseedLong,
		Example: `  # into an empty database
  litehaul reseed app.tar postgres:///app_test

  # again, in place of what the tests have left there
  litehaul reseed app.tar postgres:///app_test --on-data truncate --yes

  # only the tables that the tests have changed
  litehaul reseed app.tar postgres:///app_test --on-data truncate --yes --only-changed

  # a capture of an application's database, with its functions and triggers
  litehaul reseed captured.tar postgres:///app_test --trust

  # all or nothing, while others read
  litehaul reseed app.tar postgres:///app_test --on-data truncate --yes --atomic

  # as fast as into an empty database, while others read the rows that were there
  litehaul reseed app.tar postgres:///app_test --on-data truncate --yes --swap

  # over the rows of an application, whose other rows stay
  litehaul reseed app.tar postgres:///app_test --on-data upsert

  # a fresh database for each run of the tests, within a moment
  litehaul reseed --template app.tar postgres:///app_test`,
		Args:              argCount(1, 2),
		ValidArgsFunction: completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, con, args)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.addRowFlags(fs)
	fs.Var(newChoice(&o.onData, pipeline.OnDataFail, pipeline.OnDataTruncate, pipeline.OnDataAppend, pipeline.OnDataUpsert), "on-data",
		"rows in the target's tables: refuse to run, empty the archive's tables after asking, add the archive's rows to them, or also update those with the same primary key")
	fs.BoolVar(&o.onlyChanged, "only-changed", false, "leave tables alone whose rows are the archive's already; all of the target's are read to know")
	fs.BoolVar(&o.atomic, "atomic", false, "all in one transaction, so on one connection and slower: others see the rows that were there until all are in")
	fs.BoolVar(&o.swap, "swap", false, "make new tables beside those that stand, over all connections, and swap them in at the end, within a moment: others see the rows that were there until then")
	fs.BoolVar(&o.yes, "yes", false, "do not ask before emptying tables, or replacing a database")
	group(fs, groupTarget)
	o.from.addFlags(fs)
	o.template.addFlags(fs)
	o.session.addFlags(fs)
	return cmd
}

// addRowFlags adds those that say which rows are loaded, and how.
func (o *reseedOptions) addRowFlags(fs *pflag.FlagSet) {
	fs.StringSliceVar(&o.tables, "tables", nil, "only the tables that match these `GLOB,...`")
	fs.StringSliceVar(&o.exclude, "exclude", nil, "not the tables that match these `GLOB,...`")
	fs.BoolVar(&o.trust, "trust", false, "make functions, triggers and the like of an archive too, that fixture create --from has captured: they run with your role's rights")
	group(fs, groupWhat)
	fs.IntVar(&o.jobs, "jobs", 0, "connections that load at once, `N` (default: the number of CPUs, from 2 to 8)")
	fs.Var(newChoice(&o.verify, pipeline.VerifyFull, pipeline.VerifyCounts, pipeline.VerifyNone), "verify",
		"read every row back and compare, compare the numbers of rows, or nothing")
	group(fs, groupLoad)
}

func (o *reseedOptions) run(cmd *cobra.Command, con *console, args []string) error {
	if err := checkJobs(o.jobs); err != nil {
		return err
	}
	if err := o.template.check(cmd); err != nil {
		return err
	}
	if o.swap && (o.atomic || o.onlyChanged) {
		return usage("choose one of them", "--swap goes neither with --atomic nor with --only-changed")
	}
	if o.onData == pipeline.OnDataAppend || o.onData == pipeline.OnDataUpsert {
		if o.swap || o.onlyChanged {
			return usage("leave them out", "--on-data %s adds to tables that stand: neither --swap nor --only-changed goes with it", o.onData)
		}
	}
	cfg := o.config(args)
	con.hideSecrets(cfg.Target)
	s, err := newSession(cmd.Context(), con, &o.session)
	if err != nil {
		return err
	}
	cfg.Observer, cfg.Log = s.observer(), s.logger()
	ask := &prompt{con: con, yes: o.yes, done: "emptied", pause: s.pause}
	cfg.Confirm = ask.confirm
	var rep pipeline.Report
	err = o.from.with(cmd.Context(), con, args[0], func(f *fixture.Reader, src *fetch.Source) (err error) {
		cfg.Archive, cfg.Fixture = f, src.Name()
		if o.template.on {
			s.text = render.Template
			rep, err = o.template.run(cmd.Context(), cfg, ask.confirmDatabase)
			return err
		}
		rep, err = reseed.Run(cmd.Context(), cfg)
		return err //nolint:wrapcheck // says what failed
	})
	return s.finish(cmd.Context(), &rep, err)
}

func (o *reseedOptions) config(args []string) reseed.Config {
	cfg := reseed.Config{
		Fixture: args[0], Tables: o.tables, Exclude: o.exclude, Jobs: o.jobs, Verify: o.verify,
		OnData: o.onData, OnlyChanged: o.onlyChanged, Atomic: o.atomic, Swap: o.swap, Trust: o.trust,
	}
	if len(args) > 1 {
		cfg.Target = args[1]
	}
	return cfg
}
