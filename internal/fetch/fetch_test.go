package fetch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/litehaul/litehaul/internal/fetch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, "an archive")
	}))
	defer server.Close()
	s, err := fetch.Open(context.Background(), server.URL+"/shop.tar", fetch.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	word := make([]byte, 7)
	_, _ = s.ReadAt(word, 3)
	fmt.Println(s.Size(), string(word))
	// Output: 10 archive
}

func writeFile(t *testing.T, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "shop.tar")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFile(t *testing.T) {
	t.Parallel()
	data := content(1000, 1)
	name := writeFile(t, data)
	for _, test := range []struct{ name, path, sum, want string }{
		{"as it is", name, "", ""},
		{"with its hash", name, strings.ToUpper(hexSum(data)), ""},
		{"with another hash", name, hexSum(nil), "the SHA-256 differs"},
		{"with no hash", name, "12", "that is no SHA-256"},
		{"not there", name + "x", "", "no such file or directory"},
		{"a folder", filepath.Dir(name), "", "it is no file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := fetch.Open(t.Context(), test.path, fetch.Options{SHA256: test.sum})
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %s", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if !bytes.Equal(read(t, s), data) || s.Name() != test.path {
				t.Errorf("another file: %s", s.Name())
			}
		})
	}
}

// pipe gives the reading end of a pipe into which write writes.
func pipe(t *testing.T, write func(w *os.File)) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		write(w)
		_ = w.Close()
	}()
	t.Cleanup(func() {
		_ = r.Close()
		<-done
	})
	return r
}

func TestStdin(t *testing.T) {
	t.Parallel()
	data := content(3*megabyte, 1)
	dir := emptyFolder(t)
	s, err := fetch.Open(t.Context(), "-", fetch.Options{
		Stdin: pipe(t, func(w *os.File) { _, _ = w.Write(data) }), TempDir: dir, SHA256: hexSum(data),
	})
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 && runtime.GOOS != "windows" {
		t.Errorf("%s has a name", left[0].Name())
	}
	if !bytes.Equal(read(t, s), data) || s.Name() != "standard input" {
		t.Error("other bytes")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}

	f, err := os.Open(writeFile(t, data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err = fetch.Open(t.Context(), "-", fetch.Options{Stdin: f, TempDir: "/nonexistent"})
	if err != nil {
		t.Fatal(err) // a file on standard input needs no copy
	}
	if !bytes.Equal(read(t, s), data) {
		t.Error("other bytes")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.Stat(); err != nil {
		t.Errorf("the caller's file is closed: %v", err)
	}
}

// TestStdinWaits: nobody writes, and the run is stopped.
func TestStdinWaits(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	stop := make(chan struct{})
	in := pipe(t, func(*os.File) { <-stop })
	_, err := fetch.Open(ctx, "-", fetch.Options{Stdin: in, TempDir: emptyFolder(t)})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	close(stop)
}

func TestNoRoom(t *testing.T) {
	t.Parallel()
	_, err := fetch.Open(t.Context(), "-", fetch.Options{
		Stdin: pipe(t, func(w *os.File) { _, _ = w.WriteString("x") }), TempDir: filepath.Join(t.TempDir(), "nix"),
	})
	var e *fetch.Error
	if !errors.As(err, &e) || !strings.Contains(e.Error(), "make a temporary file") || !strings.Contains(e.Hint, "TMPDIR") {
		t.Errorf("got %v", err)
	}
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("needs a file that is always full: %v", err)
	}
	defer full.Close()
	err = fetch.Keep(t.Context(), full, strings.NewReader("x"))
	var e *fetch.Error
	if !errors.As(err, &e) || e.Error() != "shop.tar: folder /dev has no room for it: 0 bytes went in" || !strings.Contains(e.Hint, "TMPDIR") {
		t.Errorf("got %v", err)
	}
}
