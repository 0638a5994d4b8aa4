package main

import "github.com/spf13/cobra"

func newVersion(con *console) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the versions of litehaul and of the SQLite engine in it",
		Example: "  litehaul version\n  litehaul version --json",
		Args:    argCount(0, 0),
		RunE: func(*cobra.Command, []string) error {
			return printVersion(con, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	group(cmd.Flags(), groupReport)
	return cmd
}
