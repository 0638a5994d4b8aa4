package main

import (
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
)

const (
	masked = "xxxxx"
	// leastSecret is the shortest password that is masked wherever it stands. A
	// shorter one would take ordinary words apart; it is masked only where it is
	// written as a password.
	leastSecret = 4
)

// keywordPassword finds a password in a key=value connection string, where a
// value may stand in quotes (libpq, "Keyword/Value Connection Strings").
var keywordPassword = regexp.MustCompile(`(?i)\b(?:ssl)?password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s&]+))`)

// urlPassword finds a password in a URL, also in one that does not parse.
var urlPassword = regexp.MustCompile(`://[^:/@\s]*:(\S*)@`)

// secrets gives the passwords in a connection string, each as it is written and
// as it is meant.
func secrets(target string) []string {
	var found []string
	add := func(s string) {
		if s == "" {
			return
		}
		found = append(found, s)
		if plain, err := url.PathUnescape(s); err == nil && plain != s {
			found = append(found, plain)
		}
		if plain := regexp.MustCompile(`\\(.)`).ReplaceAllString(s, "$1"); plain != s {
			found = append(found, plain)
		}
	}
	for _, m := range keywordPassword.FindAllStringSubmatch(target, -1) {
		add(m[1] + m[2])
	}
	for _, m := range urlPassword.FindAllStringSubmatch(target, -1) {
		add(m[1])
	}
	return found
}

// redact masks passwords in text.
func redact(text string, secrets []string) string {
	for _, s := range secrets {
		if len(s) >= leastSecret {
			text = strings.ReplaceAll(text, s, masked)
			continue
		}
		for _, form := range []string{":%s@", "password=%s", "password='%s'"} {
			text = strings.ReplaceAll(text, fmt.Sprintf(form, s), fmt.Sprintf(form, masked))
		}
	}
	return text
}

// redactor masks passwords in what is written through it, one message each.
type redactor struct {
	w       io.Writer
	secrets []string
}

// Write writes p with passwords masked. The count is that of p.
func (r redactor) Write(p []byte) (int, error) {
	if _, err := io.WriteString(r.w, redact(string(p), r.secrets)); err != nil {
		return 0, err //nolint:wrapcheck // a writer hands on its writer's error
	}
	return len(p), nil
}
