package machine_test

import (
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/litehaul/litehaul/bench/machine"
)

func TestThis(t *testing.T) {
	t.Parallel()
	m := machine.This()
	if m.Cores < 1 || m.CPU == "" || m.OS == "" || m.Go != runtime.Version() {
		t.Errorf("%+v", m)
	}
	if runtime.GOOS == "linux" && (m.Memory < 1<<20 || m.Kernel == "") {
		t.Errorf("Linux tells more: %+v", m)
	}
}

// The meters share the process' record of its peak: no t.Parallel.
func TestMeter(t *testing.T) {
	const block = 64 << 20
	before := machine.NewMeter()
	touch(block)
	if peak := before.Peak(); runtime.GOOS == "linux" && peak < block {
		t.Errorf("peak %d with %d bytes in use", peak, block)
	}
	begin := time.Now()
	for before.CPU() < 50*time.Millisecond {
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("%s of CPU after 30 s of work", before.CPU())
		}
		touch(1 << 20)
	}
	highest := before.Peak()
	debug.FreeOSMemory()
	after := machine.NewMeter()
	if cpu := after.CPU(); cpu >= before.CPU() {
		t.Errorf("a new meter begins with %s", cpu)
	}
	if peak := after.Peak(); runtime.GOOS == "linux" && (peak == 0 || peak > highest-block/2) {
		t.Errorf("peak %d after the memory was freed, %d before", peak, highest)
	}
}

// touch uses n bytes of memory.
func touch(n int) {
	data := make([]byte, n)
	for i := 0; i < n; i += os.Getpagesize() {
		data[i] = 1
	}
	runtime.KeepAlive(data)
}
