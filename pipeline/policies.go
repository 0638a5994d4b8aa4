package pipeline

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/planfile"
)

// policy is a choice for a whole run that a plan keeps, under its flag's name.
type policy struct {
	name  string
	about string
	// words are what it may be, the default first; nil where check tells.
	words []string
	check func(string) error
	get   func(*Config) string
	set   func(*Config, string)
	// later tells that it is about what the target holds when the run begins: a
	// flag beside the plan wins.
	later bool
}

// word makes the policy of a field with a few words.
func word[T ~string](name, about string, field func(*Config) *T, words ...T) policy {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return policy{
		name: name, about: about, words: list,
		get: func(c *Config) string {
			if v := *field(c); v != "" {
				return string(v)
			}
			return list[0]
		},
		set: func(c *Config, v string) { *field(c) = T(v) },
	}
}

// flag makes the policy of a field that is true or false, in two words.
func flag(name, about string, field func(*Config) *bool, off, on string) policy {
	return policy{
		name: name, about: about, words: []string{off, on},
		get: func(c *Config) string {
			if *field(c) {
				return on
			}
			return off
		},
		set: func(c *Config, v string) { *field(c) = v == on },
	}
}

func (p policy) atRun() policy {
	p.later = true
	return p
}

// choiceAuto leaves a policy to litehaul.
const choiceAuto = "auto"

func naiveNamed(s string) NaivePolicy {
	if s == choiceAuto {
		return NaiveAuto
	}
	return NaivePolicy(s)
}

func frameworkNames(s string) []string {
	if s == choiceAuto {
		return nil
	}
	return strings.Split(s, ",")
}

// policyList is all of them, in the order in which a plan has them.
var policyList = []policy{
	{
		name: "naive-datetimes", about: "datetime text without a zone: auto (in the zone that the framework of the file writes, if it has one), timestamp or timestamptz:ZONE",
		check: func(s string) error { _, err := parseNaive(naiveNamed(s)); return err },
		get: func(c *Config) string {
			if c.Naive == "" {
				return choiceAuto
			}
			return string(c.Naive)
		},
		set: func(c *Config, v string) { c.Naive = naiveNamed(v) },
	},
	{
		name: "framework", about: "the frameworks that wrote the file: auto (those that litehaul finds), none, or names",
		check: func(s string) error { return checkFrameworks(frameworkNames(s)) },
		get: func(c *Config) string {
			if len(c.Frameworks) == 0 {
				return choiceAuto
			}
			return strings.Join(c.Frameworks, ",")
		},
		set: func(c *Config, v string) { c.Frameworks = frameworkNames(v) },
	},
	word("invalid-text", "text that is not UTF-8 or holds NUL",
		func(c *Config) *InvalidTextPolicy { return &c.InvalidText }, InvalidRefuse, InvalidBytea, InvalidReplace, InvalidReject),
	word("orphans", "rows without the parent that a foreign key names",
		func(c *Config) *OrphanPolicy { return &c.Orphans }, OrphansFail, OrphansNotValid, OrphansSkipFK),
	word("bad-keys", "keys that Postgres would refuse",
		func(c *Config) *BadKeyPolicy { return &c.BadKeys }, BadKeysFail, BadKeysRelax),
	word("nocase", "COLLATE NOCASE",
		func(c *Config) *NoCasePolicy { return &c.NoCase }, NoCaseAuto, NoCaseCitext, NoCaseLower),
	flag("virtual-tables", "full-text, R-tree and other virtual tables",
		func(c *Config) *bool { return &c.VirtualContent }, "skip", "content"),
	flag("generated", "generated columns",
		func(c *Config) *bool { return &c.GeneratedValues }, "expressions", "values"),
	flag("skip-damaged", "salvage what can be read of a damaged file",
		func(c *Config) *bool { return &c.SkipDamaged }, strconv.FormatBool(false), strconv.FormatBool(true)),
	flag("create-missing", "tables that an application's schema lacks",
		func(c *Config) *bool { return &c.CreateMissing }, strconv.FormatBool(false), strconv.FormatBool(true)),
	flag("allow-schema-skew", "source and target at different migrations of their application",
		func(c *Config) *bool { return &c.AllowSkew }, strconv.FormatBool(false), strconv.FormatBool(true)),
	word("on-existing", "tables of the same names in the target",
		func(c *Config) *OnExisting { return &c.OnExisting }, ExistingFail, ExistingDrop).atRun(),
	word("on-data", "rows in an application's tables",
		func(c *Config) *OnDataPolicy { return &c.OnData }, OnDataFail, OnDataTruncate, OnDataAppend, OnDataUpsert).atRun(),
}

// existingPolicies and createPolicies are those that only matter to one way of
// running.
var (
	existingPolicies = map[string]bool{"create-missing": true, "allow-schema-skew": true, "on-data": true}
	createPolicies   = map[string]bool{"orphans": true, "bad-keys": true, "nocase": true, "generated": true, "on-existing": true}
)

// policies lists those in force that matter to the run.
func (r *run) policies() []planfile.Policy {
	var out []planfile.Policy
	for _, p := range policyList {
		if r.into == nil && existingPolicies[p.name] || r.into != nil && createPolicies[p.name] {
			continue
		}
		out = append(out, planfile.Policy{Name: p.name, Value: p.get(&r.cfg), Allowed: p.words})
	}
	return out
}
