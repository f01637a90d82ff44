package sim_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

var (
	oneSeed   = flag.Uint64("seed", 0, "play the scenario of this seed only")
	manySeeds = flag.Int("seeds", 500, "how many seeds to play")
	fromSeed  = flag.Uint64("from", 1, "the first seed")
	length    = flag.Int("days", 730, "how many days a scenario lasts")
)

// Scenarios are small and short, so memory is spent for time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(1000)
	m.Run()
}

// Whatever happens to runs, store and repository in two years, readers keep what
// they were promised.
func TestSim(t *testing.T) {
	t.Parallel()
	if *oneSeed != 0 {
		checkSeed(t, *oneSeed)
		return
	}
	for i := range *manySeeds {
		seed := *fromSeed + uint64(i)
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			checkSeed(t, seed)
		})
	}
}

func checkSeed(t *testing.T, seed uint64) {
	t.Helper()
	s := generate(seed, *length)
	var trace *strings.Builder
	if *oneSeed != 0 && testing.Verbose() {
		trace = &strings.Builder{}
	}
	w, err := play(s, trace)
	if trace != nil {
		t.Log("\n" + trace.String())
	}
	if err == nil {
		if *oneSeed != 0 {
			t.Logf("%d events, %v", len(s.Events), w.figures)
		}
		return
	}
	if testing.Short() {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	short := shrink(s, func(s scenario) bool { _, other := play(s, nil); return alike(err, other) })
	var log strings.Builder
	_, why := play(short, &log)
	t.Errorf("%v\nagain: go test ./internal/sim -run TestSim -seed %d\nin short: %v\n%s\n%s", err, seed, why, log.String(), short)
}

// Scenarios that failed once.
func TestKept(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var s scenario
			if err := json.Unmarshal(text, &s); err != nil {
				t.Fatal(err)
			}
			var log strings.Builder
			if _, err := play(s, &log); err != nil {
				t.Errorf("%s\n%v\n%s", s.Why, err, log.String())
			}
		})
	}
}
