package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/litehaul/litehaul/internal/buildinfo"
	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/rebuild"
	"github.com/litehaul/litehaul/typemap"
)

// Migrate carries the source over into the target. The report is filled as
// far as the run came, also when err is not nil; ExitCode and Hint tell what
// err means for the user.
func Migrate(ctx context.Context, cfg Config) (Report, error) {
	r, err := newRun(cfg)
	if err != nil {
		return r.finish(ctx, err)
	}
	return r.finish(ctx, r.migrate(ctx))
}

// Inspect profiles the source and proposes what each column would become. It
// needs no target.
func Inspect(ctx context.Context, cfg Config) (Report, error) {
	cfg.DryRun = true
	r, err := newRun(cfg)
	if err != nil {
		return r.finish(ctx, err)
	}
	return r.finish(ctx, r.inspect(ctx))
}

// newRun checks the configuration and fills in its defaults.
func newRun(cfg Config) (*run, error) {
	r := &run{cfg: cfg, log: cfg.Log}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	r.rep = Report{
		Version: ReportVersion, Tool: "litehaul " + buildinfo.Version(), Started: time.Now(),
		Source: Source{Path: cfg.Source},
		Stages: []StageTime{}, Tables: []TableReport{}, Objects: []Object{}, Hazards: []Hazard{},
		Frameworks: []FrameworkFound{}, Renamed: []Rename{}, Notes: []string{}, Ledger: LedgerSummary{Entries: []LedgerGroup{}},
	}
	r.fillDefaults()
	var err error
	if err := checkFrameworks(r.cfg.Frameworks); err != nil {
		return r, err
	}
	if r.zone, err = parseNaive(r.cfg.Naive); err != nil {
		return r, err
	}
	if r.rules, err = parseRules(r.cfg.Rules); err != nil {
		return r, err
	}
	if c := &r.cfg; c.Plan != nil && len(c.Tables)+len(c.Exclude)+len(c.Rules)+len(c.Maps)+len(c.DropColumns) > 0 {
		return r, &Error{Err: errors.New("a plan and choices of tables, names or types beside it"), Hint: "put them into the plan", Code: ExitUsage}
	}
	for _, check := range []func() error{r.checkFixture, r.checkSample, r.checkMasks} {
		if err := check(); err != nil {
			return r, err
		}
	}
	r.ledger, err = newLedger(r.cfg.LedgerFile)
	return r, err
}

func (r *run) fillDefaults() {
	c := &r.cfg
	if c.Schema == "" {
		c.Schema = "public"
	}
	if c.Jobs <= 0 {
		c.Jobs = min(8, max(2, runtime.NumCPU()))
	}
	if c.Verify == "" {
		c.Verify = VerifyFull
	}
	if c.OnExisting == "" {
		c.OnExisting = ExistingFail
	}
	if c.InvalidText == "" {
		c.InvalidText = InvalidRefuse
	}
	if c.Orphans == "" {
		c.Orphans = OrphansFail
	}
	if c.BadKeys == "" {
		c.BadKeys = BadKeysFail
	}
	if c.Into == "" {
		c.Into = IntoAuto
	}
	if c.OnData == "" {
		c.OnData = OnDataFail
	}
	if c.rebuildFrom == 0 {
		c.rebuildFrom = rebuild.ManyRows
	}
	if c.lockWait == 0 {
		c.lockWait = lockWait
	}
	if c.NoCase == "" {
		c.NoCase = NoCaseAuto
	}
	if c.Reader == "" {
		c.Reader = ReaderAuto
	}
}

// parseNaive reads "timestamp" or "timestamptz:ZONE".
func parseNaive(p NaivePolicy) (*time.Location, error) {
	kind, zone, _ := strings.Cut(string(p), ":")
	switch {
	case p == NaiveAuto || p == NaiveTimestamp:
		return nil, nil //nolint:nilnil // no zone and no error: naive text stays naive
	case kind == "timestamptz" && zone != "":
		loc, err := time.LoadLocation(zone)
		if err == nil {
			return loc, nil
		}
	}
	return nil, &Error{
		Err:  fmt.Errorf("naive datetimes %q: not auto, timestamp or timestamptz:ZONE", p),
		Hint: "for example timestamptz:UTC or timestamptz:Europe/Berlin", Code: ExitUsage,
	}
}

func parseRules(list []ColumnRule) (typemap.Rules, error) {
	var out typemap.Rules
	for _, c := range list {
		rule := typemap.Rule{Table: c.Table, Column: c.Column}
		if old, ok := out.Lookup(c.Table, c.Column); ok {
			rule = old
		}
		var err error
		if c.Type != "" {
			if rule.Type, err = typemap.ParseType(c.Type); err != nil {
				return nil, &Error{Err: err, Code: ExitUsage}
			}
		}
		if c.Form != "" {
			if rule.Form, err = typemap.ParseForm(c.Form); err != nil {
				return nil, &Error{Err: err, Code: ExitUsage}
			}
		}
		out = out.With(rule)
	}
	return out, nil
}

