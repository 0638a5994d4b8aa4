package framework_test

import (
	"regexp"
	"testing"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/typemap"
	"github.com/litehaul/litehaul/typemap/framework"
)

var (
	spanText    = regexp.MustCompile(`^-?([0-9]+\.)?([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{7})?$`)
	decimalText = regexp.MustCompile(`^-?(0|[1-9]\d*)\.(\d|\d*[1-9])$`)
)

// FuzzCount holds the two texts of .NET against their grammars, and no value
// may stop any hint.
func FuzzCount(f *testing.F) {
	for _, s := range []string{"1.02:03:04.5000000", "-00:10:00", "24:00:00", "1.:02:03:04", "0.10", "-0.05", "12.", ".5", "10.0.0.1"} {
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, b []byte, blob bool) {
		var v row.Value
		v.SetText(b)
		if blob {
			v.SetBlob(b)
		}
		for _, form := range []typemap.Form{
			framework.FormBool, framework.FormHex, framework.FormDashed, framework.FormUpper, framework.FormUUIDBlob,
			framework.FormEpoch, framework.FormDatetime, framework.FormDate, framework.FormTimeSpan, framework.FormDecimal,
			framework.FormIntText, framework.FormInet, framework.FormFloat, framework.FormJSONDoc,
			typemap.FormJSONB, typemap.FormJSONText, typemap.FormGUID, typemap.FormMillis, typemap.FormPlain, "unknown",
		} {
			h := framework.Hint{Type: sqltype.Type{Kind: sqltype.JSONB}, Form: form}
			var tally framework.Tally
			h.Count(&tally, &v)
			if tally.Values != 1 || tally.Fit[0] > 1 || tally.Tell[0]+tally.Silent+tally.Other[0] > tally.Fit[0] {
				t.Errorf("%s of %q: %+v", form, b, tally)
			}
			const longest = 32 // of .NET's decimals
			if blob || len(b) > longest {
				continue
			}
			want := tally.Fit[0] == 1
			if form == framework.FormTimeSpan && spanText.Match(b) != want ||
				form == framework.FormDecimal && decimalText.Match(b) != want {
				t.Errorf("%s of %q: kept is %v", form, b, want)
			}
		}
	})
}
