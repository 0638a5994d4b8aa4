package main

import (
	"encoding/json"
	"fmt"
	"runtime"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/metrics"
	"github.com/litehaul/litehaul/internal/buildinfo"
)

// versions are what litehaul version prints.
type versions struct {
	Litehaul string `json:"litehaul"`
	Commit   string `json:"commit,omitempty"`
	Go       string `json:"go"`
	SQLite   string `json:"sqlite"`
	Platform string `json:"platform"`
}

func readVersions() versions {
	return versions{
		Litehaul: buildinfo.Version(),
		Commit:   buildinfo.Commit(),
		Go:       runtime.Version(),
		SQLite:   sqlite3.SQLITE_VERSION,
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
}

// toolName names the program in reports.
func toolName() string { return "litehaul " + buildinfo.Version() }

// buildLabels are the labels of litehaul_build_info.
func buildLabels() metrics.Build {
	v := readVersions()
	return metrics.Build{Version: v.Litehaul, Commit: v.Commit, Go: v.Go}
}

func printVersion(con *console, asJSON bool) error {
	v := readVersions()
	if asJSON {
		enc := json.NewEncoder(con.out)
		enc.SetIndent("", "  ")
		return enc.Encode(v) //nolint:wrapcheck // an error of stdout says enough
	}
	text := fmt.Sprintf("litehaul %s\nsqlite   %s\ngo       %s %s\n", v.Litehaul, v.SQLite, v.Go, v.Platform)
	if v.Commit != "" {
		text += fmt.Sprintf("commit   %s\n", v.Commit)
	}
	_, err := con.out.WriteString(text)
	return err //nolint:wrapcheck // likewise
}