// inspect runs the stages that need no target.
func (r *run) inspect(ctx context.Context) error {
	if err := r.understand(ctx); err != nil {
		return err
	}
	return r.stage(ctx, StagePlan, func(ctx context.Context) error {
		r.decide()
		if err := r.maskTables(ctx); err != nil {
			return err
		}
		if err := r.preflight(ctx); err != nil {
			return err
		}
		r.plan = r.newPlan(nil)
		return r.tryMasks(ctx)
	})
}

// understand pins the source, reads its schema and profiles it.
func (r *run) understand(ctx context.Context) error {
	if err := r.stage(ctx, StageSnapshot, r.openSource); err != nil {
		return err
	}
	if err := r.stage(ctx, StageSchema, r.readSchema); err != nil {
		return err
	}
	return r.stage(ctx, StageProfile, r.profile)
}

// decide chooses types from the profile.
func (r *run) decide() {
	profiles := map[*sourceTable]*typemap.Table{}
	for _, t := range r.tables {
		profiles[t.src] = t.profile
	}
	r.decisionsOf(r.followTypes(func(opt typemap.Options) typemap.Decisions {
		return typemap.DecideAll(r.selected(), profiles, opt)
	}))
	r.dropDecisions()
}

func (r *run) decideOptions() typemap.Options {
	opt := typemap.Options{Rules: r.rules, NaiveZone: r.zone}
	switch r.cfg.InvalidText {
	case InvalidBytea:
		opt.BadText = typemap.BadTextBytea
	case InvalidReplace:
		opt.BadText = typemap.BadTextReplace
	}
	return opt
}

func (r *run) migrate(ctx context.Context) error {
	if err := r.prepare(ctx); err != nil {
		return err
	}
	if r.cfg.DryRun && r.into == nil {
		r.rep.DDL = r.plan.statements()
	}
	if r.adding() {
		defer r.into.add.close(ctx)
		if err := r.stageAll(ctx); err != nil {
			return err
		}
	}
	if err := r.refuse(); err != nil || r.cfg.DryRun {
		return err
	}
	return r.write(ctx)
}

// prepare does everything that comes before writing.
func (r *run) prepare(ctx context.Context) error {
	if err := r.refuseChosen(); err != nil {
		return err
	}
	if err := r.stage(ctx, StageSnapshot, func(ctx context.Context) error {
		if err := r.openSource(ctx); err != nil {
			return err
		}
		return r.openTarget(ctx)
	}); err != nil {
		return err
	}
	if err := r.stage(ctx, StageSchema, r.readSchema); err != nil {
		return err
	}
	if err := r.settleInto(ctx); err != nil {
		return err
	}
	if err := r.refuseFixture(); err != nil {
		return err
	}
	if r.into == nil {
		if err := r.refuseRemaps("it matches rows of tables that an application made, and this run makes its own"); err != nil {
			return err
		}
	}
	if err := r.stage(ctx, StageProfile, r.profile); err != nil {
		return err
	}
	if err := r.stage(ctx, StagePlan, r.decideAll); err != nil {
		return err
	}
	r.comparePlan()
	return nil
}

// decideAll decides types, checks what would fail and plans all DDL.
func (r *run) decideAll(ctx context.Context) error {
	if r.into != nil {
		return r.decideHomes(ctx)
	}
	r.decide()
	if err := r.preflight(ctx); err != nil {
		return err
	}
	r.plan = r.newPlan(r.stay)
	r.plan.drops = r.drops
	if !r.server.SchemaExists {
		r.plan.before = append([]string{"CREATE SCHEMA " + postgres.Quote(r.cfg.Schema)}, r.plan.before...)
	}
	return nil
}

// refuse stops the run before it writes when a hazard waits for a choice.
func (r *run) refuse() error {
	n := r.open()
	if n == 0 {
		return nil
	}
	first := Hazard{}
	for _, h := range r.rep.Hazards {
		if h.Settled == "" {
			first = h
			break
		}
	}
	err := fmt.Errorf("refused before writing: %s", first.Message)
	if n > 1 {
		err = fmt.Errorf("%w (and %d more)", err, n-1)
	}
	return &Error{Err: err, Hint: first.Hint, Code: ExitRefused}
}

// write does everything that changes the target.
func (r *run) write(ctx context.Context) error {
	switch {
	case r.adding():
		return r.writeAdded(ctx)
	case r.into != nil:
		return r.writeHomes(ctx)
	}
	if err := r.openFixture(); err != nil {
		return err
	}
	if err := r.prepareTarget(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.runTasks, r.makeDurable, r.account} {
		if err := step(ctx); err != nil {
			return r.explainWrite(ctx, err)
		}
	}
	if err := r.judge(); err != nil {
		return err
	}
	if err := r.closeFixture(ctx); err != nil {
		return r.explainWrite(ctx, err)
	}
	return nil
}

// makeDurable commits one last time, and synchronously: the log is then on
// disk up to here, with all the commits before that did not wait for it.
func (r *run) makeDurable(ctx context.Context) error {
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	if err := postgres.Flush(ctx, conn); err != nil {
		return fmt.Errorf("make all durable: %w", err)
	}
	return nil
}
