package sim_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/secret"
)

// world is where a scenario is played: one account of the store, one repository, and
// what the people in it know.
type world struct {
	now          time.Time
	random       *rand.ChaCha8
	folder       string // of the journals that are files
	store        *fake.Store
	storeWire    http.RoundTripper
	storeFault   fake.Fault // of the next request
	github       *fake.GitHub
	githubWire   http.RoundTripper
	environments []*environment
	model        *model
	seen         map[string]emulator.Secret // the store as last looked at
	judged       map[judged]bool            // whether a journal is sound
	held         []delivery
	leaks        leaks
	keys         []string // root keys, newest first
	runs         int64
	effects      []int // of each event's last run
	depth        int   // of runs within runs
	frozen       bool
	trace        *strings.Builder
	failure      error
	figures      map[string]int
}

// environment is one environment and what its people know.
type environment struct {
	spec     environmentSpec
	secrets  []secretSpec // as declared now
	agreed   []secretSpec // as last carried out
	journal  history
	standing map[secret.ID]standing // of what is blocked
	broken   string                 // why the last run could not even plan
	// meddled: a person changed store or journal, so that blocking is in order.
	meddled     bool
	meddledWith map[string]bool // the same for one secret, by store name
	idle        bool            // the last run left nothing to do
	lost        bool            // people destroyed what only one place knew
	lastFault   time.Time       // when something last got in the way of a run
	refused     bool            // the store refused a value
	mixed       bool            // a person's commit is on the bot branch
	botEdited   bool            // the journal there is as a person left it
	landed      []landing
}

// delivery is a request that is under way.
type delivery struct {
	at   time.Time
	land func()
}

// broken is a promise that was broken.
type broken struct {
	at   time.Time
	what string
}

func (b broken) Error() string { return b.at.Format(time.RFC3339) + ": " + b.what }

// alike reports whether two scenarios failed for the same reason, as far as the
// words show.
func alike(a, b error) bool {
	var first, second broken
	if !errors.As(a, &first) || !errors.As(b, &second) {
		return false
	}
	particular := regexp.MustCompile(`[0-9]+|production|staging|preview|auth/key\S*`)
	return cut(particular.ReplaceAllString(first.what, "")) == cut(particular.ReplaceAllString(second.what, ""))
}

func cut(s string) string { return s[:min(len(s), 60)] }

// violation ends a scenario: a promise was broken.
func (w *world) violation(format string, args ...any) {
	if w.failure == nil {
		w.failure = broken{w.now, fmt.Sprintf(format, args...)}
	}
}

func (w *world) say(format string, args ...any) {
	if w.trace != nil {
		line := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " / ")
		fmt.Fprintf(w.trace, "%s %s%s\n", w.now.Format("2006-01-02 15:04:05.000"), strings.Repeat("  ", w.depth), line)
	}
}

// newWorld is the world at the beginning of a scenario.
func newWorld(s scenario, folder string) (*world, error) {
	var seed [32]byte
	copy(seed[:], strconv.FormatUint(s.Seed, 10))
	w := &world{
		now: beginning, random: rand.NewChaCha8(seed), folder: folder, model: newModel(), seen: map[string]emulator.Secret{}, judged: map[judged]bool{},
		leaks: newLeaks(), figures: map[string]int{},
	}
	w.addKey()
	var err error
	w.store, err = fake.NewStore(emulator.Options{
		Now: func() time.Time { return w.now }, Rand: w.random, Account: account32, Token: storeToken,
	})
	if err != nil {
		return nil, err
	}
	w.store.SetFault(func(fake.Request) fake.Fault {
		f := w.storeFault
		w.storeFault = fake.Fault{}
		return f
	})
	w.github, err = fake.New(fake.Options{Now: func() time.Time { return w.now }})
	if err != nil {
		return nil, err
	}
	w.storeWire, w.githubWire = emulator.Transport(w.store), emulator.Transport(w.github)
	for _, spec := range s.Environments {
		w.environments = append(w.environments, &environment{
			spec: spec, secrets: slices.Clone(spec.Secrets), agreed: slices.Clone(spec.Secrets),
			standing: map[secret.ID]standing{}, meddledWith: map[string]bool{},
		})
	}
	return w, nil
}

// play plays a scenario to its end, or to where a promise is broken.
func play(s scenario, trace *strings.Builder) (w *world, err error) {
	folder, err := os.MkdirTemp(temporary(), "layer-sim-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if w, err = newWorld(s, folder); err != nil {
		return nil, err
	}
	w.trace = trace
	for _, e := range s.Events {
		w.advanceTo(beginning.Add(time.Duration(e.At) * time.Minute))
		w.effects = append(w.effects, 0)
		if w.act(e); w.failure != nil {
			return w, w.failure
		}
	}
	w.conclude()
	return w, w.failure
}

// temporary is a folder in memory where there is one: what is simulated is not
// the disk.
func temporary() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// advanceTo passes the time, and lets land what lands meanwhile.
func (w *world) advanceTo(t time.Time) {
	for {
		i := -1
		for j, d := range w.held {
			if !d.at.After(t) && (i < 0 || d.at.Before(w.held[i].at)) {
				i = j
			}
		}
		if i < 0 {
			break
		}
		d := w.held[i]
		w.held = slices.Delete(w.held, i, i+1)
		if d.at.After(w.now) {
			w.now = d.at
		}
		d.land()
	}
	if t.After(w.now) {
		w.now = t
	}
}

func (w *world) advance(d time.Duration) {
	if !w.frozen {
		w.advanceTo(w.now.Add(d))
	}
}

// quiet is how long nothing goes wrong at a scenario's end.
const quiet = 20

// conclude lets people put right what is blocked, and then all has to be well.
func (w *world) conclude() {
	w.effects = append(w.effects, 0)
	w.advance(days(1))
	for day := range quiet {
		for i, e := range w.environments {
			w.act(event{Do: doOperate, Env: i, Choice: day})
			w.act(event{Do: doRun, Env: i, Choice: day})
			if day%5 == 0 && !e.spec.File {
				w.act(event{Do: doMerge, Env: i, Choice: day})
			}
			if w.failure != nil {
				return
			}
			w.advance(time.Hour)
		}
		w.advance(days(1))
	}
	for _, e := range w.environments {
		for id, s := range e.standing {
			if !s.status.Waiting() {
				w.violation("%s: no way out of %s: %s is still blocked: %s", e.spec.Name, s.status, id, s.reason)
			}
		}
		if e.broken != "" {
			w.violation("%s: no way out: %s", e.spec.Name, e.broken)
		}
	}
	w.checkLeaks()
}

// changed lists the secrets of the store that are not as they were last seen.
func (w *world) changed() []emulator.Secret {
	var out []emulator.Secret
	there := map[string]bool{}
	for _, s := range w.store.Secrets() {
		there[s.Name] = true
		if old := w.seen[s.Name]; old.Value != s.Value || old.Comment != s.Comment || old.ID != s.ID {
			out = append(out, s)
			w.seen[s.Name] = s
		}
	}
	for name := range w.seen {
		if !there[name] {
			delete(w.seen, name)
		}
	}
	return out
}

func (w *world) stored(name string) (emulator.Secret, bool) {
	all := w.store.Secrets()
	i, held := slices.BinarySearchFunc(all, name, func(s emulator.Secret, name string) int { return cmp.Compare(s.Name, name) })
	if !held {
		return emulator.Secret{}, false
	}
	return all[i], true
}
