package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/pipeline"
)

// migrateOptions are the flags of litehaul migrate.
type migrateOptions struct {
	source  sourceOptions
	session sessionOptions

	plan       string
	schema     string
	into       pipeline.IntoMode
	onData     pipeline.OnDataPolicy
	remaps     remapFlag
	maps       mapFlag
	dropCols   []string
	missing    bool
	allowSkew  bool
	fire       bool
	jobs       int
	dryRun     bool
	onExisting pipeline.OnExisting
	yes        bool
	verify     pipeline.VerifyMode
	orphans    pipeline.OrphanPolicy
	badKeys    pipeline.BadKeyPolicy
	noCase     pipeline.NoCasePolicy
	ledgerFile string
	fixture    string
	level      string
}

// maxJobs is more connections than any server here is likely to allow: a typing
// error.
const maxJobs = 256

func newMigrate(con *console) *cobra.Command {
	o := &migrateOptions{}
	cmd := &cobra.Command{
		Use:   "migrate SOURCE [TARGET]",
		Short: "Move a SQLite file into a Postgres database",
		Long: `Move a SQLite file into a Postgres database, and prove that all of it arrived.

SOURCE is the file. It may be in use: the run sees one consistent state of it, and
leaves its bytes as they are. TARGET is anything that psql takes: a URL, a string of
key=value pairs, or nothing, for PGHOST, PGSERVICE, ~/.pgpass and the others.

All values are read before anything is written. Where your data leaves a choice that
litehaul must not make for you, it refuses with the cells in question and the flags to
choose with.`,
		Example: `  # see the plan and its statements; writes nothing
  litehaul migrate app.db postgres://app@localhost/app --dry-run

  # do it, into schema legacy, and keep the report
  litehaul migrate app.db "host=localhost dbname=app" --schema legacy --report-file app.json

  # the password from the environment, not from the command line
  PGPASSWORD=... litehaul migrate app.db postgres://app@db.example.com/app

  # choose what a column becomes
  litehaul migrate app.db postgres:///app --type orders.total='numeric(12,2)' --form log.at=epoch-ms

  # into the tables that the application has made, in place of its seed rows
  litehaul migrate db.sqlite3 postgres:///app --on-data truncate

  # add to the rows that are there; tags are the same where their names are
  litehaul migrate db.sqlite3 postgres:///app --on-data append --remap tags=name
  # as a plan says that was reviewed (litehaul plan writes it)
  litehaul migrate --plan plan.yaml app.db postgres:///app

  # and an archive to seed other databases from
  litehaul migrate app.db postgres:///app --fixture app.tar

  # again, in place of what is there
  litehaul migrate app.db postgres:///app --on-existing drop`,
		Args:              argCount(0, 2), // a plan may name the source
		ValidArgsFunction: completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, con, args)
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (o *migrateOptions) addFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.plan, "plan", "", "follow the plan in `FILE`, which litehaul plan has written; SOURCE may be left out where it lies beside the plan")
	group(fs, groupWhat)
	o.addDecisionFlags(fs)
	fs.BoolVar(&o.yes, "yes", false, "do not ask before dropping or emptying tables")
	fs.BoolVar(&o.dryRun, "dry-run", false, "print the plan and all statements; write nothing")
	group(fs, groupTarget)
	o.addLoadFlags(fs)
	fs.StringVar(&o.fixture, "fixture", "", "write an archive beside the load, `FILE`, from which databases can be seeded; only of tables that litehaul makes")
	addLevelFlag(fs, &o.level, "fixture-level")
	group(fs, groupFixture)
	fs.StringVar(&o.ledgerFile, "ledger-file", "", "write each cell that was changed or left behind to `FILE`, one JSON object per line")
	o.session.addFlags(fs)
}

// addLoadFlags adds those that say how the rows are moved.
func (o *migrateOptions) addLoadFlags(fs *pflag.FlagSet) {
	fs.IntVar(&o.jobs, "jobs", 0, "connections that load at once, `N` (default: the number of CPUs, from 2 to 8)")
	fs.Var(newChoice(&o.verify, pipeline.VerifyFull, pipeline.VerifyCounts, pipeline.VerifyNone), "verify",
		"read every row back and compare, compare the numbers of rows, or nothing")
	group(fs, groupLoad)
}

