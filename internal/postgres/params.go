package postgres

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// idleParams are parameters of libpq that pgx does not know and would send to the
// server: they set what makes no difference here. Keepalives are always on.
var idleParams = []string{
	"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "sslcompression",
	"load_balance_hosts", "gssdelegation", "gsslib", "fallback_application_name",
}

// firmParams are parameters of libpq that ask for something that litehaul does not
// do, unless they have one of these values.
var firmParams = map[string][]string{
	"gssencmode":               {"disable", "prefer"},
	"requiressl":               {"0"},
	"hostaddr":                 nil,
	"requirepeer":              nil,
	"sslcrl":                   nil,
	"sslcrldir":                nil,
	"ssl_min_protocol_version": {"TLSv1", "TLSv1.1", "TLSv1.2"}, // less is not spoken anyway
	"ssl_max_protocol_version": {"TLSv1.3"},
	"require_auth":             nil,
}

// settleParams takes libpq's own parameters out of those for the server, and
// refuses a name that is none: of a string like jdbc:postgresql://h/db?user=me,
// which would lead to another server than it means.
func settleParams(params map[string]string) error {
	for _, name := range idleParams {
		delete(params, name)
	}
	for name, fine := range firmParams {
		value, given := params[name]
		if !given {
			continue
		}
		delete(params, name)
		if value != "" && !slices.Contains(fine, value) {
			return fmt.Errorf("target: litehaul does not do what %s asks for", name)
		}
	}
	for name := range params {
		if strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789_.") != "" {
			return errors.New("target: not a Postgres URL or key=value string")
		}
	}
	return nil
}
