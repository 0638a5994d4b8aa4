package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/metrics"
	"github.com/litehaul/litehaul/cmd/litehaul/internal/progress"
	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/pipeline"
)

// sessionOptions are the flags that say what the user sees of a run.
type sessionOptions struct {
	report, reportFile       string
	progress                 string
	logLevel, logFormat      string
	metricsAddr, metricsFile string
}

// The values of --report, --progress and --log-format.
const (
	reportText = "text"
	reportJSON = "json"

	progressAuto  = "auto"
	progressBar   = "bar"
	progressPlain = "plain"
	progressNone  = "none"

	logText = "text"
	logJSON = "json"
)

func (o *sessionOptions) addFlags(flags *pflag.FlagSet) {
	flags.Var(newChoice(&o.report, reportText, reportJSON), "report", "form of the report on stdout")
	flags.StringVar(&o.reportFile, "report-file", "", "write the report to `FILE` too; as JSON if its name ends in .json")
	group(flags, groupReport)
	o.addProgressFlag(flags)
	o.addLogFlags(flags)
	flags.StringVar(&o.metricsAddr, "metrics-addr", "", "serve Prometheus metrics at http://`HOST:PORT`/metrics during the run")
	flags.StringVar(&o.metricsFile, "metrics-file", "", "write Prometheus metrics to `FILE` at the end, for the textfile collector of node_exporter")
	group(flags, groupMessages)
}

func (o *sessionOptions) addLogFlags(flags *pflag.FlagSet) {
	flags.Var(newChoice(&o.logLevel, "warn", "error", "info", "debug"), "log-level", "least weight of the messages on stderr")
	flags.Var(newChoice(&o.logFormat, logText, logJSON), "log-format", "form of the messages on stderr")
	group(flags, groupMessages)
}

func (o *sessionOptions) addProgressFlag(flags *pflag.FlagSet) {
	flags.Var(newChoice(&o.progress, progressAuto, progressBar, progressPlain, progressNone), "progress",
		"bars on a terminal, plain lines elsewhere; always on stderr")
	group(flags, groupMessages)
}

// session is one run as the user sees it: progress, messages, metrics, and the
// report at its end. Only what was asked for is made.
type session struct {
	con     *console
	opts    *sessionOptions
	text    func(io.Writer, *pipeline.Report, render.Options) error
	display progress.Display
	metrics *metrics.Metrics
	server  *metrics.Server
}

// newSession opens what the flags ask for. What cannot be opened is found here,
// before the run.
func newSession(ctx context.Context, con *console, opts *sessionOptions) (*session, error) {
	s := &session{con: con, opts: opts, text: render.Report}
	for flag, path := range map[string]string{"report-file": opts.reportFile, "metrics-file": opts.metricsFile} {
		if err := checkWritable(flag, path); err != nil {
			return nil, err
		}
	}
	if opts.metricsAddr != "" || opts.metricsFile != "" {
		s.metrics = metrics.New(buildLabels())
	}
	if opts.metricsAddr != "" {
		server, err := metrics.Serve(ctx, opts.metricsAddr, s.metrics)
		if err != nil {
			return nil, usage("--metrics-addr localhost:9187, or another free port", "--metrics-addr: %w", err)
		}
		s.server = server
	}
	s.display = s.newDisplay()
	return s, nil
}

// newDisplay chooses how progress is shown. It draws nothing before the run
// tells of something.
func (s *session) newDisplay() progress.Display {
	mode := s.opts.progress
	if mode == progressAuto {
		mode = progressPlain
		if isTerminal(s.con.err) {
			mode = progressBar
		}
	}
	switch mode {
	case progressBar:
		return progress.NewBars(s.con.err)
	case progressPlain:
		return progress.NewPlain(s.con.err)
	}
	return progress.NewNone(s.con.err)
}

// attach makes a run tell this session what happens.
func (s *session) attach(cfg *pipeline.Config) {
	cfg.Observer, cfg.Log = s.observer(), s.logger()
}

// observer hears the events of a run.
func (s *session) observer() pipeline.Observer {
	observers := fanOut{s.display}
	if s.metrics != nil {
		observers = append(observers, s.metrics)
	}
	return observers
}

// pause runs fn while no progress is drawn.
func (s *session) pause(fn func()) { s.display.Pause(fn) }

