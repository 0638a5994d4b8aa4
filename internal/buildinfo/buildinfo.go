// Package buildinfo tells which litehaul this is.
package buildinfo

import "runtime/debug"

// version and commit are set by the linker (see the Makefile).
var version, commit string

// Version gives the release, or "devel" for a build without one.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// Commit gives the commit that was built, or "".
func Commit() string {
	if commit != "" {
		return commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return ""
}
