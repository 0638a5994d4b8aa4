package main

import (
	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/pipeline"
)

// migrateOptions are the flags of litehaul migrate.
type migrateOptions struct {
	source  sourceOptions
	session sessionOptions

	schema     string
	into       pipeline.IntoMode
	onData     pipeline.OnDataPolicy
	dropCols   []string
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

  # again, in place of what is there
  litehaul migrate app.db postgres:///app --on-existing drop`,
		Args:              argCount(1, 2),
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
	o.source.addFlags(fs)
	fs.StringVar(&o.schema, "schema", "public", "target `SCHEMA`, made where it does not exist")
	fs.Var(newChoice(&o.into, pipeline.IntoAuto, pipeline.IntoCreate, pipeline.IntoExisting), "into",
		"tables that litehaul makes, or those that an application made in the target; auto: the target's where it has all tables of the source")
	fs.Var(newChoice(&o.onData, pipeline.OnDataFail, pipeline.OnDataTruncate), "on-data",
		"rows in an application's tables: refuse to run, or empty the tables of the run after asking")
	fs.Var(newChoice(&o.onExisting, pipeline.ExistingFail, pipeline.ExistingDrop), "on-existing",
		"tables of the same names in the target: refuse to run, or drop them after asking")
	fs.BoolVar(&o.yes, "yes", false, "do not ask before dropping or emptying tables")
	fs.BoolVar(&o.dryRun, "dry-run", false, "print the plan and all statements; write nothing")
	group(fs, groupTarget)
	fs.Var(newChoice(&o.orphans, pipeline.OrphansFail, pipeline.OrphansNotValid, pipeline.OrphansSkipFK), "orphans",
		"rows without the parent that a foreign key names: refuse to run, make the key NOT VALID, or leave the key out; no row is ever dropped")
	fs.Var(newChoice(&o.badKeys, pipeline.BadKeysFail, pipeline.BadKeysRelax), "bad-keys",
		"keys with NULLs or duplicates that Postgres would refuse: refuse to run, or make them weaker")
	fs.Var(newChoice(&o.noCase, pipeline.NoCaseAuto, pipeline.NoCaseCitext, pipeline.NoCaseLower), "nocase",
		"COLLATE NOCASE: citext where the target offers it, always citext, or indexes over lower()")
	fs.StringSliceVar(&o.dropCols, "drop-column", nil, "leave these columns behind, as `TABLE.COLUMN,...`, which an application's tables lack")
	fs.BoolVar(&o.allowSkew, "allow-schema-skew", false, "go on where source and target stand at different migrations of their application")
	fs.BoolVar(&o.fire, "fire-triggers", false, "let triggers of an application's tables fire during the load where your role may not switch them off")
	group(fs, groupChoices)
	fs.IntVar(&o.jobs, "jobs", 0, "connections that load at once, `N` (default: the number of CPUs, from 2 to 8)")
	fs.Var(newChoice(&o.verify, pipeline.VerifyFull, pipeline.VerifyCounts, pipeline.VerifyNone), "verify",
		"read every row back and compare, compare the numbers of rows, or nothing")
	group(fs, groupLoad)
	fs.StringVar(&o.ledgerFile, "ledger-file", "", "write each cell that was changed or left behind to `FILE`, one JSON object per line")
	o.session.addFlags(fs)
}

func (o *migrateOptions) run(cmd *cobra.Command, con *console, args []string) error {
	if err := checkSource(args[0]); err != nil {
		return err
	}
	if o.jobs < 0 || o.jobs > maxJobs {
		return usage("--jobs 4", "invalid value %d for --jobs: must be from 0 to %d", o.jobs, maxJobs)
	}
	cfg := o.config(args)
	con.hideSecrets(cfg.Target)
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

func (o *migrateOptions) config(args []string) pipeline.Config {
	cfg := pipeline.Config{
		Source:      args[0],
		Schema:      o.schema,
		Jobs:        o.jobs,
		DryRun:      o.dryRun,
		Into:        o.into,
		OnData:      o.onData,
		DropColumns: o.dropCols,
		AllowSkew:   o.allowSkew,
		OnExisting:  o.onExisting,
		Verify:      o.verify,
		Orphans:     o.orphans,
		BadKeys:     o.badKeys,
		NoCase:      o.noCase,
		LedgerFile:  o.ledgerFile,
	}
	cfg.FireTriggers = o.fire
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
