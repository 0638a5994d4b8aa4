package contest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Names of contestants.
const (
	nameFloor    = "floor"
	nameSent     = "floor, sent by a client"
	nameFull     = "litehaul verify=full"
	nameCounts   = "litehaul verify=counts"
	nameNone     = "litehaul verify=none"
	nameDryRun   = "litehaul --dry-run"
	nameFixture  = "litehaul verify=full --fixture"
	reseedPrefix = "litehaul reseed verify="
	nameTemplate = "litehaul reseed --template"
	nameSpare    = "litehaul reseed --template --spare"
	namePgloader = "pgloader"
	nameOgr2ogr  = "ogr2ogr, no keys"
	nameSqlite3  = "sqlite3 | psql, no keys"
)

// Tools are the programs of others that can take part.
func Tools() []string { return []string{"pgloader", "ogr2ogr", "sqlite3"} }

// contestant does one lap into an empty database.
type contestant struct {
	name string
	jobs int

	// exact tells that a lap which does not bring all rows ends the contest.
	exact bool
	// writes is false for one that is not meant to bring rows.
	writes bool

	run func(ctx context.Context, l *lapRun) (Lap, error)
}

// lapRun is what a contestant is given for a lap.
type lapRun struct {
	server   *server
	database string
	source   string // SQLite file
	scratch  string // folder
	programs programs
}

func (l *lapRun) url() string { return l.server.url(l.database) }

// contestants gives those of a case. Archive is a fixture of it, see
// prepareArchive.
func (c *contest) contestants(one Case, floors map[int]*floor, archive string) []contestant {
	floorOf := func(jobs int) contestant {
		return contestant{nameFloor, jobs, true, true, floors[jobs].run}
	}
	haul := func(verify string, jobs int) contestant {
		return contestant{"litehaul verify=" + verify, jobs, true, true, c.litehaul(one, "--verify", verify, "--jobs", strconv.Itoa(jobs))}
	}
	jobs := c.opts.Jobs
	switch {
	case one.rowsOnly():
		return []contestant{
			floorOf(jobs),
			{nameSent, jobs, true, true, floors[jobs].runSent},
			haul("none", jobs),
			c.reseeder(archive, "none"),
		}
	case one.Table != "":
		all := []contestant{floorOf(1), haul("counts", 1)}
		if jobs > 1 {
			all = append(all, floorOf(jobs), haul("counts", jobs))
		}
		return all
	}
	all := []contestant{floorOf(jobs), haul("counts", jobs), haul("full", jobs), c.withFixture(one)}
	if one.Set == "small" {
		all = append(all, contestant{nameDryRun, 0, true, false, c.litehaul(one, "--dry-run")})
	}
	all = append(all, c.reseeder(archive, "counts"), c.reseeder(archive, "full"), c.fromTemplate(nameTemplate, archive))
	if one.Set == "shop" {
		all = append(all, c.fromTemplate(nameSpare, archive, "--spare"))
	}
	return append(all, c.tools(floors[jobs])...)
}

// litehaulReport is what is read of litehaul's report (docs/REPORT.md).
type litehaulReport struct {
	Started time.Time     `json:"started"`
	Stages  []reportStage `json:"stages"`
}

type reportStage struct {
	Stage   string  `json:"stage"`
	Seconds float64 `json:"seconds"`
}

func (s reportStage) length() time.Duration { return time.Duration(s.Seconds * float64(time.Second)) }

// litehaul migrates, with arguments behind its usual ones.
func (c *contest) litehaul(one Case, args ...string) func(context.Context, *lapRun) (Lap, error) {
	if one.Table != "" {
		args = append(args, "--tables", one.Table)
	}
	return func(ctx context.Context, l *lapRun) (Lap, error) {
		return c.reported(ctx, l, append([]string{"migrate", l.source, l.url()}, args...))
	}
}

// reported runs the program, and takes the stages from its report.
func (c *contest) reported(ctx context.Context, l *lapRun, args []string) (lap Lap, err error) {
	file := filepath.Join(l.scratch, "report.json")
	args = append(args, "--progress", "none", "--report", "json", "--report-file", file)
	begin := time.Now()
	if err := l.programs.run(ctx, nil, c.opts.Litehaul, args...); err != nil {
		return lap, err
	}
	lap.Seconds = time.Since(begin).Seconds()
	text, err := os.ReadFile(file)
	if err != nil {
		return lap, fmt.Errorf("litehaul's report: %w", err)
	}
	var report litehaulReport
	if err := json.Unmarshal(text, &report); err != nil {
		return lap, fmt.Errorf("litehaul's report: %w", err)
	}
	for _, s := range report.Stages {
		lap.Stages = append(lap.Stages, Stage{s.Stage, s.Seconds})
	}
	lap.Load = loadShare(report, l.programs.sampler)
	return lap, nil
}

