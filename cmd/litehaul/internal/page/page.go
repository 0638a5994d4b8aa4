// Package page writes an assessment as one HTML page for people who decide: it
// needs no network, and what it shows of the database can neither act nor leave
// its place.
//
// Names and values come from files that litehaul does not trust. html/template
// escapes all of them for where they stand; a Content-Security-Policy allows no
// style and no script but the two of this package, by their hashes; control
// characters and marks that turn the direction of writing are shown as escapes.
// Styles stand in classes only, because the policy forbids style attributes.
package page

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/litehaul/litehaul/pipeline"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

var tmpl = template.Must(template.New("page").Parse(pageHTML))

// policy forbids everything but the page's own style and script.
var policy = fmt.Sprintf(
	"default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'",
	sourceHash(pageCSS), sourceHash(pageJS))

func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Write writes the page. next is the command to type next, nil where there is
// none.
func Write(w io.Writer, a *pipeline.Assessment, next []string) error {
	out := bufio.NewWriter(w)
	data := struct {
		*view
		Policy string
		Style  template.CSS
		Script template.JS
	}{newView(a, next), policy, template.CSS(pageCSS), template.JS(pageJS)} //nolint:gosec // our own files, with nothing of the database in them
	if err := tmpl.Execute(out, data); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}
