// Command run measures litehaul from end to end, beside a floor and beside
// other tools, see package contest:
//
//	go run ./bench/run --litehaul bin/litehaul --data tpch-0.5,small --docs docs
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/bench/contest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1) //nolint:forbidigo // a program exits
	}
}

// allData are the cases of a full run.
var allData = []string{
	"small", "tpch-0.1", "tpch-0.5", "tpch-1", "tpch-bare-0.5", "tpch-0.5/lineitem",
	"shop", "wide", "narrow", "large", "events",
}

// options are the flags.
type options struct {
	contest contest.Options
	data    []string
	goBench string
	out     string
	docs    string
}

func command() *cobra.Command {
	o := &options{contest: contest.Options{Settings: contest.DefaultSettings()}}
	settings := map[string]string{}
	cmd := &cobra.Command{
		Use:           "run",
		Short:         "Measure litehaul beside a floor and other tools",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			maps.Copy(o.contest.Settings, settings)
			if o.contest.Server != "" {
				o.contest.Settings = settings // what somebody else's server is told is not ours to say
			}
			o.contest.Log = cmd.ErrOrStderr()
			return o.run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.data, "data", allData, "cases: data set, -scale, and /table for one table with 1 job and with all")
	f.IntVar(&o.contest.Runs, "runs", 3, "laps of each contestant")
	f.IntVar(&o.contest.SmallRuns, "small-runs", 15, "the same for files of less than 50 MB")
	f.IntVar(&o.contest.Trials, "trials", 2, "laps of each way of the floor before the fastest is chosen; 0: only the plain way")
	f.IntVar(&o.contest.Jobs, "jobs", 2, "connections of litehaul and of the floor")
	f.StringVar(&o.contest.Litehaul, "litehaul", "bin/litehaul", "the program to measure")
	f.StringSliceVar(&o.contest.Skip, "skip", nil, "other tools that do not take part: "+strings.Join(contest.Tools(), ", "))
	f.DurationVar(&o.contest.Limit, "limit", 10*time.Minute, "time limit of a lap")
	f.StringVar(&o.contest.Server, "server", "", "URL of a superuser's database on a server of this machine (default: a private server)")
	f.StringToStringVar(&settings, "set", nil, "further settings of the private server; with --server, settings to name in the result")
	f.StringVar(&o.contest.Cache, "cache", filepath.Join(cache, "litehaul", "bench"), "folder of generated databases")
	f.StringVar(&o.contest.Work, "work", "", "folder for the floor's files; the server's user must be able to enter (default: the temporary folder)")
	f.StringVar(&o.goBench, "go-bench", "", "case whose database the Go benchmarks of the checkout read (default: none are run)")
	f.StringVar(&o.out, "out", "", "write the result as JSON to this file")
	f.StringVar(&o.docs, "docs", "", "folder with BENCHMARKS.md, which gets the tables, and bench/, which gets JSON and chart")
	return cmd
}

func (o *options) run(ctx context.Context, out io.Writer) error {
	var err error
	if o.contest.Litehaul, err = filepath.Abs(o.contest.Litehaul); err != nil {
		return err
	}
	for _, spec := range o.data {
		one, err := contest.ParseCase(spec)
		if err != nil {
			return err
		}
		o.contest.Cases = append(o.contest.Cases, one)
	}
	result, err := contest.Run(ctx, o.contest)
	if err != nil {
		return err
	}
	if o.goBench != "" {
		one, err := contest.ParseCase(o.goBench)
		if err != nil {
			return err
		}
		if result.GoBench, err = contest.GoBench(ctx, ".", o.contest.Cache, one); err != nil {
			return err
		}
	}
	if err := o.publish(&result); err != nil {
		return err
	}
	_, err = io.WriteString(out, result.Markdown())
	return err
}

// publish writes the files that were asked for.
func (o *options) publish(result *contest.Result) error {
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if o.out != "" {
		if err := write(o.out, text); err != nil {
			return err
		}
	}
	if o.docs == "" {
		return nil
	}
	var svg bytes.Buffer
	if err := result.Chart().Write(&svg); err != nil {
		return err
	}
	page := filepath.Join(o.docs, "BENCHMARKS.md")
	old, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	changed, err := contest.Inject(string(old), "![](bench/total.svg)\n\n"+result.Markdown())
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	for name, data := range map[string][]byte{
		filepath.Join(o.docs, "bench", "results.json"): text,
		filepath.Join(o.docs, "bench", "total.svg"):    svg.Bytes(),
		page: []byte(changed),
	} {
		if err := write(name, data); err != nil {
			return err
		}
	}
	return nil
}

func write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // G301: a folder of documentation
		return err
	}
	return os.WriteFile(name, data, 0o644) //nolint:gosec // G306: results are for everybody
}
