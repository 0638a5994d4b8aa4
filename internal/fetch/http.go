package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// tries is how often a download is begun or taken up again without coming
	// any further than before.
	tries = 6
	// firstWait is the pause after the first failure; each one doubles it up to
	// longestWait: 15.5 s in all before the last try.
	firstWait   = 500 * time.Millisecond
	longestWait = 30 * time.Second
	// silence is how long a server may say nothing.
	silence = 60 * time.Second
)

// transfer is one download, over as many requests as it takes.
type transfer struct {
	*temp
	url    string
	client *http.Client
	// validator is what If-Range asks for: an ETag or a date that stands for
	// the bytes which are there, "" where the server gives none.
	validator string
	total     int64 // -1: not known
	furthest  int64 // bytes that were there at most
}

// finalError is an answer that another request would not change.
type finalError struct {
	error
	hint string
}

// Unwrap gives the cause.
func (e finalError) Unwrap() error { return e.error }

// busyError is an answer that says when to come again.
type busyError struct {
	error
	after time.Duration
}

// download brings what a URL names into a temporary file.
func download(ctx context.Context, name string, opts Options) (*Source, error) {
	u, want, err := parseURL(name, opts.SHA256)
	if err != nil {
		return nil, err
	}
	t, err := newTemp(Title(name), opts)
	if err != nil {
		return nil, err
	}
	client := opts.client
	if client == nil {
		client = newClient()
		defer client.CloseIdleConnections()
	}
	f := &transfer{temp: t, url: u.String(), client: client, total: -1}
	if err := f.run(ctx); err != nil {
		var final finalError
		out := t.explain(ctx, err)
		var e *Error
		if errors.As(err, &final) && errors.As(out, &e) {
			e.Err, e.Hint = final.error, final.hint
		}
		return nil, errors.Join(out, t.source.Close())
	}
	return t.finish(want)
}

// parseURL takes a URL apart: what to ask for, and the SHA-256 that is wanted.
func parseURL(name, want string) (*url.URL, string, error) {
	u, err := url.Parse(name)
	if err != nil || u.Host == "" {
		// The error of url.Parse quotes all of it, with any password.
		return nil, "", &Error{Name: Title(name), Err: errors.New("that is no URL"), Usage: true}
	}
	if u.Fragment == "" {
		return u, want, nil
	}
	digits, ok := strings.CutPrefix(u.Fragment, "sha256=")
	if err := checkHex(digits); !ok || digits == "" || err != nil {
		return nil, "", &Error{
			Name: Title(name), Err: errors.New("what follows # is no SHA-256"),
			Hint: "end the URL with #sha256= and the 64 digits that sha256sum prints", Usage: true,
		}
	}
	if want != "" && !strings.EqualFold(want, digits) {
		return nil, "", &Error{Name: Title(name), Err: errors.New("the URL ends with another SHA-256 than the one asked for"), Usage: true}
	}
	u.Fragment = ""
	return u, digits, nil
}

// run asks until all is there, or asking again makes no sense.
func (f *transfer) run(ctx context.Context) error {
	wait := f.opts.wait
	if wait == nil {
		wait = sleep
	}
	pause, left := firstWait, tries
	for {
		err := f.attempt(ctx)
		var final finalError
		var check checkError
		var write writeError
		if err == nil || ctx.Err() != nil || errors.As(err, &final) || errors.As(err, &check) || errors.As(err, &write) {
			return err
		}
		if f.source.size > f.furthest {
			f.furthest, left, pause = f.source.size, tries, firstWait
		} else {
			left--
		}
		if left == 0 {
			return fmt.Errorf("given up after %d tries that brought nothing new, with %d bytes there: %w", tries, f.source.size, plain(err))
		}
		var busy busyError
		if errors.As(err, &busy) {
			pause = max(pause, busy.after)
		}
		if err := wait(ctx, min(pause, longestWait)); err != nil {
			return err
		}
		pause *= 2
	}
}

// sleep waits, or until ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // explain names the source
	}
}

