//go:build unix

package main

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/pgserver"
	"github.com/litehaul/litehaul/internal/pgtest"
)

// TestDemoKeep: a kept server outlives the demo, answers, and takes everything
// away when it is told to end.
func TestDemoKeep(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	litehaul, err := exec.LookPath("litehaul") // testscript.Main puts it there
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), litehaul, "demo", "--keep", "--rows", "1000", "--progress", "none")
	cmd.Env = append(os.Environ(), pgserver.BinEnv+"="+server.BinDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err = cmd.Run()
	found := regexp.MustCompile(`psql '(.*host=([^&']*).*)'\nto stop: kill (\d+)\n`).FindStringSubmatch(stderr.String())
	if err != nil || found == nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	pid, err := strconv.Atoi(found[3])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGTERM) }) // only if the test failed before
	folder, err := url.QueryUnescape(found[2])
	if err != nil {
		t.Fatal(err)
	}
	var tables int
	conn := pgtest.Connect(t, found[1])
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if tables != 14 {
		t.Errorf("%d tables", tables)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(folder); os.IsNotExist(err) {
			return
		}
	}
	t.Errorf("folder %s is still there", folder)
}
