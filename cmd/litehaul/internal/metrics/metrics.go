// Package metrics counts a run for Prometheus, on a registry of its own: served
// over HTTP while the run lasts, or written to a file at its end.
//
// It hears a run as a pipeline.Observer and never influences it.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"github.com/litehaul/litehaul/pipeline"
)

// Build describes the program, for litehaul_build_info.
type Build struct {
	Version, Commit, Go string
}

// Metrics are the metrics of one run. It is a pipeline.Observer.
type Metrics struct {
	registry *prometheus.Registry
	rows     *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	units    *prometheus.CounterVec
	rejects  *prometheus.CounterVec
	stages   *prometheus.GaugeVec
	verified *prometheus.GaugeVec
	exitCode prometheus.Gauge
	ended    prometheus.Gauge
}

// The labels of the metrics.
const (
	labelTable = "table"
	labelStage = "stage"
)

// New makes the metrics of a run.
func New(build Build) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		rows:     counter("rows_total", "Rows that a stage has worked through.", labelTable, labelStage),
		bytes:    counter("bytes_total", "Bytes that a stage has worked through.", labelTable, labelStage),
		units:    counter("units_total", "Units (ranges of a table) that are loaded.", labelTable),
		rejects:  counter("rejects_total", "Rows left behind by a policy that the user chose.", labelTable),
		stages:   gauge("stage_seconds", "Wall time of a stage that has ended. Stages overlap.", labelStage),
		verified: gauge("verify_result", "1 if a table was verified as equal, 0 if it differs.", labelTable),
		exitCode: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "exit_code", Help: "Exit code of the run that ended, -1 while it runs.",
		}),
		ended: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "end_timestamp_seconds", Help: "When the run ended, in seconds since 1970; 0 while it runs.",
		}),
	}
	info := gauge("build_info", "1, with the versions as labels.", "version", "commit", "goversion")
	info.WithLabelValues(build.Version, build.Commit, build.Go).Set(1)
	m.exitCode.Set(-1)
	m.registry.MustRegister(m.rows, m.bytes, m.units, m.rejects, m.stages, m.verified, m.exitCode, m.ended, info)
	return m
}

const namespace = "litehaul"

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

// Observe counts an event.
func (m *Metrics) Observe(e pipeline.Event) {
	table := utf8Label(e.Table)
	switch e.Kind {
	case pipeline.Advance:
		m.rows.WithLabelValues(table, string(e.Stage)).Add(float64(e.Rows))
		m.bytes.WithLabelValues(table, string(e.Stage)).Add(float64(e.Bytes))
	case pipeline.UnitEnd:
		m.units.WithLabelValues(table).Inc()
	case pipeline.Reject:
		m.rejects.WithLabelValues(table).Add(float64(e.Rows))
	case pipeline.StageEnd:
		m.stages.WithLabelValues(string(e.Stage)).Set(e.Seconds)
	case pipeline.Verified:
		result := 0.0
		if e.OK {
			result = 1
		}
		m.verified.WithLabelValues(table).Set(result)
	}
}

// utf8Label makes a label's value valid: Prometheus panics on bytes that are no
// UTF-8, and table names come from files that nobody checked.
func utf8Label(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// End tells how the run ended.
func (m *Metrics) End(exitCode int) {
	m.exitCode.Set(float64(exitCode))
	m.ended.SetToCurrentTime()
}

// WriteFile writes the metrics in Prometheus' text format, whole or not at all.
func (m *Metrics) WriteFile(path string) error {
	if err := prometheus.WriteToTextfile(path, m.registry); err != nil {
		return fmt.Errorf("write metrics to %s: %w", path, err)
	}
	return nil
}

// Server serves metrics over HTTP.
type Server struct {
	http  *http.Server
	addr  net.Addr
	group errgroup.Group
}

const (
	// headerTimeout bounds how long a client may take to ask.
	headerTimeout = 5 * time.Second
	// closeTimeout is how long a scrape that is under way at the end may take.
	closeTimeout = 2 * time.Second
)

// Serve serves m at http://addr/metrics until Close. It returns an error if addr
// cannot be listened on. ctx bounds only that: the end of a run is to be seen
// too.
func Serve(ctx context.Context, addr string, m *Metrics) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("serve metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	s := &Server{http: &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout}, addr: listener.Addr()}
	s.group.Go(func() error {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve metrics on %s: %w", listener.Addr(), err)
		}
		return nil
	})
	return s, nil
}

// Addr gives the address that is listened on.
func (s *Server) Addr() string { return s.addr.String() }

// Close ends the server, after the requests that are under way.
// They have a short time for it, also when ctx is done.
func (s *Server) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close() // a client that does not read must not hold up the run
	}
	return errors.Join(err, s.group.Wait())
}