// addDecisionFlags adds the flags on which the decisions of a run depend.
func (o *migrateOptions) addDecisionFlags(fs *pflag.FlagSet) {
	o.source.addFlags(fs)
	o.addMakingFlags(fs)
	fs.Var(newChoice(&o.into, pipeline.IntoAuto, pipeline.IntoCreate, pipeline.IntoExisting), "into",
		"tables that litehaul makes, or those that an application made in the target; auto: the target's where it has all tables of the source")
	fs.BoolVar(&o.missing, "create-missing", false, "make the tables that the target lacks, and fill those of the application that it has")
	fs.Var(newChoice(&o.onData, pipeline.OnDataFail, pipeline.OnDataTruncate, pipeline.OnDataAppend, pipeline.OnDataUpsert), "on-data",
		"rows in an application's tables: refuse to run, empty the tables of the run after asking, add to the rows, or also update those with the same primary key")
	fs.Var(&o.remaps, "remap",
		"with append or upsert: rows of a table are the same where these columns are, whatever their ids, and references follow; repeatable")
	fs.Var(newChoice(&o.onExisting, pipeline.ExistingFail, pipeline.ExistingDrop), "on-existing",
		"tables of the same names in the target: refuse to run, or drop them after asking")
	group(fs, groupTarget)
	fs.BoolVar(&o.allowSkew, "allow-schema-skew", false, "go on where source and target stand at different migrations of their application")
	fs.BoolVar(&o.fire, "fire-triggers", false, "let triggers of an application's tables fire during the load where your role may not switch them off")
	group(fs, groupChoices)
}

// addMakingFlags adds those on which the tables depend that a run makes.
func (o *migrateOptions) addMakingFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.schema, "schema", "public", "target `SCHEMA`, made where it does not exist")
	fs.Var(&o.maps, "map",
		`the table or column of the target that one of the source goes into, as in users=app.accounts or users.mail=email or "my.table"=app."x.y"; repeatable`)
	group(fs, groupTarget)
	o.addChoiceFlags(fs)
}

// addChoiceFlags adds those that settle what would make a run refuse.
func (o *migrateOptions) addChoiceFlags(fs *pflag.FlagSet) {
	fs.Var(newChoice(&o.orphans, pipeline.OrphansFail, pipeline.OrphansNotValid, pipeline.OrphansSkipFK), "orphans",
		"rows without the parent that a foreign key names: refuse to run, make the key NOT VALID, or leave the key out; no row is ever dropped")
	fs.Var(newChoice(&o.badKeys, pipeline.BadKeysFail, pipeline.BadKeysRelax), "bad-keys",
		"keys with NULLs or duplicates that Postgres would refuse: refuse to run, or make them weaker")
	fs.Var(newChoice(&o.noCase, pipeline.NoCaseAuto, pipeline.NoCaseCitext, pipeline.NoCaseLower), "nocase",
		"COLLATE NOCASE: citext where the target offers it, always citext, or indexes over lower()")
	fs.StringSliceVar(&o.dropCols, "drop-column", nil, "leave these columns behind, as `TABLE.COLUMN,...`, such as an application's tables lack")
	group(fs, groupChoices)
}

func (o *migrateOptions) run(cmd *cobra.Command, con *console, args []string) error {
	source, target := o.arguments(args)
	if o.plan == "" {
		if err := argCount(1, 2)(cmd, args); err != nil {
			return err
		}
	}
	if source != "" || o.plan == "" {
		if err := checkSource(source); err != nil {
			return err
		}
	}
	if err := checkJobs(o.jobs); err != nil {
		return err
	}
	if err := checkWritable("fixture", o.fixture); err != nil {
		return err
	}
	cfg := o.config([]string{source, target})
	con.hideSecrets(cfg.Target)
	if o.plan != "" {
		if err := o.follow(cmd, &cfg); err != nil {
			return err
		}
	}
	s, err := newSession(cmd.Context(), con, &o.session)
	if err != nil {
		return err
	}
	s.attach(&cfg)
	done := "emptied"
	if o.onExisting == pipeline.ExistingDrop {
		done = "dropped"
	}
	cfg.Confirm = (&prompt{con: con, yes: o.yes, done: done, pause: s.pause}).confirm
	rep, err := pipeline.Migrate(cmd.Context(), cfg)
	return s.finish(cmd.Context(), &rep, err)
}

func checkJobs(n int) error {
	if n < 0 || n > maxJobs {
		return usage("--jobs 4", "invalid value %d for --jobs: must be from 0 to %d", n, maxJobs)
	}
	return nil
}

func (o *migrateOptions) config(args []string) pipeline.Config {
	cfg := pipeline.Config{
		Source:        args[0],
		Schema:        o.schema,
		Jobs:          o.jobs,
		DryRun:        o.dryRun,
		Into:          o.into,
		CreateMissing: o.missing,
		OnData:        o.onData,
		Remaps:        o.remaps.all,
		Maps:          o.maps,
		DropColumns:   o.dropCols,
		AllowSkew:     o.allowSkew,
		OnExisting:    o.onExisting,
		FireTriggers:  o.fire,
		Verify:        o.verify,
		Orphans:       o.orphans,
		BadKeys:       o.badKeys,
		NoCase:        o.noCase,
		LedgerFile:    o.ledgerFile,
		Fixture:       pipeline.FixtureOutput{Path: o.fixture, Level: o.level},
	}
	if len(args) > 1 {
		cfg.Target = args[1]
	}
	o.source.fill(&cfg)
	return cfg
}

// completeSource has the shell complete file names for SOURCE, and nothing for
// TARGET.
func completeSource(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
