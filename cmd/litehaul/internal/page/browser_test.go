package page_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// browser is a headless Chromium, spoken to over a pipe in its DevTools
// protocol: JSON messages that a NUL byte ends, in on descriptor 3 and out on 4.
type browser struct {
	in      io.Writer
	mu      sync.Mutex // guards all below, and writing
	last    int
	waiting map[int]chan message
	hear    map[string]func(message) // by session
}

type message struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// answerTime is how long a loaded machine may take for one answer.
const answerTime = 60 * time.Second

// startBrowser starts Chromium, or skips the test where there is none. On CI
// that fails.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	path := findBrowser()
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no chromium: apt-get install chromium")
		}
		t.Skip("no chromium in PATH")
	}
	fromUs, toBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fromBrowser, toUs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancel(context.WithoutCancel(t.Context())) // it must outlive the test, to be closed
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--user-data-dir="+t.TempDir(), "--remote-debugging-pipe")
	cmd.ExtraFiles = []*os.File{fromUs, toUs}
	cmd.WaitDelay = answerTime
	if err := cmd.Start(); err != nil {
		kill()
		t.Fatal(err)
	}
	_, _ = fromUs.Close(), toUs.Close() // they are the browser's now
	b := &browser{in: toBrowser, waiting: map[int]chan message{}, hear: map[string]func(message){}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.read(fromBrowser)
	}()
	t.Cleanup(func() {
		_, _ = b.call("", "Browser.close", nil) // it may be gone already
		kill()
		_ = toBrowser.Close()
		_ = cmd.Wait() // its exit code says nothing
		<-done
		_ = fromBrowser.Close()
	})
	return b
}

func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func (b *browser) read(r io.Reader) {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(line[:len(line)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		answer, hear := b.waiting[m.ID], b.hear[m.SessionID]
		delete(b.waiting, m.ID)
		b.mu.Unlock()
		switch {
		case answer != nil:
			answer <- m
		case m.Method != "" && hear != nil:
			hear(m)
		}
	}
}

func (b *browser) call(session, method string, params any) (json.RawMessage, error) {
	if params == nil {
		params = struct{}{}
	}
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	answer := make(chan message, 1)
	b.mu.Lock()
	b.last++
	b.waiting[b.last] = answer
	line, err := json.Marshal(message{ID: b.last, Method: method, SessionID: session, Params: raw})
	if err == nil {
		_, err = b.in.Write(append(line, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			return nil, fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		return m.Result, nil
	case <-time.After(answerTime):
		return nil, errors.New(method + ": no answer")
	}
}

// tab is one page of the browser, with all that it complained about.
type tab struct {
	t        *testing.T
	b        *browser
	session  string
	mu       sync.Mutex
	problems []string
	requests []string
	loaded   chan struct{}
}

func (b *browser) open(t *testing.T) *tab {
	t.Helper()
	x := &tab{t: t, b: b, loaded: make(chan struct{}, 1)}
	var made struct{ TargetID string }
	x.decode("Target.createTarget", map[string]any{"url": "about:blank"}, &made)
	var attached struct{ SessionID string }
	x.decode("Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &attached)
	x.session = attached.SessionID
	b.mu.Lock()
	b.hear[x.session] = x.heard
	b.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		x.decode(domain+".enable", nil, nil)
	}
	t.Cleanup(func() { _, _ = b.call("", "Target.closeTarget", map[string]any{"targetId": made.TargetID}) })
	return x
}

func (x *tab) decode(method string, params, into any) {
	x.t.Helper()
	raw, err := x.b.call(x.session, method, params)
	if err == nil && into != nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		x.t.Fatal(err)
	}
}

// heard keeps what a page must not do: complain, throw, open dialogs, or ask
// the network for anything.
func (x *tab) heard(m message) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch m.Method {
	case "Page.loadEventFired":
		select {
		case x.loaded <- struct{}{}:
		default:
		}
	case "Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Page.javascriptDialogOpening":
		x.problems = append(x.problems, m.Method+" "+string(m.Params))
	case "Network.requestWillBeSent":
		var p struct{ Request struct{ URL string } }
		if json.Unmarshal(m.Params, &p) == nil {
			x.requests = append(x.requests, p.Request.URL)
		}
	}
}

// load opens a file, and waits for it.
func (x *tab) load(path string) {
	x.t.Helper()
	x.decode("Page.navigate", map[string]any{"url": "file://" + path}, nil)
	select {
	case <-x.loaded:
	case <-time.After(answerTime):
		x.t.Fatalf("%s does not load", path)
	}
}

// show sets the width of the page and the colours that its reader prefers.
func (x *tab) show(width int, scheme string) {
	x.t.Helper()
	x.decode("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600,
	}, nil)
	x.decode("Emulation.setEmulatedMedia", map[string]any{
		"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}},
	}, nil)
}

// eval gives the value of an expression.
func (x *tab) eval(expression string, into any) {
	x.t.Helper()
	var out struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	x.decode("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &out)
	if out.ExceptionDetails != nil {
		x.t.Fatalf("%s: %s", expression, out.ExceptionDetails)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(out.Result.Value, into); err != nil {
		x.t.Fatalf("%s: %v", expression, err)
	}
}

// shot writes a picture of the whole page.
func (x *tab) shot(path string) {
	x.t.Helper()
	var size struct {
		CSSContentSize struct{ Width, Height float64 }
	}
	x.decode("Page.getLayoutMetrics", nil, &size)
	const highest = 6000
	var out struct{ Data string }
	x.decode("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true, "clip": map[string]any{
		"x": 0, "y": 0, "scale": 1, "width": size.CSSContentSize.Width, "height": min(highest, size.CSSContentSize.Height),
	}}, &out)
	data, err := base64.StdEncoding.DecodeString(out.Data)
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		x.t.Fatal(err)
	}
}

// check fails the test with what the page has done that it must not.
func (x *tab) check() {
	x.t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, p := range x.problems {
		x.t.Errorf("the page complains: %.600s", p)
	}
	for _, url := range x.requests {
		if !strings.HasPrefix(url, "file://") {
			x.t.Errorf("the page asks for %.200s", url)
		}
	}
	if len(x.requests) > 1 {
		x.t.Errorf("the page asks for more than itself: %q", x.requests)
	}
	x.problems, x.requests = nil, nil
}
