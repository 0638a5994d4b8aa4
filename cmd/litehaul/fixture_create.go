package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

// fixtureCreateOptions are the flags of litehaul fixture create: those of migrate
// on which the tables depend that it makes.
type fixtureCreateOptions struct {
	migrateOptions
	sampleOptions
	output string
	from   string
}

// The values of --level and --fixture-level.
const (
	levelDefault = "default"
	levelFastest = "fastest"
	levelBetter  = "better"
	levelBest    = "best"
)

func addLevelFlag(fs *pflag.FlagSet, level *string, name string) {
	fs.Var(newChoice(level, levelDefault, levelFastest, levelBetter, levelBest), name, "how hard the archive is compressed")
}

func newFixtureCreate(con *console) *cobra.Command {
	o := &fixtureCreateOptions{}
	cmd := &cobra.Command{
		Use:   "create [SOURCE] -o FILE",
		Short: "Write a SQLite file, or with --from a Postgres database, into a fixture archive",
		Long: `Write a SQLite file into a fixture archive: the schema that a migration would make, and
all rows as Postgres takes them. Needs no Postgres. All values are read first, and what
makes migrate refuse makes this refuse, with the same flags to choose with.

The same source and flags give the same bytes, whatever --jobs says, and those that
litehaul migrate --fixture writes beside its load into an empty schema. Where columns are
COLLATE NOCASE, --nocase must say the same: auto asks the target, and here there is none.

With --from, a Postgres database is captured instead: one snapshot of all its schemas, or
of those that --schema lists with commas between, with types, functions, tables, keys,
views, triggers, comments and sequences. The right to SELECT is enough, and nothing is
written there. What cannot be carried is refused, or listed as left out.

--where, --subset and --mask make fixtures of a part of the data, for people who must not
see all of it; what they promise, and what not, stands in docs/SAMPLES.md.

FILE appears when all is in it. A fixture of that name is replaced, any other file is not.`,
		Example: `  litehaul fixture create app.db -o app.tar
  litehaul fixture create app.db -o small.tar --exclude 'log*' --level best
  litehaul fixture create --from postgres:///app -o app.tar

  # a tenth of the shops that are open, without the names of their customers
  litehaul fixture create app.db -o dev.tar --where "shop=closed IS NULL" --subset 10% \
    --mask users.name=fake-name --mask '*.email=fake-email'`,
		Args:              argCount(0, 1),
		ValidArgsFunction: completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed(fromFlag) {
				return o.runFrom(cmd, con, args)
			}
			if err := argCount(1, 1)(cmd, args); err != nil {
				return err
			}
			return o.run(cmd, con, args)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.from, fromFlag, "", "capture the Postgres database `TARGET` in place of a SQLite file; '' takes that of PGHOST, PGDATABASE and the others")
	fs.StringVarP(&o.output, "output", "o", "", "write the archive to `FILE`")
	addLevelFlag(fs, &o.level, "level")
	fs.IntVar(&o.jobs, "jobs", 0, "parts of tables that are encoded at once, `N` (default: the number of CPUs, from 2 to 8)")
	group(fs, groupFixture)
	o.source.addFlags(fs)
	o.addMakingFlags(fs)
	o.sampleOptions.addFlags(fs)
	fs.StringVar(&o.ledgerFile, "ledger-file", "", "write each cell that was changed or left behind to `FILE`, one JSON object per line")
	o.session.addFlags(fs)
	return cmd
}

func (o *fixtureCreateOptions) run(cmd *cobra.Command, con *console, args []string) error {
	if err := checkSource(args[0]); err != nil {
		return err
	}
	if err := o.checkOutput(); err != nil {
		return err
	}
	o.fixture = o.output
	cfg := o.config(args)
	o.fill(&cfg)
	s, err := newSession(cmd.Context(), con, &o.session)
	if err != nil {
		return err
	}
	s.text = render.Fixture
	s.attach(&cfg)
	rep, err := pipeline.CreateFixture(cmd.Context(), cfg)
	return s.finish(cmd.Context(), &rep, err)
}

func (o *fixtureCreateOptions) checkOutput() error {
	if o.output == "" {
		return usage("litehaul fixture create app.db -o app.tar", "--output is missing: where the archive goes")
	}
	if err := checkJobs(o.jobs); err != nil {
		return err
	}
	return checkWritable("output", o.output)
}
