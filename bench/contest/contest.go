package contest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/litehaul/litehaul/bench/machine"
)

// contestDatabase is made anew for each lap.
const contestDatabase = "litehaul_bench"

// smallCase is the size of a file up to which a case is small.
const smallCase = 50 << 20

// Options say what to measure, and where.
type Options struct {
	Cases     []Case
	Runs      int           // laps of each contestant
	SmallRuns int           // the same for files of less than 50 MB: short laps vary most
	Trials    int           // laps of each way of the floor that is tried; 0: only the plain way
	Jobs      int           // connections of the floor and of litehaul
	Litehaul  string        // path of the program
	Skip      []string      // of Tools
	Limit     time.Duration // for one lap

	// Server is the URL of a superuser's database on a server that runs on this
	// machine; empty: a private server, with Settings.
	Server   string
	Settings map[string]string

	Cache string    // folder of generated databases; they stay
	Work  string    // folder that the server's user may enter; empty: the usual temporary one
	Log   io.Writer // gets a line for each lap; may be nil
}

func (o Options) skips(tool string) bool { return slices.Contains(o.Skip, tool) }

// check fills in what may be left out.
func (o *Options) check() error {
	switch {
	case len(o.Cases) == 0:
		return errors.New("no case to measure")
	case o.Runs < 1, o.SmallRuns < 1, o.Jobs < 1:
		return errors.New("runs and jobs must be at least 1")
	}
	for _, tool := range o.Skip {
		if !slices.Contains(Tools(), tool) {
			return fmt.Errorf("cannot skip %q (there are: %s)", tool, strings.Join(Tools(), ", "))
		}
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	return nil
}

// contest is a run of Run.
type contest struct {
	opts     Options
	server   *server
	template string // database that contestants copy, if there is one
}

func (c *contest) logf(format string, args ...any) {
	// Progress only: who cannot write it still gets the result.
	_, _ = fmt.Fprintf(c.opts.Log, format+"\n", args...)
}

// Run measures all cases, one after the other. The server's databases and all
// files but those of the cache are gone when it returns.
func Run(ctx context.Context, opts Options) (result Result, err error) {
	if err := opts.check(); err != nil {
		return result, err
	}
	program, err := programOf(ctx, opts.Litehaul)
	if err != nil {
		return result, err
	}
	c := &contest{opts: opts}
	if c.server, err = openServer(ctx, opts.Server, opts.Settings); err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, c.server.close()) }()
	result = Result{
		Version: ResultVersion, Date: time.Now().UTC().Truncate(time.Second), Litehaul: program,
		Machine: Machine{machine.This(), c.server.version}, Settings: opts.Settings, Runs: opts.Runs, Jobs: opts.Jobs,
	}
	for _, one := range opts.Cases {
		measured, err := c.measure(ctx, one)
		if err != nil {
			return result, fmt.Errorf("case %s: %w", one.Spec, err)
		}
		result.Cases = append(result.Cases, measured)
	}
	return result, nil
}

// programOf asks litehaul what it is.
func programOf(ctx context.Context, path string) (p Program, err error) {
	out, err := exec.CommandContext(ctx, path, "version").Output()
	if err != nil {
		return p, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch key {
		case "litehaul":
			p.Version = strings.TrimSpace(value)
		case "commit":
			p.Commit = strings.TrimSpace(value)
		}
	}
	return p, nil
}

