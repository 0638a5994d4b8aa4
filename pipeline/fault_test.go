package pipeline_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// observer hears the events of a run.
type observer func(pipeline.Event)

func (f observer) Observe(e pipeline.Event) { f(e) }

// once calls f at the first event that match takes.
func once(match func(pipeline.Event) bool, f func()) pipeline.Observer {
	var one sync.Once
	return observer(func(e pipeline.Event) {
		if match(e) {
			one.Do(f)
		}
	})
}

// during matches the first sign of progress of a stage.
func during(s pipeline.Stage) func(pipeline.Event) bool {
	return func(e pipeline.Event) bool {
		return e.Stage == s && (e.Kind == pipeline.Advance && e.Rows > 0 || e.Kind == pipeline.StepBegin)
	}
}

// bulkSource has tables that take several moments to load.
func bulkSource(t testing.TB, tables, rows int) string {
	t.Helper()
	var list []string
	for i := range tables {
		list = append(list,
			fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, doc TEXT)", i),
			rowsSQL(fmt.Sprintf("t%d", i), rows, 200),
			fmt.Sprintf("CREATE INDEX t%d_doc ON t%d (doc)", i, i))
	}
	list = append(list, "CREATE VIEW v AS SELECT id FROM t0")
	return sqliteFile(t, list...)
}

const ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'litehaul' AND datname = current_database()"

// idle waits until no session of a run is left, so that what it was doing is
// committed or gone.
func idle(t testing.TB, url string) {
	t.Helper()
	for range 200 {
		if ask(t, url, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'litehaul' AND datname = current_database()")[0] == "0" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("a session of the run is still there after 4 s")
}

// tablesOf lists the tables of the schema public.
func tablesOf(t testing.TB, url string) []string {
	t.Helper()
	return ask(t, url, `SELECT format('"public".%I', relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`)
}

// checkRemains holds a broken run's word on what is in the target against what
// is there, removes it as told, and then lets a second run succeed.
func checkRemains(t testing.TB, rep pipeline.Report, err error, cfg pipeline.Config, url string) {
	t.Helper()
	idle(t, url)
	there := tablesOf(t, url)
	for i := range there {
		there[i] = strings.Replace(there[i], `"public".`, `"public"."`, 1) + `"`
	}
	var said []string
	if rep.Remains != nil {
		said = slices.Sorted(slices.Values(rep.Remains.Tables))
		if !strings.Contains(pipeline.Hint(err), "--on-existing=drop") {
			t.Errorf("hint %q does not say how to go on", pipeline.Hint(err))
		}
	} else if !strings.Contains(pipeline.Hint(err), "nothing was written") {
		t.Errorf("hint %q does not say what is there", pipeline.Hint(err))
	}
	for _, name := range there {
		if !slices.Contains(said, name) {
			t.Errorf("%s is there and not in the report: %q", name, said)
		}
	}
	if len(there) == 0 && rep.Remains != nil {
		t.Errorf("nothing is there, and the report says %q", said)
	}
	again := cfg
	again.Observer, again.OnExisting, again.Confirm = nil, pipeline.ExistingDrop, agree
	if rep.Remains != nil {
		// On a copy of the catalog, so to speak: removed, and put back by the run.
		runSQL(t, url, rep.Remains.Remove)
		if left := catalogNames(t, url); len(left) > 0 {
			t.Errorf("after %s there is still %q", rep.Remains.Remove, left)
		}
	}
	move(t, again)
}

// catalogNames lists the relations of the schema public.
func catalogNames(t testing.TB, url string) []string {
	t.Helper()
	return ask(t, url, "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace")
}

// TestBackendsTerminated: a server that ends our sessions at any stage is a
// failure that tells what is there.
func TestBackendsTerminated(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := bulkSource(t, 4, 4000)
	for _, stage := range []pipeline.Stage{pipeline.StageLoad, pipeline.StageFinish, pipeline.StageVerify} {
		for _, jobs := range []int{1, 3} {
			t.Run(fmt.Sprint(stage, jobs), func(t *testing.T) {
				t.Parallel()
				url := srv.Database(t)
				cfg := pipeline.Config{Source: source, Target: url, Jobs: jobs}
				cfg.Observer = once(during(stage), func() { runSQL(t, url, ours) })
				rep, err := pipeline.Migrate(t.Context(), cfg)
				if pipeline.ExitCode(err) != pipeline.ExitFailed || rep.Outcome != "failed" {
					t.Fatalf("exit %d, outcome %s: %v", pipeline.ExitCode(err), rep.Outcome, err)
				}
				if strings.Contains(err.Error(), "\n") {
					t.Errorf("error of several lines: %q", err)
				}
				checkRemains(t, rep, err, cfg, url)
			})
		}
	}
}

// TestLongTableIsLost: with a table in several units, some of them committed,
// the table stays, and the report says so.
func TestLongTableIsLost(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	cfg := pipeline.Config{Source: bulkSource(t, 1, 80_000), Target: url, Jobs: 1}
	units := 0
	var one sync.Once
	cfg.Observer = observer(func(e pipeline.Event) { // one job: no two at once
		if e.Kind == pipeline.UnitEnd {
			units++
		}
		if units > 0 && e.Kind == pipeline.Advance && e.Stage == pipeline.StageLoad {
			one.Do(func() { runSQL(t, url, ours) })
		}
	})
	rep, err := pipeline.Migrate(t.Context(), cfg)
	if pipeline.ExitCode(err) != pipeline.ExitFailed || len(rep.Tables) != 1 || rep.Tables[0].Units < 2 {
		t.Fatalf("exit %d: %v; %+v", pipeline.ExitCode(err), err, rep.Tables)
	}
	if tab := rep.Tables[0]; tab.Loaded == 0 || tab.Loaded >= tab.Rows || tab.Verified != "no" {
		t.Errorf("loaded %d of %d, verified %s", tab.Loaded, tab.Rows, tab.Verified)
	}
	checkRemains(t, rep, err, cfg, url)
}

// TestInterrupted: a cancelled run returns within a second from any stage, with
// exit 130 and the truth about the target.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	source := bulkSource(t, 3, 6000)
	begins := func(s pipeline.Stage) func(pipeline.Event) bool {
		return func(e pipeline.Event) bool { return e.Kind == pipeline.StageBegin && e.Stage == s }
	}
	for name, when := range map[string]func(pipeline.Event) bool{
		"snapshot": begins(pipeline.StageSnapshot), "schema": begins(pipeline.StageSchema), "profile": during(pipeline.StageProfile),
		"plan": begins(pipeline.StagePlan), "load": during(pipeline.StageLoad), "finish": during(pipeline.StageFinish), "verify": during(pipeline.StageVerify),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := srv.Database(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var at time.Time
			cfg := pipeline.Config{Source: source, Target: url, Jobs: 2}
			cfg.Observer = once(when, func() { at = time.Now(); cancel() })
			rep, err := pipeline.Migrate(ctx, cfg)
			took := time.Since(at)
			if pipeline.ExitCode(err) != pipeline.ExitInterrupted || rep.Outcome != "interrupted" {
				t.Fatalf("exit %d, outcome %s: %v", pipeline.ExitCode(err), rep.Outcome, err)
			}
			if took > time.Second {
				t.Errorf("took %s", took)
			}
			checkRemains(t, rep, err, cfg, url)
		})
	}
}