func (s *session) logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.opts.logLevel)); err != nil {
		level = slog.LevelWarn // not reached: the flag knows its words
	}
	w := s.con.errorWriter(s.display)
	opts := &slog.HandlerOptions{Level: level}
	if s.opts.logFormat == logJSON {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// fanOut tells several observers.
type fanOut []pipeline.Observer

// Observe hands the event on.
func (f fanOut) Observe(e pipeline.Event) {
	for _, o := range f {
		o.Observe(e)
	}
}

// finish ends the session: the report goes where it was asked for, and the
// user is told of err. It returns err, or what went wrong in telling.
func (s *session) finish(ctx context.Context, rep *pipeline.Report, err error) error {
	s.display.Close()
	code := exitCode(ctx, err)
	settle(rep, code, err)
	problems := s.write(ctx, rep, code)
	if err != nil {
		s.tell(rep, code, err)
		for _, p := range problems {
			s.con.fail(pipeline.ExitFailed, p)
		}
		return told{err}
	}
	return errors.Join(problems...)
}

// settle fills in what a run that failed early has not put into its report.
func settle(rep *pipeline.Report, code int, err error) {
	if rep.Version == 0 {
		rep.Version = pipeline.ReportVersion
	}
	if rep.Tool == "" {
		rep.Tool = toolName()
	}
	if err == nil {
		return
	}
	if rep.Error == "" {
		rep.Error, rep.Hint = err.Error(), pipeline.Hint(err)
	}
	if rep.Outcome == "" {
		rep.Outcome = map[int]string{
			pipeline.ExitRefused:     render.OutcomeRefused,
			pipeline.ExitDiffers:     render.OutcomeDiffers,
			pipeline.ExitInterrupted: render.OutcomeInterrupted,
		}[code]
	}
	if rep.Outcome == "" {
		rep.Outcome = render.OutcomeFailed
	}
}

// write puts the report and the metrics where they belong. One that fails does
// not keep the others from being written.
func (s *session) write(ctx context.Context, rep *pipeline.Report, code int) []error {
	rep.Error = redact(rep.Error, s.con.secrets)
	var problems []error
	note := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	note(s.printReport(rep, code))
	if path := s.opts.reportFile; path != "" {
		note(writeFile(path, func(w io.Writer) error {
			if strings.EqualFold(filepath.Ext(path), ".json") || s.opts.report == reportJSON {
				return render.JSON(w, rep)
			}
			return s.text(w, rep, render.Options{})
		}))
	}
	if s.metrics != nil {
		s.metrics.End(code)
	}
	if s.opts.metricsFile != "" {
		note(s.metrics.WriteFile(s.opts.metricsFile))
	}
	if s.server != nil {
		note(s.server.Close(ctx))
	}
	return problems
}

// printReport writes the report to stdout. Of a run that did not come to an
// end, the text form says nothing that the error does not say.
func (s *session) printReport(rep *pipeline.Report, code int) error {
	if s.opts.report == reportJSON {
		return render.JSON(s.con.out, rep)
	}
	if code != pipeline.ExitDone && code != pipeline.ExitDiffers {
		return nil
	}
	return s.text(s.con.out, rep, render.Options{Width: width(s.con.out)})
}

// tell writes what went wrong to stderr: the error, what forces a choice, what
// to do, and what is in the target.
func (s *session) tell(rep *pipeline.Report, code int, err error) {
	s.con.tellError(code, err)
	if code == pipeline.ExitRefused {
		// Nobody is left to tell when stderr itself fails.
		_ = render.Hazards(s.con.err, rep.Hazards, render.Options{Width: width(s.con.err)})
	}
	s.con.tellHint(err)
	if r := rep.Remains; r != nil && len(r.Tables) > 0 {
		s.con.say("%s of this run in schema %s of the target: %s",
			render.Plural(int64(len(r.Tables)), "table"), r.Schema, someOf(r.Tables))
		if r.Remove != "" {
			s.con.say("to remove: %s", r.Remove)
		}
	}
}

// someOf lists names, the first ones of many.
func someOf(names []string) string {
	const limit = 8
	if rest := len(names) - limit; rest > 0 {
		return strings.Join(names[:limit], ", ") + fmt.Sprintf(" and %d more", rest)
	}
	return strings.Join(names, ", ")
}

// checkWritable finds before a run whether a file can be written after it.
func checkWritable(flag, path string) error {
	if path == "" {
		return nil
	}
	if sqlite.IsDatabase(path) {
		return usage("name another file", "--%s %s would replace a SQLite database", flag, path)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usage("name a file in it", "--%s %s is a folder", flag, path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".litehaul-*")
	if err != nil {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err // the path is that of a temporary file
		}
		return usage("", "--%s %s cannot be written: %w", flag, path, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// writeFile writes a file whole or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".litehaul-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	err = errors.Join(write(f), f.Chmod(filePermission), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(f.Name()))
	}
	return nil
}

// filePermission is that of reports: they quote values of the source, so they
// are for the owner and the group.
const filePermission = 0o640
