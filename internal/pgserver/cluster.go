package pgserver

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// passwordFile keeps the superuser's password beside a cluster that outlives
// the run, where the next run finds it.
const passwordFile = "litehaul.password"

// initCluster runs initdb unless the data directory already holds a cluster,
// and reads the cluster's version.
func (s *Server) initCluster(ctx context.Context) error {
	versionFile := filepath.Join(s.data, "PG_VERSION")
	if _, err := os.Stat(versionFile); err != nil {
		if err := s.initdb(ctx); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(versionFile)
	if err != nil {
		return fmt.Errorf("read the cluster's version: %w", err)
	}
	// "15" since version 10; "9.6" before.
	major, _, _ := strings.Cut(strings.TrimSpace(string(text)), ".")
	if s.version, err = strconv.Atoi(major); err != nil {
		return fmt.Errorf("read the cluster's version: %w", err)
	}
	password, err := os.ReadFile(filepath.Join(s.data, passwordFile))
	if err != nil {
		return fmt.Errorf("cluster %s was not made by this package: %w", s.data, err)
	}
	s.password = string(password)
	return nil
}

// initdb makes the cluster. Over the socket, whose folder only the server's
// user may enter, connections are trusted. Over TCP anybody on this machine
// could knock, and a superuser of Postgres may run programs: there a random
// password is asked for.
func (s *Server) initdb(ctx context.Context) error {
	password := rand.Text()
	file := filepath.Join(s.work, "password")
	if err := s.writePassword(file, password); err != nil {
		return err
	}
	locale := s.opts.Locale
	if locale == "" {
		locale = "C"
	}
	cmd := s.command(ctx, "initdb",
		"--pgdata="+s.data, "--username="+Superuser, "--pwfile="+file,
		"--encoding=UTF8", "--locale="+locale,
		"--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync")
	// A cancelled initdb may leave a child behind that still holds our pipe.
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w%s", err, quoted(out))
	}
	return s.writePassword(filepath.Join(s.data, passwordFile), password)
}

func (s *Server) writePassword(file, password string) error {
	if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
		return fmt.Errorf("write the password file: %w", err)
	}
	if err := s.account.own(file); err != nil {
		return fmt.Errorf("hand the password file to the server's user: %w", err)
	}
	return nil
}

// settings returns what the server is told on its command line.
func (s *Server) settings() map[string]string {
	set := map[string]string{
		"listen_addresses":        "127.0.0.1",
		"port":                    strconv.Itoa(s.port),
		"unix_socket_directories": "",
		"unix_socket_permissions": "0700",
		"max_connections":         "200",
		"shared_buffers":          "128MB",
		"logging_collector":       "off",
		// A machine's own zone must not decide what a test sees.
		"timezone":     "UTC",
		"log_timezone": "UTC",
	}
	if hasUnixSockets {
		set["unix_socket_directories"] = s.work
	}
	if !s.opts.Durable {
		set["fsync"] = "off"
		set["full_page_writes"] = "off"
		set["synchronous_commit"] = "off"
	}
	for name, value := range s.opts.Settings {
		set[name] = value
	}
	return set
}

// quoted sets a program's output off as an indented block.
func quoted(out []byte) string {
	text := strings.TrimSpace(string(out))
	if text == "" {
		return ""
	}
	return ":\n\t" + strings.ReplaceAll(text, "\n", "\n\t")
}
