package postgres

import (
	"net/url"
	"strings"
)

// WithDatabase gives a connection string, in any form that ParseTarget takes, for
// another database of the same server.
func WithDatabase(target, name string) string {
	if strings.HasPrefix(target, "postgres://") || strings.HasPrefix(target, "postgresql://") {
		// A URL that does not parse is left to ParseTarget, which says why.
		if u, err := url.Parse(target); err == nil {
			u.Path, u.RawPath = "/"+name, "/"+url.PathEscape(name)
			query := u.Query()
			query.Del("dbname")
			query.Del("database")
			u.RawQuery = query.Encode()
			return u.String()
		}
		return target
	}
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	return strings.TrimSpace(target + " dbname='" + escape.Replace(name) + "'") // the last one counts
}