// loadShare finds what both sides spent in the load stage. The stages before it
// do not overlap.
func loadShare(report litehaulReport, s *sampler) *Share {
	at := slices.IndexFunc(report.Stages, func(stage reportStage) bool { return stage.Stage == "load" })
	if at < 0 {
		return nil
	}
	from := report.Started
	for _, stage := range report.Stages[:at] {
		from = from.Add(stage.length())
	}
	to := from.Add(report.Stages[at].length())
	s.sampleServer()
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Share{ClientCPU: s.client.between(from, to), ServerCPU: s.server.between(from, to)}
}

// tools gives the programs of others that are installed and not skipped.
func (c *contest) tools(f *floor) []contestant {
	runs := map[string]contestant{
		"pgloader": {namePgloader, 0, false, true, runPgloader},
		"ogr2ogr":  {nameOgr2ogr, 0, false, true, runOgr2ogr},
		"sqlite3":  {nameSqlite3, 0, false, true, f.runSqlite3},
	}
	var all []contestant
	for _, tool := range Tools() {
		if c.opts.skips(tool) {
			continue
		}
		if _, err := exec.LookPath(tool); err != nil {
			c.logf("%s is not installed, and does not take part", tool)
			continue
		}
		all = append(all, runs[tool])
	}
	return all
}

// timed runs one program and takes its time.
func (l *lapRun) timed(ctx context.Context, env []string, name string, args ...string) (lap Lap, err error) {
	begin := time.Now()
	err = l.programs.run(ctx, env, name, args...)
	return Lap{Seconds: time.Since(begin).Seconds()}, err
}

// runPgloader runs pgloader with its defaults: tables, rows, indexes, keys.
func runPgloader(ctx context.Context, l *lapRun) (Lap, error) {
	target, err := pgconn.ParseConfig(l.url())
	if err != nil {
		return Lap{}, err
	}
	user := url.PathEscape(target.User)
	if target.Password != "" {
		user += ":" + url.PathEscape(target.Password)
	}
	host := target.Host
	if filepath.IsAbs(host) {
		host = "unix:" + host
	}
	return l.timed(ctx, nil, "pgloader", "sqlite://"+l.source, fmt.Sprintf("postgresql://%s@%s:%d/%s", user, host, target.Port, target.Database))
}

// runOgr2ogr runs ogr2ogr with COPY: tables and rows, neither keys nor indexes.
func runOgr2ogr(ctx context.Context, l *lapRun) (Lap, error) {
	target, err := pgconn.ParseConfig(l.url())
	if err != nil {
		return Lap{}, err
	}
	address := fmt.Sprintf("PG:host=%s port=%d user=%s dbname=%s", target.Host, target.Port, target.User, target.Database)
	return l.timed(ctx, []string{"PGPASSWORD=" + target.Password}, "ogr2ogr",
		"-f", "PostgreSQL", address, l.source, "--config", "PG_USE_COPY", "YES", "-oo", "LIST_ALL_TABLES=YES")
}

// runSqlite3 pipes each table as CSV into psql. The tables are made as litehaul
// makes them; keys and indexes are left out, as they are work by hand.
func (f *floor) runSqlite3(ctx context.Context, l *lapRun) (lap Lap, err error) {
	begin := time.Now()
	err = l.server.with(ctx, l.database, func(conn *pgx.Conn) error { return script(ctx, conn, f.prepared.ddl) })
	if err != nil {
		return lap, err
	}
	psql, err := l.server.program("psql")
	if err != nil {
		return lap, err
	}
	for _, t := range f.prepared.tables {
		from := []string{"sqlite3", "-readonly", "-csv", l.source, "SELECT " + t.columns + " FROM " + t.source()}
		to := []string{psql, "-qX", "-v", "ON_ERROR_STOP=1", "-d", l.url(), "-c", fmt.Sprintf(`\copy %s(%s) FROM STDIN CSV`, t.name, t.columns)}
		if err := l.programs.pipe(ctx, from, to); err != nil {
			return lap, fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	lap.Seconds = time.Since(begin).Seconds()
	return lap, nil
}