// plain takes the URL off an error of package http.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// attempt makes one request and takes what it brings.
func (f *transfer) attempt(ctx context.Context) error {
	limit := f.opts.silence
	if limit == 0 {
		limit = silence
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(limit, func() { cancel(fmt.Errorf("no byte in %s", limit)) })
	defer quiet.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, http.NoBody)
	if err != nil {
		return finalError{errors.New("that is no URL that can be asked for"), ""}
	}
	// A compressed transfer would have other lengths and ranges.
	req.Header.Set("Accept-Encoding", "identity")
	if f.source.size > 0 && f.validator != "" {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", f.source.size))
		req.Header.Set("If-Range", f.validator)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return f.because(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // all of it is read, or it failed before
	if err := f.accept(resp); err != nil {
		return err
	}
	err = f.fill(ctx, onRead{resp.Body, func() { quiet.Reset(limit) }}, f.total)
	if err == nil && f.total >= 0 && f.source.size != f.total {
		err = fmt.Errorf("it ended after %d of %d bytes", f.source.size, f.total)
	}
	return f.because(ctx, err)
}

// because puts the cause of a cancelled request in place of the cancellation,
// and finds errors that stay.
func (f *transfer) because(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return lasting(err)
}

// accept looks at the head of an answer and makes the file ready for its body.
func (f *transfer) accept(resp *http.Response) error {
	resumed := resp.Request.Header.Get("Range") != ""
	switch {
	case resp.StatusCode == http.StatusPartialContent && resumed:
		from, total, err := contentRange(resp.Header.Get("Content-Range"))
		if err != nil || from != f.source.size || f.total >= 0 && total >= 0 && total != f.total {
			f.validator = "" // from the beginning, then
			return errors.New("the server sent another part of the file than was asked for")
		}
		f.total = max(f.total, total)
		return nil
	case resp.StatusCode == http.StatusOK:
		return f.begin(resp)
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && resumed:
		f.validator = ""
		return errors.New("the server has no such part of the file any more")
	}
	return f.refused(resp)
}

// begin starts at the first byte: of the first answer, of one by a server that
// sends no parts, and of a file that has changed meanwhile.
func (f *transfer) begin(resp *http.Response) error {
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return finalError{fmt.Errorf("the server sends it compressed with %.20q although nobody asked", encoding), ""}
	}
	if err := f.reset(); err != nil {
		return err
	}
	f.total = resp.ContentLength
	f.validator = resp.Header.Get("Etag")
	if strings.HasPrefix(f.validator, "W/") || f.validator == "" {
		// A weak tag does not stand for the bytes (RFC 9110, 13.1.5), and a date
		// does from a second after the change on.
		f.validator = ""
		changed, err := http.ParseTime(resp.Header.Get("Last-Modified"))
		now, err2 := http.ParseTime(resp.Header.Get("Date"))
		if err == nil && err2 == nil && now.Sub(changed) > time.Second {
			f.validator = resp.Header.Get("Last-Modified")
		}
	}
	return nil
}

// refused makes an error of an answer that brings no file.
func (f *transfer) refused(resp *http.Response) error {
	err := fmt.Errorf("the server answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // 0 where it is missing, or a date
		return busyError{err, time.Duration(max(0, min(seconds, int(longestWait/time.Second)))) * time.Second}
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return finalError{err, "a name and password go into the URL: https://NAME:PASSWORD@HOST/..."}
	case http.StatusNotFound, http.StatusGone:
		return finalError{err, "check the URL"}
	}
	return finalError{err, ""}
}

// contentRange reads "bytes 100-199/200" (RFC 9110, 14.4); total is -1 for "*".
func contentRange(s string) (from, total int64, err error) {
	rest, ok := strings.CutPrefix(s, "bytes ")
	span, all, ok2 := strings.Cut(rest, "/")
	first, _, ok3 := strings.Cut(span, "-")
	if !ok || !ok2 || !ok3 {
		return 0, 0, fmt.Errorf("no Content-Range: %.40q", s)
	}
	if from, err = strconv.ParseInt(first, 10, 64); err != nil {
		return 0, 0, fmt.Errorf("no Content-Range: %.40q", s)
	}
	if all == "*" {
		return from, -1, nil
	}
	if total, err = strconv.ParseInt(all, 10, 64); err != nil {
		return 0, 0, fmt.Errorf("no Content-Range: %.40q", s)
	}
	return from, total, nil
}

// onRead calls a function after each read.
type onRead struct {
	r    io.Reader
	then func()
}

// Read is that of io.Reader.
func (o onRead) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	o.then()
	return n, err //nolint:wrapcheck // a reader hands on its reader's error
}
