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
	"github.com/layeron/rotate/internal/fake"
)

// subject is the project that runs are killed in. Its journal is in a file, or
// on GitHub when the runs are those of the Action.
type subject struct {
	*repository
	*checker
	random *rand.Rand
	action bool
	texts  map[string]string // every text that was on GitHub → where it was
}

func newSubject(t *testing.T, action bool, seed uint64) *subject {
	t.Helper()
	r := newRepository(t, nil)
	return &subject{repository: r, checker: newChecker(r.remote), random: rand.New(rand.NewPCG(seed, 42)), action: action, texts: map[string]string{}}
}

// The real program gets SIGKILL or SIGTERM at one of its requests. Wherever
// that happens, no promise is broken, no secret leaks, and after one more run
// store and journal agree again.
func TestRealKills(t *testing.T) {
	const subjects, kills = 5, 20 // per place of the journal, and per subject
	for _, action := range []bool{false, true} {
		for seed := range uint64(subjects) {
			t.Run(fmt.Sprintf("action %v, seed %d", action, seed), func(t *testing.T) {
				t.Parallel()
				s := newSubject(t, action, seed)
				s.killRuns(kills)
				s.checkLeaks(s.seenValues, s.texts)
			})
		}
	}
}

// killRuns kills the given number of runs, one a round. A run that ends before
// the request to kill it at does not count.
func (s *subject) killRuns(kills int) {
	t := s.t
	most := int64(30) // the requests of the last complete run that wrote every secret
	for killed, runs := 0, 0; killed < kills; runs++ {
		if runs > 4*kills {
			t.Fatalf("only %d of %d runs were killed", killed, runs)
		}
		// Runs of a round are minutes apart. Start each round at another time
		// of day, so that nothing becomes due or expires between the runs of a
		// round.
		s.clock.Set(s.clock.Now().Truncate(10 * time.Minute).Add(10 * time.Minute))
		s.advance(1, 7, 31)
		before := s.values()
		signal := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM}[killed%2]
		k := newKill(signal, 1+s.random.Int64N(most), s.random.IntN(2) == 0, s.checkStore)
		force := s.random.IntN(2) == 0
		code, output := s.runKilled(k, force)
		s.checkStore()
		switch {
		case k.sent.Load():
			killed++
		case force:
			most = k.count.Load()
		}
		s.checkExit(k, code, output)
		s.checkWritesRecorded(k, before)
		if s.random.IntN(2) == 0 {
			s.advance(1)
		}
		s.cleanRun()
		s.checkUnchanged(s.cleanRun)
		if s.action {
			s.collectTexts()
		}
		if s.action && !s.hasOpenIntent() {
			s.handlePull([]int{1, 3, 33, 45, 50, 70}[s.random.IntN(6)])
		}
	}
	s.advance(1)
	s.cleanRun()
	s.checkRecorded(s.journal(), s.values())
	if got := len(s.values()); got != 5 {
		t.Errorf("the store holds %d secrets, want 5", got)
	}
}

// hasOpenIntent reports whether the journal has an open intent. Until it
// lapses, runs leave it alone, and the pull request may be unmergeable until
// the next commit.
func (s *subject) hasOpenIntent() bool {
	for _, e := range s.parseJournal(s.journal()).Entries {
		if e.Open() != nil {
			return true
		}
	}
	return false
}

// advance moves the clock by one of the given numbers of days.
func (s *subject) advance(days ...int) {
	s.clock.Set(s.clock.Now().AddDate(0, 0, days[s.random.IntN(len(days))]))
}

// runKilled runs the program and kills it. A forced run rotates every secret,
// even when none is due.
func (s *subject) runKilled(k *kill, force bool) (code int, output string) {
	t := s.t
	t.Helper()
	cmd, files := s.prepare(force)
	store, github := k.server(t, s.store), k.server(t, s.github)
	cmd.Env = append(cmd.Env, "CLOUDFLARE_BASE_URL="+store.URL+"/client/v4", "GITHUB_API_URL="+github.URL, "GITHUB_GRAPHQL_URL="+github.URL+"/graphql")
	stdout, stderr := k.start(t, cmd)
	store.Close()
	github.Close()
	s.printed = append(s.printed, stdout, stderr)
	for _, name := range files {
		s.printed = append(s.printed, readFile(t, name))
	}
	return cmd.ProcessState.ExitCode(), stdout + stderr
}

// prepare returns a command that applies, and the files that it may write.
func (s *subject) prepare(force bool) (cmd *exec.Cmd, files []string) {
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

// checkExit checks that the exit code fits the signal that the run got.
func (s *subject) checkExit(k *kill, code int, output string) {
	t := s.t
	t.Helper()
	want := 0
	if k.sent.Load() {
		want = map[syscall.Signal]int{syscall.SIGKILL: -1, syscall.SIGTERM: 143}[k.signal]
	}
	if code != want {
		t.Fatalf("%s at request %d, after its effect %v: exit code %d, want %d\n%s", k.signal, k.at, k.after, code, want, output)
	}
}

// checkWritesRecorded checks that a run that got SIGTERM recorded all its
// writes in the journal.
func (s *subject) checkWritesRecorded(k *kill, before map[string]emulator.Secret) {
	s.t.Helper()
	if k.signal != syscall.SIGTERM {
		return
	}
	written := s.values()
	maps.DeleteFunc(written, func(name string, now emulator.Secret) bool { return before[name] == now })
	if len(written) > 0 {
		s.checkRecorded(s.journal(), written)
	}
}

// cleanRun is a run without kills or faults, and all checks after it.
func (s *subject) cleanRun() {
	s.t.Helper()
	if s.action {
		s.mustApply()
	} else {
		s.must(apply...)
	}
	s.checkStore()
	s.checkJournal(s.journal())
}

// journal returns the journal that the next run will read, or "" if there is
// none.
func (s *subject) journal() string {
	if !s.action {
		path := filepath.Join(s.project, journalPath)
		if found, _ := filepath.Glob(path); found == nil {
			return ""
		}
		return readFile(s.t, path)
	}
	if text := s.github.File(botBranch, journalPath); text != "" {
		return text
	}
	return s.github.File("main", journalPath)
}

// checkUnchanged checks that a run changes nothing in the store, the journal or
// on GitHub (P6).
func (s *subject) checkUnchanged(run func()) {
	s.t.Helper()
	values, text, github := s.values(), s.journal(), s.githubState()
	writes := func() int { n := s.store.Counts(); return n[fake.KindCreateSecret] + n[fake.KindChangeSecret] }
	before := writes()
	run()
	if diff := cmp.Diff(values, s.values()); diff != "" || writes() != before {
		s.t.Errorf("a second run sends %d writes to the store: -before +after\n%s", writes()-before, diff)
	}
	if diff := cmp.Diff(text, s.journal()); diff != "" {
		s.t.Errorf("a second run changes the journal: -before +after\n%s", diff)
	}
	if diff := cmp.Diff(github, s.githubState()); diff != "" {
		s.t.Errorf("a second run changes the repository: -before +after\n%s", diff)
	}
}

// githubState lists what a run can change on GitHub.
func (s *subject) githubState() []string {
	var out []string
	for _, branch := range s.github.Branches() {
		out = append(out, branch+" "+s.github.Head(branch))
	}
	for _, p := range s.github.Pulls() {
		out = append(out, fmt.Sprintf("%+v %+v", p, s.github.Comments(p.Number)))
	}
	return out
}

// collectTexts remembers all texts on GitHub, before people delete them.
func (s *subject) collectTexts() {
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
