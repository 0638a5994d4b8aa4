package main

import "github.com/spf13/cobra"

// newFixture makes the command under which those of fixture archives stand.
func newFixture(con *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fixture",
		Short: "Write and read archives from which Postgres databases are seeded",
		Long: `Write and read fixture archives: a database's schema and rows in one tar file, from
which Postgres databases are seeded. docs/FIXTURE-FORMAT.md describes the file, and the
three commands that restore one with tar, zstd and psql.`,
		Example: `  litehaul fixture create app.db -o app.tar
  litehaul fixture create --from postgres:///app -o app.tar
  litehaul fixture info app.tar`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newFixtureCreate(con), newFixtureInfo(con), newFixtureList(con), newFixtureVerify(con), newFixtureCat(con), newFixtureDiff(con))
	return cmd
}
