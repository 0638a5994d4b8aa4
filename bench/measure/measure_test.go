package measure_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/bench/measure"
	"github.com/litehaul/litehaul/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// place is a role of its own with a database of its own.
type place struct {
	role   pgtest.Role
	admin  *pgx.Conn
	target string
}

func newPlace(t *testing.T, attributes ...string) place {
	t.Helper()
	server := pgtest.Start(t)
	role := server.Role(t, attributes...)
	database := server.DatabaseWith(t, pgtest.DatabaseOptions{Owner: role.Name, Template: "template0", Encoding: "UTF8", Locale: "C.UTF-8"})
	return place{role, pgtest.Connect(t, database), role.URL(t, database)}
}

// left gives the role's schemas and databases, but for the one it began with.
func (p place) left(t *testing.T) []string {
	t.Helper()
	rows, err := p.admin.Query(t.Context(), `
SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'litehaul%'
UNION ALL SELECT datname FROM pg_database WHERE datdba = $1::text::regrole AND datname <> current_database()`, p.role.Name)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// in runs SQL in a place.
func in(ctx context.Context, p measure.Place, sql string) error {
	conn, err := pgx.Connect(ctx, p.Target)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
}

// tables is a way that makes a table, which must not be there yet.
func tables(name string) measure.Way {
	return measure.Way{Name: name, Do: func(ctx context.Context, p measure.Place) (measure.Done, error) {
		err := in(ctx, p, fmt.Sprintf("CREATE TABLE %q.t (id int PRIMARY KEY)", p.Schema))
		return measure.Done{Rows: 7, Bytes: 70, Stages: []measure.Stage{{Name: "make", Seconds: 0.5}}}, err
	}}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		attributes []string
		mode, want measure.Mode
	}{
		{"databases", []string{"CREATEDB"}, measure.ModeAuto, measure.ModeDatabase},
		{"schemas where they are asked for", []string{"CREATEDB"}, measure.ModeSchema, measure.ModeSchema},
		{"schemas without the right", nil, measure.ModeAuto, measure.ModeSchema},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, test.attributes...)
			var notes []string
			r, err := measure.Measure(t.Context(), measure.Plan{
				Target: p.target, Mode: test.mode, Runs: 1, Ways: []measure.Way{tables("a"), tables("b")},
				Note: func(line string) { notes = append(notes, line) },
			})
			if err != nil {
				t.Fatal(err)
			}
			if r.Server.Scratch != test.want || r.Server.Version == "" || r.Server.Settings["shared_buffers"] == "" {
				t.Errorf("server: %+v", r.Server)
			}
			for _, name := range []string{"a", "b"} {
				w := r.Way(name)
				if w.Rows != 7 || w.Bytes != 70 || len(w.Runs) != 1 || w.Runs[0].Seconds <= 0 || w.Runs[0].Stages[0].Name != "make" {
					t.Errorf("%+v", w)
				}
			}
			if test.name == "schemas without the right" {
				if !strings.Contains(notes[0], "may not make databases") {
					t.Errorf("not told why: %q", notes[0])
				}
				notes = notes[1:]
			}
			for i, note := range notes {
				notes[i], _, _ = strings.Cut(note, ":")
			}
			want := []string{"a, warm-up", "b, warm-up", "a, run 1 of 1", "b, run 1 of 1"}
			if diff := cmp.Diff(want, notes); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if left := p.left(t); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// A scratch database has the locale of the user's own: it decides how long
// indexes take.
func TestMeasureLocale(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "CREATEDB")
	locale := func(ctx context.Context, target string) (text string, err error) {
		conn, err := pgx.Connect(ctx, target)
		if err != nil {
			return "", err
		}
		err = conn.QueryRow(ctx, `SELECT concat_ws(' ', encoding, datcollate, datctype, to_jsonb(d)->>'datlocprovider',
			to_jsonb(d)->>'daticulocale', to_jsonb(d)->>'datlocale') FROM pg_database d WHERE datname = current_database()`).Scan(&text)
		return text, errors.Join(err, conn.Close(ctx))
	}
	want, err := locale(t.Context(), p.target)
	if err != nil {
		t.Fatal(err)
	}
	_, err = measure.Measure(t.Context(), measure.Plan{Target: p.target, Mode: measure.ModeDatabase, Runs: 1, Ways: []measure.Way{{
		Name: "look", Do: func(ctx context.Context, p measure.Place) (done measure.Done, err error) {
			got, err := locale(ctx, p.Target)
			if err == nil && got != want {
				err = fmt.Errorf("%s, want %s", got, want)
			}
			return done, err
		},
	}}})
	if err != nil {
		t.Error(err)
	}
}

