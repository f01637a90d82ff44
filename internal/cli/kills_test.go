package cli_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layeron/rotate/internal/emulator"
)

// stage is one home of the journal, and how the program is started on it.
type stage struct {
	*hub
	*witness
	random *rand.Rand
	action bool
	texts  map[string]string // all that GitHub ever held
}

func newStage(t *testing.T, action bool, seed uint64) *stage {
	t.Helper()
	h := newHub(t, nil)
	return &stage{hub: h, witness: newWitness(h.remote), random: rand.New(rand.NewPCG(seed, 42)), action: action, texts: map[string]string{}}
}

// The real program, killed or told to stop at any of its requests: whatever it
// had done by then, one more run brings store and journal in step again, no
// promise is broken on the way, and nothing shows that is secret.
func TestRealKills(t *testing.T) {
	const worlds, kills = 5, 20 // of each home; half of the kills are SIGTERM
	for _, action := range []bool{false, true} {
		for seed := range uint64(worlds) {
			t.Run(fmt.Sprintf("action %v, seed %d", action, seed), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, action, seed)
				s.rounds(kills)
				s.hunt(s.seen, s.texts)
			})
		}
	}
}

// rounds kills so many runs. One that ends before its turn to be killed is only
// one more run.
func (s *stage) rounds(kills int) {
	t := s.t
	most := int64(30) // the requests of a run that writes all, as the last one showed that was not killed
	for killed, runs := 0, 0; killed < kills; runs++ {
		if runs > 4*kills {
			t.Fatalf("only %d of %d runs were killed", killed, runs)
		}
		// Each round has ten minutes of the day to itself, so that nothing becomes
		// due, or expires, between the runs of another.
		s.set(s.now().Truncate(10 * time.Minute).Add(10 * time.Minute))
		s.pass(1, 7, 31)
		before := s.values()
		signal := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM}[killed%2]
		k := newKill(signal, 1+s.random.Int64N(most), s.random.IntN(2) == 0, s.look)
		force := s.random.IntN(2) == 0
		code, said := s.runKilled(k, force)
		s.look()
		switch {
		case k.sent.Load():
			killed++
		case force:
			most = k.count.Load()
		}
		s.wantEnd(k, code, said)
		s.wantRecorded(k, before)
		if s.random.IntN(2) == 0 {
			s.pass(1)
		}
		s.clean()
		s.unchanged(s.clean)
		if s.action {
			s.gather()
		}
		if s.action && !s.underWay() {
			s.people([]int{1, 3, 33, 45, 50, 70}[s.random.IntN(6)])
		}
	}
	s.pass(1)
	s.clean()
	s.recorded(s.journal(), s.values())
	if got := len(s.values()); got != 5 {
		t.Errorf("the store holds %d secrets, want 5", got)
	}
}

// underWay tells whether an intent is open: until it has lapsed nobody else acts
// on it, and the pull request may wait for the merge that comes with the next.
func (s *stage) underWay() bool {
	for _, e := range s.parse(s.journal()).Entries {
		if e.Open() != nil {
			return true
		}
	}
	return false
}

// pass lets one of so many days pass.
func (s *stage) pass(days ...int) {
	s.set(s.now().AddDate(0, 0, days[s.random.IntN(len(days))]))
}

// runKilled starts a run; a forced one has something to do, whatever the schedule
// says.
func (s *stage) runKilled(k *kill, force bool) (code int, said string) {
	t := s.t
	t.Helper()
	cmd, files := s.prepare(force)
	store, github := k.server(t, s.store), k.server(t, s.github)
	cmd.Env = append(cmd.Env, "CLOUDFLARE_BASE_URL="+store.URL+"/client/v4", "GITHUB_API_URL="+github.URL, "GITHUB_GRAPHQL_URL="+github.URL+"/graphql")
	stdout, stderr := k.start(t, cmd)
	store.Close()
	github.Close()
	s.wrote = append(s.wrote, stdout, stderr)
	for _, name := range files {
		s.wrote = append(s.wrote, readFile(t, name))
	}
	return cmd.ProcessState.ExitCode(), stdout + stderr
}

