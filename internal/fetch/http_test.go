package fetch_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/litehaul/litehaul/internal/fetch"
)

// content is a file's bytes, the same for the same seed.
func content(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// host is a server of one file that behaves badly.
type host struct {
	file   []byte
	etag   string
	cutAt  int  // bytes of each body after which the line is cut, 0: never
	cuts   int  // how many bodies are cut, -1: all
	plain  bool // no ranges
	asked  atomic.Int64
	ranges []string
	// before is called ahead of each answer, and says whether it gave it.
	before func(n int64, w http.ResponseWriter, r *http.Request) bool
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := h.asked.Add(1)
	if h.before != nil && h.before(n, w, r) {
		return
	}
	file := h.file
	from := 0
	if h.etag != "" {
		w.Header().Set("Etag", h.etag)
	}
	if spec := r.Header.Get("Range"); spec != "" && !h.plain && r.Header.Get("If-Range") == h.etag {
		h.ranges = append(h.ranges, spec)
		from, _ = strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(spec, "bytes="), "-"))
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(file)-1, len(file)))
		w.Header().Set("Content-Length", strconv.Itoa(len(file)-from))
		w.WriteHeader(http.StatusPartialContent)
	} else {
		w.Header().Set("Content-Length", strconv.Itoa(len(file)))
	}
	body := file[from:]
	if h.cutAt > 0 && h.cuts != 0 && len(body) > h.cutAt {
		h.cuts--
		_, _ = w.Write(body[:h.cutAt])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}

func read(t *testing.T, s *fetch.Source) []byte {
	t.Helper()
	b, err := io.ReadAll(io.NewSectionReader(s, 0, s.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// emptyFolder is a folder for temporary files that must be empty in the end.
func emptyFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("a temporary file is left: %s", left[0].Name())
		}
	})
	return dir
}

const megabyte = 1 << 20

type downloadCase struct {
	name    string
	host    *host
	want    []byte
	ranges  []string
	asked   int64
	silence time.Duration
}

