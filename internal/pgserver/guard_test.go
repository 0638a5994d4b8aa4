//go:build unix

package pgserver_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgserver"
)

func TestServerEndsWithProcess(t *testing.T) {
	t.Parallel()
	run(t, pgserver.Options{}) // skips or fails where there is no server
	victim := exec.CommandContext(t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), victimEnv+"=1")
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var work, url string
	for lines := bufio.NewScanner(out); url == "" && lines.Scan(); {
		if line := lines.Text(); strings.HasPrefix(line, "error") {
			t.Error(line)
		}
		_, _ = fmt.Sscanf(lines.Text(), "server %s %s", &work, &url)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // "signal: killed"
	if url == "" {
		t.Fatal("the victim started no server")
	}

	deadline := time.Now().Add(15 * time.Second)
	for {
		_, err := os.Stat(work)
		if errors.Is(err, os.ErrNotExist) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("folder %s is still there: %v", work, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if conn, err := pgx.Connect(t.Context(), url); err == nil {
		_ = conn.Close(t.Context())
		t.Error("the server outlived the process that started it")
	}
}
