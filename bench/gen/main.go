// Command gen writes the databases of package bench:
//
//	go run ./bench/gen tpch --scale 0.5 --seed 1 tpch.db
//	go run ./bench/gen shop --seed 1 shop.db
//	go run ./bench/gen --help
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
	for _, set := range bench.Datasets() {
		root.AddCommand(generator(set))
	}
	return root
}

func generator(set bench.Dataset) *cobra.Command {
	var size bench.Size
	cmd := &cobra.Command{
		Use:   set.Name + " FILE",
		Short: "Write " + set.About,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			start := time.Now()
			stats, err := set.Write(cmd.Context(), args[0], size)
			if err != nil {
				return err
			}
			return summarize(cmd.OutOrStdout(), stats, time.Since(start))
		},
	}
	cmd.Flags().Float64Var(&size.Scale, "scale", 1, "size of the database")
	cmd.Flags().Uint64Var(&size.Seed, "seed", 1, "equal seeds give equal files")
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