func TestDownload(t *testing.T) {
	t.Parallel()
	file := content(3*megabyte, 1)
	other := content(3*megabyte, 2)
	tests := []downloadCase{
		{name: "at once", host: &host{file: file}, want: file, asked: 1},
		{
			name: "cut three times", host: &host{file: file, etag: `"a"`, cutAt: megabyte / 2, cuts: 3},
			want: file, asked: 4, ranges: []string{"bytes=524288-", "bytes=1048576-", "bytes=1572864-"},
		},
		{name: "no ranges", host: &host{file: file, etag: `"a"`, cutAt: megabyte, cuts: 2, plain: true}, want: file, asked: 3},
		{name: "no validator", host: &host{file: file, cutAt: megabyte, cuts: 1}, want: file, asked: 2},
		{name: "a weak tag is none", host: &host{file: file, etag: `W/"a"`, cutAt: megabyte, cuts: 1}, want: file, asked: 2},
		{name: "busy twice", host: &host{file: file, before: func(n int64, w http.ResponseWriter, _ *http.Request) bool {
			if n <= 2 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return n <= 2
		}}, want: file, asked: 3},
		{name: "empty", host: &host{file: nil}, want: nil, asked: 1},
	}
	changed := &host{file: file, etag: `"a"`, cutAt: megabyte, cuts: 1}
	changed.before = func(n int64, _ http.ResponseWriter, _ *http.Request) bool {
		if n == 2 {
			changed.file, changed.etag = other, `"b"`
		}
		return false
	}
	wrongPart := &host{file: file, etag: `"a"`, cutAt: megabyte, cuts: 1}
	wrongPart.before = func(n int64, w http.ResponseWriter, _ *http.Request) bool {
		if n == 2 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 7-%d/%d", len(file)-1, len(file)))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(file[7:])
		}
		return n == 2
	}
	gone := &host{file: file, etag: `"a"`, cutAt: megabyte, cuts: 1}
	gone.before = func(n int64, w http.ResponseWriter, _ *http.Request) bool {
		if n == 2 {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		}
		return n == 2
	}
	silent := &host{file: file, etag: `"a"`}
	silent.before = func(n int64, w http.ResponseWriter, r *http.Request) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("Etag", `"a"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(file)))
		_, _ = w.Write(file[:megabyte])
		w.(http.Flusher).Flush()
		<-r.Context().Done() // says nothing more until the client goes
		return true
	}
	tests = append(tests,
		downloadCase{name: "changed meanwhile", host: changed, want: other, asked: 2},
		downloadCase{name: "another part than asked for", host: wrongPart, want: file, asked: 3},
		downloadCase{name: "no such part", host: gone, want: file, asked: 3},
		downloadCase{
			name: "silent", host: silent, want: file, asked: 2, silence: 300 * time.Millisecond,
			ranges: []string{"bytes=1048576-"},
		})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.host)
			defer server.Close()
			var pauses []time.Duration
			var last int64
			opts := fetch.Hurried(fetch.Options{TempDir: emptyFolder(t), Progress: func(done, _ int64) { last = done }}, nil, &pauses)
			if test.silence > 0 {
				opts = fetch.Impatient(opts, test.silence)
			}
			s, err := fetch.Open(t.Context(), server.URL+"/shop.tar", opts)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if got := read(t, s); !bytes.Equal(got, test.want) {
				t.Errorf("%d bytes came, others than the %d of the file", len(got), len(test.want))
			}
			if got := test.host.asked.Load(); got != test.asked {
				t.Errorf("%d requests, not %d", got, test.asked)
			}
			if fmt.Sprint(test.host.ranges) != fmt.Sprint(test.ranges) {
				t.Errorf("ranges %v, not %v", test.host.ranges, test.ranges)
			}
			if last != int64(len(test.want)) {
				t.Errorf("progress ends at %d", last)
			}
		})
	}
}

func TestDownloadRefused(t *testing.T) {
	t.Parallel()
	file := content(megabyte, 1)
	answer := func(code int) *host {
		return &host{before: func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(code)
			return true
		}}
	}
	compressed := &host{before: func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(file)
		return true
	}}
	loop := &host{before: func(_ int64, w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "/again", http.StatusFound)
		return true
	}}
	elsewhere := &host{before: func(_ int64, w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		return true
	}}
	bad := errors.New("not what was wanted")
	tests := []struct {
		name, path, want string
		host             *host
		opts             fetch.Options
		asked            int64
	}{
		{"not there", "/x", "the server answers 404 Not Found", answer(404), fetch.Options{}, 1},
		{"forbidden", "/x", "the server answers 403 Forbidden", answer(403), fetch.Options{}, 1},
		{"always busy", "/x", "given up after 6 tries that brought nothing new, with 0 bytes there: the server answers 503", answer(503), fetch.Options{}, 6},
		{
			"always cut", "/x", "given up after 6 tries that brought nothing new, with 65536 bytes there: unexpected EOF",
			&host{file: file, cutAt: 65536, cuts: -1},
			fetch.Options{},
			7,
		},
		{"compressed", "/x", `compressed with "gzip"`, compressed, fetch.Options{}, 1},
		{"redirects without end", "/x", "redirects more than 10 times", loop, fetch.Options{}, 11},
		{"redirect to a file", "/x", `redirects to something else than http: "file"`, elsewhere, fetch.Options{}, 1},
		{"another hash", "/x#sha256=" + hexSum([]byte("no")), "the SHA-256 differs: it is " + hexSum(file), &host{file: file}, fetch.Options{}, 1},
		{"another hash by option", "/x", "the SHA-256 differs: it is " + hexSum(file), &host{file: file}, fetch.Options{SHA256: hexSum([]byte("no"))}, 1},
		{"no hash", "/x#sha256=abc", "what follows # is no SHA-256", &host{file: file}, fetch.Options{}, 0},
		{"two hashes", "/x#sha256=" + hexSum(file), "another SHA-256 than the one asked for", &host{file: file}, fetch.Options{SHA256: hexSum([]byte("no"))}, 0},
		{"the beginning is another's", "/x", bad.Error(), &host{file: file}, fetch.Options{Check: func([]byte) error { return bad }}, 1},
		{"a short beginning is another's", "/x", bad.Error(), &host{file: file[:3]}, fetch.Options{Check: func([]byte) error { return bad }}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.host)
			defer server.Close()
			var pauses []time.Duration
			test.opts.TempDir = emptyFolder(t)
			_, err := fetch.Open(t.Context(), server.URL+test.path, fetch.Hurried(test.opts, nil, &pauses))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if got := test.host.asked.Load(); got != test.asked {
				t.Errorf("%d requests, not %d", got, test.asked)
			}
			for _, p := range pauses {
				if p > 30*time.Second {
					t.Errorf("a pause of %s", p)
				}
			}
		})
	}
}

// TestSecrets: name and password of a URL go to its own host only, nor does
// another host hear what the first one was asked; errors show none of it.
func TestSecrets(t *testing.T) {
	t.Parallel()
	file := content(1000, 1)
	var heard http.Header
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard = r.Header.Clone()
		_, _ = w.Write(file)
	}))
	defer stranger.Close()
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case user != "ann" || password != "geheim":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/away":
			http.Redirect(w, r, stranger.URL+"/x", http.StatusFound)
		case r.URL.Path == "/here":
			http.Redirect(w, r, "http://"+r.Host+"/file", http.StatusFound)
		case r.URL.Path == "/file":
			_, _ = w.Write(file)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer own.Close()
	base := strings.Replace(own.URL, "://", "://ann:geheim@", 1)
	for _, path := range []string{"/away?signature=geheim", "/here", "/file"} {
		s, err := fetch.Open(t.Context(), base+path, fetch.Options{TempDir: emptyFolder(t)})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(s.Name(), "geheim") || strings.Contains(s.Name(), "ann") {
			t.Errorf("the name shows secrets: %s", s.Name())
		}
		if !bytes.Equal(read(t, s), file) {
			t.Errorf("%s: another file", path)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if heard == nil || heard.Get("Authorization") != "" || heard.Get("Referer") != "" || heard.Get("Cookie") != "" {
		t.Errorf("another host heard %v", heard)
	}
	for _, url := range []string{
		base + "/nix?token=geheim", "http://ann:geheim@127.0.0.1:1/x?token=geheim#geheim", "http://ann:geh/eim@%zz/geheim",
	} {
		var pauses []time.Duration
		_, err := fetch.Open(t.Context(), url, fetch.Hurried(fetch.Options{TempDir: emptyFolder(t)}, nil, &pauses))
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), "token") || strings.Contains(err.Error(), "ann") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	file := content(1000, 1)
	plain := httptest.NewServer(&host{file: file})
	defer plain.Close()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, plain.URL, http.StatusFound)
			return
		}
		_, _ = w.Write(file)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of handshakes that fail
	defer server.Close()
	var pauses []time.Duration
	opts := fetch.Hurried(fetch.Options{TempDir: emptyFolder(t)}, server.Client(), &pauses)
	s, err := fetch.Open(t.Context(), server.URL, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := fetch.Open(t.Context(), server.URL+"/down", opts); err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Errorf("a redirect from https to http: %v", err)
	}
	_, err = fetch.Open(t.Context(), server.URL, fetch.Hurried(fetch.Options{TempDir: emptyFolder(t)}, nil, &pauses))
	if err == nil || !strings.Contains(err.Error(), "certificate does not hold") {
		t.Errorf("a certificate of nobody: %v", err)
	}
	if len(pauses) > 0 {
		t.Errorf("tried again after what stays: %v", pauses)
	}
}

func TestDownloadCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, 100))
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	if _, err := fetch.Open(ctx, server.URL, fetch.Options{TempDir: emptyFolder(t)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://h/x.tar":                        "https://h/x.tar",
		"https://ann:pw@h/x.tar?sig=1#sha256=00": "https://h/x.tar?...",
		"https://ann:p/w@x@h/x.tar":              "https://h/x.tar",
		"https://token@h/x.tar":                  "https://h/x.tar",
		"https://ann:p#w@h/x.tar":                "https://...",
		"https://h/x.tar?mail=ann@h":             "https://...",
		"-":                                      "standard input",
		"HTTP://u:p@h":                           "HTTP://h",
		"dir/app.tar#sha256":                     "dir/app.tar#sha256",
	} {
		if got := fetch.Title(in); got != want {
			t.Errorf("Title(%q) = %q, want %q", in, got, want)
		}
	}
}
