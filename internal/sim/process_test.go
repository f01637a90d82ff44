package sim_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/layeron/rotate/internal/contract"
	"github.com/layeron/rotate/internal/emulator"
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/github"
	"github.com/layeron/rotate/internal/httpretry"
	"github.com/layeron/rotate/internal/journal"
	"github.com/layeron/rotate/internal/journalbranch"
	"github.com/layeron/rotate/internal/journalfile"
	"github.com/layeron/rotate/internal/plan"
	"github.com/layeron/rotate/internal/rootkey"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
	"github.com/layeron/rotate/internal/store"
)

const (
	account32   = "0123456789abcdef0123456789abcdef"
	storeToken  = "cloudflare-token-4f1d9c0b7a"
	githubToken = "github-token-91be02c64d55"
)

// process is one run of the tool, which remembers nothing of the last one.
type process struct {
	w       *world
	env     *environment
	number  int64
	skew    time.Duration
	wire    *wire
	request plan.Request
	alter   *plan.Alteration
	target  secret.ID // of the alteration
	began   time.Time // by its own clock
	secrets []secretSpec
	branch  *journalbranch.Branch
	pull    journalbranch.PullRequest
	wrote   bool // anything to the journal
	said    []string
	result  rotate.Result
	err     error
}

// start makes a process for an event. Nothing of it has happened yet.
func (w *world) start(e event, request plan.Request) *process {
	w.runs++
	p := &process{w: w, env: w.environments[e.Env], number: w.runs, skew: time.Duration(e.Skew) * time.Second, request: request}
	if p.request.Run == "" {
		p.request.Run = fmt.Sprintf("run-%d", p.number)
	}
	p.wire = &wire{w: w, p: p, fault: e.Fault}
	p.secrets = slices.Clone(p.env.secrets)
	return p
}

// run is the process from beginning to end.
func (p *process) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p.wire.cancel = cancel
	p.w.github.SetRun(p.number, fake.Run{Created: p.w.now, Attempt: 1})
	runner, leave, err := p.runner(ctx)
	if err != nil {
		p.err = err
		return
	}
	defer leave()
	p.began = runner.Clock.Now()
	if p.alter == nil {
		p.result, p.err = runner.Apply(ctx)
	} else {
		i, _ := p.env.byID(p.target)
		p.result, p.err = runner.Alter(ctx, p.env.declaration(p.secrets[i]), *p.alter)
	}
	if p.err == nil && p.branch != nil {
		p.err = p.propose(ctx)
	}
	p.listen()
}

// listen scans what the process printed for secrets.
func (p *process) listen() {
	p.w.leaks.scan(fmt.Sprintf("%+v %v", p.result, p.err))
	for _, text := range p.said {
		p.w.leaks.scan(text)
	}
}

// runner wires the production code together as the Action and the command line
// do.
func (p *process) runner(ctx context.Context) (*rotate.Runner, func(), error) {
	c := clock{p.wire}
	client, err := store.New(store.Options{
		Token: secret.NewValue(storeToken), Account: account32, StoreID: emulator.DefaultStoreID, BaseURL: "http://localhost/client/v4",
		Transport: p.wire.transport("store", p.w.storeWire), Retry: httpretry.Policy{Clock: c, Jitter: func() float64 { return 0.5 }},
	})
	if err != nil {
		return nil, nil, err
	}
	ring, err := rootkey.Parse(secret.NewValue(strings.Join(p.w.keys, "\n")))
	if err != nil {
		return nil, nil, err
	}
	r := &rotate.Runner{
		Document: p.env.document(), Request: p.request, Ring: ring, Clock: c, Random: p.w.random,
		Store: &rotate.OpenStore{Store: client, Name: "cloudflare", ValueLimit: 65536, Quota: 100, PruneGrace: 5 * time.Minute, Account: client, Parallel: 1},
	}
	if p.env.spec.File {
		return p.useFile(ctx, r, c)
	}
	return r, func() {}, p.useGitHub(r, c)
}

func (p *process) useFile(ctx context.Context, r *rotate.Runner, c clock) (*rotate.Runner, func(), error) {
	root, err := os.OpenRoot(p.w.folder)
	if err != nil {
		return nil, nil, err
	}
	file := journalfile.Open(root, journalfile.Path(".", p.env.spec.Name))
	leave := func() { file.Unlock(); _ = root.Close() }
	if err := file.Lock(ctx, c.Sleep); err != nil {
		leave()
		return nil, nil, err
	}
	var raw [16]byte
	_, _ = p.w.random.Read(raw[:])
	r.Journal = rotate.Journal{JournalStore: fileHome{file, p.wire}, Place: journal.PlaceFile, Owner: journal.Owner{File: base64.RawURLEncoding.EncodeToString(raw[:])}}
	return r, leave, nil
}

// The places of the journals.

func (w *world) journalFile(e *environment) string { return journalfile.Path(w.folder, e.spec.Name) }

func (e *environment) branch() string { return "layer/rotation-" + e.spec.Name }
func (e *environment) path() string   { return ".layeron/rotation/" + e.spec.Name + ".json" }

