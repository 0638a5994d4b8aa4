package keyset_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/litehaul/litehaul/internal/keyset"
)

func ExampleBitmap() {
	parents, children := keyset.NewBitmap(1<<20), keyset.NewBitmap(1<<20)
	for _, id := range []int64{1, 2, 3} {
		parents.Add(id)
	}
	for _, ref := range []int64{2, 3, 7} {
		children.Add(ref)
	}
	fmt.Println(children.Without(parents, 10))
	// Output: [7]
}

func TestBitmapAgainstMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Int64Range(-200_000, 200_000), rapid.Int64(),
			rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, 0, -1, 65535, 65536}))
		in, other := rapid.SliceOf(number).Draw(t, "in"), rapid.SliceOf(number).Draw(t, "other")
		a, b := keyset.NewBitmap(64<<20), keyset.NewBitmap(64<<20)
		half := keyset.NewBitmap(64 << 20)
		have := map[int64]bool{}
		for i, n := range in {
			if i%2 == 0 {
				a.Add(n)
			} else {
				half.Add(n)
			}
			have[n] = true
		}
		a.Merge(half)
		theirs := map[int64]bool{}
		for _, n := range other {
			b.Add(n)
			theirs[n] = true
		}
		missing := 0
		for n := range have {
			if !a.Has(n) {
				t.Fatalf("%d was added and is not there", n)
			}
			if !theirs[n] {
				missing++
			}
		}
		got := a.Without(b, math.MaxInt)
		if len(got) != missing {
			t.Fatalf("Without gives %d numbers, want %d", len(got), missing)
		}
		for i, n := range got {
			if !have[n] || theirs[n] || (i > 0 && got[i-1] >= n) {
				t.Fatalf("Without gives %v", got)
			}
		}
	})
}

func TestBitmapGivesUpAtItsBound(t *testing.T) {
	t.Parallel()
	b := keyset.NewBitmap(3 * 8192)
	for i := range int64(3) {
		b.Add(i << 16)
	}
	if b.Full() {
		t.Fatal("full at its bound")
	}
	b.Add(99 << 16)
	if !b.Full() {
		t.Fatal("beyond its bound and not full")
	}
	b.Add(1) // must not panic
	other := keyset.NewBitmap(1 << 20)
	other.Merge(b)
	if !other.Full() {
		t.Error("merging a full set must make the other full")
	}
}

func TestHashSetAgainstMap(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	s := keyset.NewHashSet(4) // grows
	have := map[uint64]bool{}
	for range 10_000 {
		h := rng.Uint64() % 5000
		if got := s.Add(h); got != have[h] {
			t.Fatalf("Add(%d) = %v, want %v", h, got, have[h])
		}
		have[h] = true
	}
	if diff := cmp.Diff(len(have), s.Len()); diff != "" {
		t.Error(diff)
	}
	for h := range uint64(6000) {
		if s.Has(h) != have[h] {
			t.Fatalf("Has(%d) = %v", h, s.Has(h))
		}
	}
}

func TestHashSetAddAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hashes := rapid.SliceOf(rapid.Uint64Range(0, 300)).Draw(t, "hashes")
		one, all := keyset.NewHashSet(0), keyset.NewHashSet(0)
		for _, h := range hashes {
			one.Add(h)
		}
		half := rapid.IntRange(0, len(hashes)).Draw(t, "half")
		all.AddAll(hashes[:half])
		all.AddAll(hashes[half:])
		if one.Len() != all.Len() || !one.Within(all) || !all.Within(one) {
			t.Fatalf("%d hashes one by one, %d together", one.Len(), all.Len())
		}
	})
}

func TestEveryHashHasOnePass(t *testing.T) {
	t.Parallel()
	passes := keyset.Passes(20 << 20)
	if passes != 5 {
		t.Fatalf("passes = %d", passes)
	}
	for range 1000 {
		h, n := rand.Uint64(), 0
		for p := range passes {
			if keyset.InPass(h, p, passes) {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("hash %x is in %d passes", h, n)
		}
	}
}

func BenchmarkBitmapAdd(b *testing.B) {
	s := keyset.NewBitmap(64 << 20)
	for i := range b.N {
		s.Add(int64(i & (1<<24 - 1)))
	}
}

// BenchmarkBitmapAddScattered adds foreign keys as they come, in no order.
func BenchmarkBitmapAddScattered(b *testing.B) {
	s := keyset.NewBitmap(64 << 20)
	keys := make([]int64, 1<<16)
	for i := range keys {
		keys[i] = rand.Int64N(1 << 24)
	}
	for i := range b.N {
		s.Add(keys[i&(1<<16-1)])
	}
}

// BenchmarkHashSet adds 3 M hashes, 400,000 of them different: the order lines
// of TPC-H and what they refer to.
func BenchmarkHashSet(b *testing.B) {
	hashes := make([]uint64, 400_000)
	for i := range hashes {
		hashes[i] = rand.Uint64()
	}
	rows := make([]uint64, 3_000_000)
	for i := range rows {
		rows[i] = hashes[rand.IntN(len(hashes))]
	}
	report := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/hash")
	}
	b.Run("one by one", func(b *testing.B) {
		for b.Loop() {
			s := keyset.NewHashSet(0)
			for _, h := range rows {
				s.Add(h)
			}
		}
		report(b)
	})
	b.Run("together", func(b *testing.B) {
		for b.Loop() {
			s := keyset.NewHashSet(0)
			for batch := range slices.Chunk(rows, 512) {
				s.AddAll(batch)
			}
		}
		report(b)
	})
}