// prepare is a run of either home, and the files that it may write.
func (s *stage) prepare(force bool) (cmd *exec.Cmd, files []string) {
	if !s.action {
		args := slices.Clone(apply)
		if force {
			args = append(args, "--force", "--all", "--reason", "leaked")
		}
		return s.command(args...), nil
	}
	event, inputs := "schedule", map[string]string{"apply": "true"}
	if force {
		event, inputs = "workflow_dispatch", map[string]string{"apply": "true", "force": "true", "reason": "leaked"}
	}
	cmd, folder := s.step(event, inputs)
	return cmd, []string{filepath.Join(folder, "output"), filepath.Join(folder, "summary")}
}

// wantEnd fails unless a run ended as its signal asks.
func (s *stage) wantEnd(k *kill, code int, said string) {
	t := s.t
	t.Helper()
	want := 0
	if k.sent.Load() {
		want = map[syscall.Signal]int{syscall.SIGKILL: -1, syscall.SIGTERM: 143}[k.signal]
	}
	if code != want {
		t.Fatalf("%s at request %d, after its effect %v: exit code %d, want %d\n%s", k.signal, k.at, k.after, code, want, said)
	}
}

// wantRecorded fails if a run that was told to stop left a write behind that its
// journal does not record.
func (s *stage) wantRecorded(k *kill, before map[string]emulator.Secret) {
	s.t.Helper()
	if k.signal != syscall.SIGTERM {
		return
	}
	written := s.values()
	maps.DeleteFunc(written, func(name string, now emulator.Secret) bool { return before[name] == now })
	if len(written) > 0 {
		s.recorded(s.journal(), written)
	}
}

// clean is a run that nothing disturbs.
func (s *stage) clean() {
	s.t.Helper()
	if s.action {
		s.applied()
	} else {
		s.must(apply...)
	}
	s.look()
	s.lookAt(s.journal())
}

// journal is the journal as the next run reads it; empty where there is none.
func (s *stage) journal() string {
	const name = ".layeron/rotation/production.json"
	if !s.action {
		path := filepath.Join(s.project, name)
		if found, _ := filepath.Glob(path); found == nil {
			return ""
		}
		return readFile(s.t, path)
	}
	if text := s.github.File(botBranch, name); text != "" {
		return text
	}
	return s.github.File("main", name)
}

// unchanged fails if a run changes anything anywhere (P6).
func (s *stage) unchanged(run func()) {
	s.t.Helper()
	values, text, github := s.values(), s.journal(), s.repository()
	writes := func() int { n := s.store.Counts(); return n[emulator.KindCreate] + n[emulator.KindChange] }
	before := writes()
	run()
	if diff := cmp.Diff(values, s.values()); diff != "" || writes() != before {
		s.t.Errorf("a second run sends %d writes to the store: -before +after\n%s", writes()-before, diff)
	}
	if diff := cmp.Diff(text, s.journal()); diff != "" {
		s.t.Errorf("a second run changes the journal: -before +after\n%s", diff)
	}
	if diff := cmp.Diff(github, s.repository()); diff != "" {
		s.t.Errorf("a second run changes the repository: -before +after\n%s", diff)
	}
}

// repository is what can change on GitHub.
func (s *stage) repository() []string {
	var out []string
	for _, branch := range s.github.Branches() {
		out = append(out, branch+" "+s.github.Head(branch))
	}
	for _, p := range s.github.Pulls() {
		out = append(out, fmt.Sprintf("%+v %+v", p, s.github.Comments(p.Number)))
	}
	return out
}

// gather keeps all that is on GitHub, for people delete it.
func (s *stage) gather() {
	for _, branch := range s.github.Branches() {
		for _, c := range s.github.Commits(branch, "") {
			s.texts[c.Message] = "message of commit " + c.ID
			for path, text := range s.github.Files(c.ID) {
				s.texts[text] = path + " of commit " + c.ID
			}
		}
	}
	for _, p := range s.github.Pulls() {
		s.texts[p.Title+"\n"+p.Body] = fmt.Sprintf("pull request %d", p.Number)
		for _, c := range s.github.Comments(p.Number) {
			s.texts[c.Body] = fmt.Sprintf("comment on pull request %d", p.Number)
		}
	}
}