func (p *process) useGitHub(r *rotate.Runner, c clock) error {
	repository, err := github.Open(github.Options{
		APIURL: "http://localhost", Token: githubToken, Owner: "acme", Repo: "billing", Transport: p.wire.transport("github", p.w.githubWire),
		Retry: httpretry.Policy{Clock: c, Jitter: func() float64 { return 0.5 }},
	})
	if err != nil {
		return err
	}
	p.branch, err = journalbranch.Open(repository, journalbranch.Options{
		Base: "main", Branch: p.env.branch(), Path: p.env.path(), Title: "Rotation journal: " + p.env.spec.Name,
		Warn: func(s string) { p.said = append(p.said, s) },
	})
	if err != nil {
		return err
	}
	head := p.w.github.Head("main")
	r.Journal = rotate.Journal{JournalStore: p.branch, Place: journal.PlaceGitHub, Owner: journal.Owner{Host: "github.com", RepositoryID: 4711, ProjectPath: "."}}
	r.Hooks.Ready = func(ctx context.Context) error {
		why, err := p.branch.Stale(ctx, journalbranch.Commit{SHA: head, RunID: p.number, Attempt: 1, Only: path.Dir(path.Dir(p.env.path())) + "/"})
		if err == nil && why != "" {
			err = errors.New(why)
		}
		return err
	}
	r.Hooks.Announced = func(ctx context.Context) error {
		p.pull, err = p.branch.EnsurePR(ctx, p.body())
		return err
	}
	return nil
}

func (p *process) body() string {
	return fmt.Sprintf("Run %d of %s.\n\n%+v", p.number, p.env.spec.Name, p.result.Outcomes)
}

// propose brings the pull request up to date, as the Action does.
func (p *process) propose(ctx context.Context) error {
	if !p.wrote && !p.branch.Pending() {
		return nil
	}
	var err error
	if p.pull.Number == 0 {
		if p.pull, err = p.branch.EnsurePR(ctx, p.body()); err != nil {
			return err
		}
	}
	if !p.wrote {
		return nil
	}
	if p.pull, err = p.branch.UpdatePR(ctx, p.body()); err != nil {
		p.said = append(p.said, err.Error())
	}
	return nil
}

// turn counts the writes of the store so far, so that a request that comes late
// is known.
func (p *process) turn() map[string]int {
	turns := map[string]int{}
	for name, a := range p.w.model.secrets {
		turns[name] = a.writes
	}
	return turns
}

// tooLate is how long after it was sent a request may land without harm.
const tooLate = 5 * time.Minute

// arrived looks at what a request changed.
func (p *process) arrived(server, method string, body []byte, sent time.Time, turn map[string]int) {
	if method == http.MethodGet {
		return
	}
	if server == "github" {
		p.sawRequest(body)
		return
	}
	for _, s := range p.w.changed() {
		a := p.w.model.account(s.Name)
		overtaken := a.writes != turn[s.Name] && (p.env.spec.File || p.w.now.Sub(sent) > tooLate)
		p.stored(s, overtaken)
	}
	if p.w.now.Sub(sent) > tooLate { // the same once more, later than anybody reckons with, looks like a person's doing
		for _, s := range p.env.secrets {
			p.env.meddledWith[p.env.storeName(s)] = true
		}
	}
}

// stored hands what was written to the model.
func (p *process) stored(s emulator.Secret, late bool) {
	p.w.say("> %s: %s %s", s.Name, s.Comment, s.Value)
	p.w.figures["writes"]++
	p.w.leaks.scan(s.Comment)
	spec, declared := secretSpec{}, false
	for _, d := range p.secrets {
		if !d.Gone && p.env.storeName(d) == s.Name {
			spec, declared = d, true
		}
	}
	if !declared {
		p.w.violation("%s was written and is not declared", s.Name)
		return
	}
	by := author{policy: spec.policy(), planned: p.began, allowed: p.request.AllowDestructive, asked: p.request.Force, late: late, lost: p.env.lost}
	if p.alter != nil && spec.id() == p.target {
		by.asked, by.repairs = true, true
		by.revokes = int(p.alter.Version)
		switch p.alter.Kind {
		case plan.Revoke:
			by.urgent = true
		case plan.Discard, plan.Claim:
			by.urgent, by.discard = true, true
		case plan.Set, plan.Adopt:
			by.discard = p.env.lost
		}
	}
	if err := p.w.model.wrote(s.Name, s.Value, s.Comment, p.w.now, by); err != nil {
		p.w.violation("%s of %s: %v", spec.id(), p.env.spec.Name, err)
	}
	for _, v := range p.w.model.account(s.Name).values {
		p.w.leaks.guard(v)
	}
}

// late is a request that lands some time after its sender gave it up.
func (p *process) late(e effect, sent time.Time) func() {
	return func() {
		p.w.say("~ lands late: %s, sent %s", e.server, sent.Format(time.TimeOnly))
		_ = e.do()
	}
}

// sawRequest reads a request to GitHub. The file that a commit adds is
// read by itself, not as one long word in base64.
func (p *process) sawRequest(body []byte) {
	before, file, commits := bytes.Cut(body, []byte(`"contents":"`))
	p.w.leaks.scan(string(before))
	if !commits {
		if bytes.Contains(body, []byte("createCommitOnBranch")) {
			p.w.violation("a commit without a file: %s", body)
		}
		return
	}
	file, after, _ := bytes.Cut(file, []byte(`"`))
	p.w.leaks.scan(string(after))
	text, err := base64.StdEncoding.AppendDecode(nil, file)
	if err != nil {
		p.w.violation("a commit of what is not base64: %v", err)
		return
	}
	p.wrote = true
	p.sawJournal(text)
}

func (p *process) sawFile(message string) {
	p.wrote = true
	p.w.leaks.scan(message)
	if text, err := os.ReadFile(p.w.journalFile(p.env)); err == nil {
		p.sawJournal(text)
	}
}

// schemaEvery is of how many runs one has its journals checked against the schema.
// Checking all of them would take a tenth of the simulation's time.
const schemaEvery = 8

func (p *process) sawJournal(text []byte) {
	p.w.leaks.scan(string(text))
	if p.number%schemaEvery == 0 {
		if err := contract.Journal(text); err != nil {
			p.w.violation("the journal of %s does not satisfy its schema: %v", p.env.spec.Name, err)
		}
	}
	p.env.journal.keep(string(text))
}