// A password that is for the user's database alone: the scratch database can be
// made, but not entered.
func TestMeasureCannotEnter(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "CREATEDB")
	server := pgtest.Start(t)
	u, err := url.Parse(p.role.URL(t, server.TCPURL(p.admin.Config().Database)))
	if err != nil {
		t.Fatal(err)
	}
	passfile := filepath.Join(t.TempDir(), "passfile")
	line := fmt.Sprintf("*:*:%s:%s:%s\n", p.admin.Config().Database, p.role.Name, p.role.Password)
	if err := os.WriteFile(passfile, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	u.User = url.User(p.role.Name)
	q := u.Query()
	q.Set("passfile", passfile)
	u.RawQuery = q.Encode()
	r, err := measure.Measure(t.Context(), measure.Plan{Target: u.String(), Mode: measure.ModeAuto, Runs: 1, Ways: []measure.Way{tables("a")}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Server.Scratch != measure.ModeSchema {
		t.Errorf("measured in a %s", r.Server.Scratch)
	}
	if left := p.left(t); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestMeasureRefuses(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	stranger := pgtest.Start(t).Role(t)
	for name, plan := range map[string]measure.Plan{
		"databases are asked for": {Target: p.target, Mode: measure.ModeDatabase},
		"no right at all":         {Target: stranger.URL(t, p.target), Mode: measure.ModeAuto},
		"no target":               {Target: "postgres://[", Mode: measure.ModeAuto},
	} {
		plan.Runs, plan.Ways = 1, []measure.Way{tables("a")}
		_, err := measure.Measure(t.Context(), plan)
		var refused *measure.RefusedError
		if !errors.As(err, &refused) || refused.Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := p.left(t); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// Whatever ends the runs, nothing stays on the server.
func TestMeasureCleans(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, attributes := range [][]string{{"CREATEDB"}, nil} {
		for name, end := range map[string]func(context.CancelFunc) error{
			"a failure":       func(context.CancelFunc) error { return broken },
			"an interruption": func(cancel context.CancelFunc) error { cancel(); return nil },
		} {
			t.Run(fmt.Sprint(name, attributes), func(t *testing.T) {
				t.Parallel()
				p := newPlace(t, attributes...)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				way, cleared, n := tables("a"), false, 0
				do := way.Do
				way.Do = func(ctx context.Context, p measure.Place) (measure.Done, error) {
					done, err := do(ctx, p)
					if n++; n < 2 || err != nil {
						return done, err
					}
					if err := end(cancel); err != nil {
						return done, err
					}
					return done, in(ctx, p, "SELECT 1")
				}
				way.Clear = func(ctx context.Context) error { cleared = true; return ctx.Err() }
				_, err := measure.Measure(ctx, measure.Plan{Target: p.target, Mode: measure.ModeAuto, Runs: 3, Ways: []measure.Way{way}})
				if !errors.Is(err, broken) && !errors.Is(err, context.Canceled) {
					t.Errorf("error: %v", err)
				}
				if !cleared {
					t.Error("what the way keeps was not cleared")
				}
				if left := p.left(t); len(left) > 0 {
					t.Errorf("left behind: %q", left)
				}
			})
		}
	}
}

// Ready comes before the clock runs.
func TestMeasureReady(t *testing.T) {
	t.Parallel()
	const pause = 200 * time.Millisecond
	p := newPlace(t)
	way := tables("a")
	way.Ready = func(ctx context.Context, p measure.Place) error {
		time.Sleep(pause)
		return in(ctx, p, fmt.Sprintf("CREATE TABLE %q.ready ()", p.Schema))
	}
	do := way.Do
	way.Do = func(ctx context.Context, p measure.Place) (measure.Done, error) {
		if err := in(ctx, p, fmt.Sprintf("TABLE %q.ready", p.Schema)); err != nil {
			return measure.Done{}, err
		}
		return do(ctx, p)
	}
	r, err := measure.Measure(t.Context(), measure.Plan{Target: p.target, Mode: measure.ModeAuto, Runs: 3, Ways: []measure.Way{way}})
	if err != nil {
		t.Fatal(err)
	}
	fastest := slices.MinFunc(r.Way("a").Runs, func(a, b measure.Run) int { return int(1e6 * (a.Seconds - b.Seconds)) })
	if fastest.Seconds >= pause.Seconds() {
		t.Errorf("%v s, with what comes before the clock runs", fastest.Seconds)
	}
}

// What a killed program has left is told of, and stays: another one may be using it.
func TestMeasureTellsOfLeft(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "CREATEDB")
	name := measure.Prefix + "left_" + p.role.Name
	if _, err := p.admin.Exec(t.Context(), fmt.Sprintf("CREATE DATABASE %q OWNER %q", name, p.role.Name)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := p.admin.Exec(context.WithoutCancel(t.Context()), fmt.Sprintf("DROP DATABASE %q", name)); err != nil {
			t.Error(err)
		}
	}()
	var notes strings.Builder
	_, err := measure.Measure(t.Context(), measure.Plan{
		Target: p.target, Mode: measure.ModeSchema, Runs: 1, Ways: []measure.Way{tables("a")},
		Note: func(line string) { fmt.Fprintln(&notes, line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("has left: DROP DATABASE %q\n", name); !strings.Contains(notes.String(), want) {
		t.Errorf("not told of:\n%s", &notes)
	}
}
