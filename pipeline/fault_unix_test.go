//go:build unix

package pipeline_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// TestInterruptedWhileServerHangs: a server that answers nothing any more, as
// behind a cut line, does not hold a cancelled run.
func TestInterruptedWhileServerHangs(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var pids []int
	wake := func() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
	t.Cleanup(wake)
	var at time.Time
	cfg := pipeline.Config{Source: bulkSource(t, 2, 20_000), Target: url, Jobs: 2}
	cfg.Observer = once(during(pipeline.StageLoad), func() {
		for _, s := range ask(t, url, "SELECT pid::int FROM pg_stat_activity WHERE application_name = 'litehaul' AND datname = current_database()") {
			pid, err := strconv.Atoi(s)
			if err != nil {
				t.Error(err)
				return
			}
			pids = append(pids, pid)
			if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
				t.Errorf("stop backend %d: %v", pid, err)
			}
		}
		time.AfterFunc(100*time.Millisecond, func() { at = time.Now(); cancel() })
	})
	rep, err := pipeline.Migrate(ctx, cfg)
	if took := time.Since(at); pipeline.ExitCode(err) != pipeline.ExitInterrupted || took > 1200*time.Millisecond {
		t.Errorf("exit %d after %s: %v", pipeline.ExitCode(err), took, err)
	}
	wake()
	checkRemains(t, rep, err, cfg, url)
}

// TestDiskFull: the target's disk has no room for the rows, or for an index.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	for name, size := range map[string]string{"rows": "2m", "index": "10m"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			space := tinySpace(t, srv, size)
			url := srv.Database(t)
			role := srv.Role(t, "SUPERUSER")
			runSQL(t, url, "ALTER ROLE "+role.Name+" SET default_tablespace = "+space)
			cfg := pipeline.Config{Source: bulkSource(t, 1, 30_000), Target: role.URL(t, url), Jobs: 2}
			rep, err := pipeline.Migrate(t.Context(), cfg)
			if pipeline.ExitCode(err) != pipeline.ExitFailed || !strings.Contains(err.Error(), "No space left") {
				t.Fatalf("exit %d: %v", pipeline.ExitCode(err), err)
			}
			if !strings.Contains(pipeline.Hint(err), "make room") {
				t.Errorf("hint %q", pipeline.Hint(err))
			}
			runSQL(t, url, "ALTER ROLE "+role.Name+" RESET default_tablespace")
			checkRemains(t, rep, err, cfg, url)
		})
	}
}

// tinySpace makes a tablespace on a disk of that size, or skips the test where
// it may not.
func tinySpace(t *testing.T, srv *pgtest.Server, size string) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("only root on Linux may mount a disk of a few megabytes")
	}
	dir, err := os.MkdirTemp("", "litehaul-tiny-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mount: %v: %s", err, out)
	}
	name := "space_" + size
	t.Cleanup(func() {
		_ = srv.Exec(context.Background(), "DROP TABLESPACE IF EXISTS "+name)
		if out, err := exec.CommandContext(context.Background(), "umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	info, err := os.Stat(srv.DataDir())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "data")
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Skip("no owner of files here")
	}
	for _, err := range []error{os.Chmod(dir, 0o755), os.Mkdir(path, 0o700), os.Chown(path, int(stat.Uid), int(stat.Gid))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := srv.Exec(t.Context(), "CREATE TABLESPACE "+name+" LOCATION '"+path+"'"); err != nil {
		t.Fatal(err)
	}
	return name
}