// measure runs one case.
func (c *contest) measure(ctx context.Context, one Case) (result CaseResult, err error) {
	source, err := one.file(ctx, c.opts.Cache)
	if err != nil {
		return result, err
	}
	info, err := os.Stat(source)
	if err != nil {
		return result, err
	}
	c.logf("%s: %.0f MB", one.Spec, float64(info.Size())/1e6)
	floors := map[int]*floor{}
	defer func() {
		for _, f := range floors {
			err = errors.Join(err, f.remove())
		}
		last := context.WithoutCancel(ctx)
		err = errors.Join(err, c.server.drop(last, contestDatabase), c.dropTemplate(last))
	}()
	streams := []int{c.opts.Jobs}
	if one.Table != "" && c.opts.Jobs > 1 {
		streams = []int{1, c.opts.Jobs}
	}
	result = CaseResult{Case: one.Spec, Bytes: info.Size()}
	for _, n := range streams {
		if floors[n], err = c.prepareFloor(ctx, one, source, n); err != nil {
			delete(floors, n)
			return result, err
		}
		result.Tuning = append(result.Tuning, floors[n].trials...)
	}
	made := floors[c.opts.Jobs].prepared
	result.Rows, result.Tables = made.rows, len(made.tables)
	archive := ""
	if one.Table == "" {
		if archive, err = c.prepareArchive(ctx, floors[c.opts.Jobs], source); err != nil {
			return result, err
		}
	}
	err = c.laps(ctx, &result, c.contestants(one, floors, archive), source)
	return result, err
}

// laps lets the contestants take turns.
func (c *contest) laps(ctx context.Context, result *CaseResult, all []contestant, source string) error {
	for _, one := range all {
		result.Entries = append(result.Entries, &Entry{Name: one.name, Jobs: one.jobs, Laps: []Lap{}})
	}
	runs := c.opts.Runs
	if result.Bytes < smallCase {
		runs = c.opts.SmallRuns
	}
	for n := range runs {
		for i := range all {
			at := (i + n) % len(all)
			if err := c.turn(ctx, result, all[at], result.Entries[at], source); err != nil {
				return err
			}
		}
	}
	return nil
}

// turn lets one contestant run a lap. One that fails is taken out of the
// contest; if its rows must all be there, the contest is over.
func (c *contest) turn(ctx context.Context, result *CaseResult, one contestant, e *Entry, source string) error {
	if e.Error != "" {
		return nil
	}
	lap, err := c.lap(ctx, one, source, contestDatabase)
	if err == nil && one.exact && one.writes && lap.Rows != result.Rows {
		err = fmt.Errorf("%d rows arrived, of %d", lap.Rows, result.Rows)
	}
	switch {
	case err == nil:
		e.Laps = append(e.Laps, lap)
		c.logf("  %-30s %8.2f s   client %6.2f s CPU, %4d MB   server %6.2f s CPU", one.name, lap.Seconds, lap.ClientCPU, lap.Peak/1e6, lap.ServerCPU)
	case one.exact || ctx.Err() != nil:
		return fmt.Errorf("%s: %w", one.name, err)
	default:
		e.Error = err.Error()
		c.logf("  %-30s %v", one.name, err)
	}
	return nil
}

// lap has a contestant fill a new database.
func (c *contest) lap(ctx context.Context, one contestant, source, database string) (lap Lap, err error) {
	if err := c.server.fresh(ctx, database); err != nil {
		return lap, err
	}
	scratch, err := os.MkdirTemp(c.opts.Work, "litehaul-lap-")
	if err != nil {
		return lap, fmt.Errorf("make a scratch folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	lap, err = c.timed(ctx, one, &lapRun{server: c.server, database: database, source: source, scratch: scratch})
	if err != nil {
		return lap, err
	}
	if one.writes {
		lap.Rows, err = countRows(ctx, c.server, database)
	}
	return lap, err
}

// timed runs the lap under the sampler and the limit.
func (c *contest) timed(ctx context.Context, one contestant, l *lapRun) (Lap, error) {
	limited, cancel := context.WithTimeout(ctx, c.opts.Limit)
	defer cancel()
	l.programs.sampler = watch(ctx, c.server.pid)
	lap, err := one.run(limited, l)
	l.programs.sampler.stop()
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return lap, fmt.Errorf("not done after %s", c.opts.Limit)
	}
	lap.ClientCPU = l.programs.spent.Seconds()
	lap.ServerCPU = l.programs.sampler.serverCPU()
	lap.Peak = l.programs.sampler.peak
	return lap, err
}
