// Command gen writes the databases of package bench:
//
//	go run ./bench/gen tpch --scale 0.5 --seed 1 tpch.db
//	go run ./bench/gen shop --seed 1 shop.db
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "gen",
		Short:         "Write a SQLite database to measure or to show litehaul with",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		generator("tpch", "the eight tables of TPC-H; scale 0.5 is 4.3 million rows in 680 MB",
			func(ctx context.Context, path string, scale float64, seed uint64) (bench.Stats, error) {
				return bench.TPCH(ctx, path, bench.TPCHOptions{Scale: scale, Seed: seed})
			}),
		generator("shop", "a web shop with all that applications keep in SQLite; scale 1 is 200,000 rows",
			func(ctx context.Context, path string, scale float64, seed uint64) (bench.Stats, error) {
				return bench.Shop(ctx, path, bench.ShopOptions{Scale: scale, Seed: seed})
			}),
	)
	return root
}

// generate writes a database to a new file.
type generate func(ctx context.Context, path string, scale float64, seed uint64) (bench.Stats, error)

func generator(name, short string, run generate) *cobra.Command {
	var (
		scale float64
		seed  uint64
	)
	cmd := &cobra.Command{
		Use:   name + " FILE",
		Short: "Write " + short,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			start := time.Now()
			stats, err := run(cmd.Context(), args[0], scale, seed)
			if err != nil {
				return err
			}
			return summarize(cmd.OutOrStdout(), stats, time.Since(start))
		},
	}
	cmd.Flags().Float64Var(&scale, "scale", 1, "size of the database")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "equal seeds give equal files")
	return cmd
}

func summarize(out io.Writer, stats bench.Stats, took time.Duration) error {
	for _, table := range stats.Tables {
		if _, err := fmt.Fprintf(out, "%10d  %s\n", table.Rows, table.Table); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "%10d  rows, %.1f MB, %.1f s\n", stats.Rows, float64(stats.Bytes)/1e6, took.Seconds())
	return err
}
