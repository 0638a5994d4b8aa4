package render

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// ShellQuote writes a word so that a shell takes it as it is. What has control
// characters stands in $'...', which bash, zsh and ksh know.
func ShellQuote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	if flag, value, ok := strings.Cut(s, "="); ok && strings.HasPrefix(flag, "--") && strings.Trim(flag, plain) == "" {
		return flag + "=" + ShellQuote(value) // as people write it
	}
	if isClean(s) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	s = strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s)
	return "$'" + Clean(s) + "'"
}

// Command writes a command for a shell.
func Command(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = ShellQuote(w)
	}
	return strings.Join(quoted, " ")
}

// CommandLines breaks a command over lines that a shell joins again.
func CommandLines(words []string, width int) []string {
	const join, more = " \\", "    "
	var lines []string
	line := ""
	for _, w := range words {
		w = ShellQuote(w)
		switch {
		case line == "":
			line = w
		case runewidth.StringWidth(line)+1+runewidth.StringWidth(w)+len(join) <= width:
			line += " " + w
		default:
			lines, line = append(lines, line+join), more+w
		}
	}
	return append(lines, line)
}
