package postgres

import (
	"fmt"
	"net/url"
	"strings"
)

// InDatabase gives a target string that leads to another database of the same
// server as the same role. Where the string leaves things to the environment,
// so does the new one.
func InDatabase(target, name string) (string, error) {
	if strings.HasPrefix(target, "postgres://") || strings.HasPrefix(target, "postgresql://") {
		u, err := url.Parse(target)
		if err != nil {
			return "", parseError(target, fmt.Errorf("target: %w", err))
		}
		u.Path, u.RawPath = "/"+name, ""
		query := u.Query()
		// Both win over the path (pgconn.ParseConfig).
		query.Del("dbname")
		query.Del("database")
		u.RawQuery = query.Encode()
		return u.String(), nil
	}
	// Of a key that comes twice the last one counts.
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name)
	return strings.TrimSpace(target + " dbname='" + quoted + "'"), nil
}
