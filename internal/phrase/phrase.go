// Package phrase words what errors and reports tell people.
package phrase

import (
	"fmt"
	"strings"
)

// List lists the first names and counts the rest.
func List(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