// TestServerStops: the server goes down in the middle of a load.
func TestServerStops(t *testing.T) {
	t.Parallel()
	srv := pgtest.StartWith(t, pgtest.Options{})
	cfg := pipeline.Config{Source: bulkSource(t, 2, 4000), Target: srv.URL("postgres"), Jobs: 2}
	stopped := make(chan error, 1)
	cfg.Observer = once(during(pipeline.StageLoad), func() { stopped <- srv.Stop() })
	rep, err := pipeline.Migrate(t.Context(), cfg)
	if pipeline.ExitCode(err) != pipeline.ExitFailed || pipeline.Hint(err) == "" || rep.Outcome != "failed" {
		t.Errorf("exit %d: %v, hint %q", pipeline.ExitCode(err), err, pipeline.Hint(err))
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// TestDropThenFailure: after the old tables went as agreed, a failing run does
// not claim that nothing was written.
func TestDropThenFailure(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, "CREATE TABLE t0 (old int)")
	cfg := pipeline.Config{Source: bulkSource(t, 1, 4000), Target: url, Jobs: 1, OnExisting: pipeline.ExistingDrop, Confirm: agree}
	cfg.Observer = once(during(pipeline.StageLoad), func() { runSQL(t, url, ours) })
	_, err := pipeline.Migrate(t.Context(), cfg)
	if pipeline.ExitCode(err) != pipeline.ExitFailed {
		t.Fatalf("exit %d: %v", pipeline.ExitCode(err), err)
	}
	if there := tablesOf(t, url); len(there) != 0 {
		t.Fatalf("%q is there", there)
	}
	if hint := pipeline.Hint(err); strings.Contains(hint, "nothing was written") || !strings.Contains(hint, "drop") {
		t.Errorf("hint %q hides that t0 is gone", hint)
	}
}

// TestForeignLocksDoNotMatter: other sessions at work beside us are no
// obstacle, and a table that someone else made in the meantime is not ours.
func TestForeignLocksDoNotMatter(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	runSQL(t, url, "CREATE TABLE other (x int)")
	conn := pgtest.Connect(t, url)
	if _, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE other IN ACCESS EXCLUSIVE MODE; INSERT INTO other VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	move(t, pipeline.Config{Source: sqliteFile(t, smallTable), Target: url})
}

// TestTableAppears: a table of the same name, made after the plan, is an error
// and is never counted as this run's.
func TestTableAppears(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	cfg := pipeline.Config{Source: sqliteFile(t, smallTable), Target: url, Jobs: 1}
	cfg.Observer = once(func(e pipeline.Event) bool { return e.Kind == pipeline.StageBegin && e.Stage == pipeline.StageLoad },
		func() { runSQL(t, url, "CREATE TABLE t (mine int)") })
	rep, err := pipeline.Migrate(t.Context(), cfg)
	if pipeline.ExitCode(err) != pipeline.ExitFailed || !strings.Contains(err.Error(), "already exists") {
		t.Fatalf("exit %d: %v", pipeline.ExitCode(err), err)
	}
	if rep.Remains != nil {
		t.Errorf("remains %+v", rep.Remains)
	}
	if diff := cmp.Diff([]string{"t"}, catalogNames(t, url)); diff != "" {
		t.Error(diff)
	}
}
