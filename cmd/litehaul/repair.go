package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/litehaul/litehaul/pipeline"
)

// newRepair makes litehaul repair.
func newRepair(con *console) *cobra.Command {
	schema := ""
	cmd := &cobra.Command{
		Use:   "repair [TARGET]",
		Short: "Put back what an interrupted run left off an application's tables",
		Long: `Put back the indexes, foreign keys and triggers that an interrupted run left off the
tables of an application. While such a run loads they are off, and the statements that
bring them back stand in the table litehaul_rebuild of the same schema, until all are
back. All schemas are looked through. Connect as the role that ran the load.

What litehaul reseed --swap has left beside, where it was killed, is removed: the tables
that it was to replace are as they were.

TARGET is anything that psql takes, or nothing, for PGHOST, PGSERVICE and the others.`,
		Example: `  litehaul repair postgres://app@localhost/app`,
		Args:    argCount(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg := pipeline.Config{Schema: schema}
			if len(args) > 0 {
				cfg.Target = args[0]
			}
			con.hideSecrets(cfg.Target)
			done, err := pipeline.Repair(cmd.Context(), cfg)
			for _, name := range done {
				_, _ = fmt.Fprintln(con.out, "put back", name) // a closed stdout is no reason to fail
			}
			if err != nil {
				return err
			}
			removed, err := pipeline.RemoveLeftovers(cmd.Context(), cfg)
			for _, name := range removed {
				_, _ = fmt.Fprintln(con.out, "removed schema", name)
			}
			if err == nil && len(done)+len(removed) == 0 {
				_, _ = fmt.Fprintln(con.out, "nothing is off")
			}
			return err
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&schema, "schema", "", "only the tables of this `SCHEMA`; without it, of all")
	group(fs, groupTarget)
	return cmd
}
