package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/layeron/rotate/internal/cli"
	"github.com/layeron/rotate/internal/declare"
	"github.com/layeron/rotate/internal/run"
)

const surface = "docs/design/surface.md"

var (
	helpFlag    = regexp.MustCompile(`(?m)^ +(?:-\w, )?(--[\w-]+)`)
	subCommand  = regexp.MustCompile(`(?m)^  ([\w-]+) +\S`)
	firstCell   = regexp.MustCompile(`(?m)^\|.*?\|`)
	flagInText  = regexp.MustCompile("`(--[\\w-]+)")
	flagSection = regexp.MustCompile(`\(#([\w-]+-flags)\)`)
	actionKey   = regexp.MustCompile(`(?m)^  ([\w-]+):$`)
	errorCode   = regexp.MustCompile(`\bFail\("([a-z]+(?:_[a-z]+)*)", ?["f]`)
)

// Every flag that a command takes is in its section of the document, or in one
// that the section names, and every flag of the section is one it takes.
func TestSurfaceFlags(t *testing.T) {
	sections := sectionsOf(readText(t, surface))
	for _, command := range commandsOf(t, nil) {
		title := "layer " + strings.Join(command, " ")
		section, ok := sections[title]
		if !ok {
			t.Errorf("%s has no section %q", surface, title)
			continue
		}
		for _, m := range flagSection.FindAllStringSubmatch(section, -1) {
			for name, text := range sections {
				if strings.ReplaceAll(strings.ToLower(name), " ", "-") == m[1] {
					section += text
				}
			}
		}
		taken := map[string]bool{}
		for _, m := range helpFlag.FindAllStringSubmatch(help(t, command), -1) {
			if taken[m[1]] = true; m[1] != "--help" && !strings.Contains(section, "`"+m[1]) {
				t.Errorf("%s: section %q lacks %s", surface, title, m[1])
			}
		}
		for _, m := range firstCell.FindAllString(section, -1) {
			for _, flag := range flagInText.FindAllStringSubmatch(m, -1) {
				if !taken[flag[1]] {
					t.Errorf("%s: section %q has %s, which the command does not take", surface, title, flag[1])
				}
			}
		}
	}
}

// commandsOf lists the commands that do something, below a command.
func commandsOf(t *testing.T, above []string) [][]string {
	t.Helper()
	_, list, group := strings.Cut(help(t, above), "Available Commands:\n")
	if !group {
		return [][]string{above}
	}
	list, _, _ = strings.Cut(list, "\n\n")
	var out [][]string
	for _, m := range subCommand.FindAllStringSubmatch(list+"\n", -1) {
		if m[1] != "help" && m[1] != "completion" && m[1] != "action" {
			out = append(out, commandsOf(t, append(above[:len(above):len(above)], m[1]))...)
		}
	}
	return out
}

func help(t *testing.T, command []string) string {
	t.Helper()
	var out, errs bytes.Buffer
	app := cli.App{Process: run.Process{Getenv: func(string) string { return "" }, Stderr: &errs}, Stdin: strings.NewReader(""), Stdout: &out}
	if code := app.Run(t.Context(), append(command[:len(command):len(command)], "--help")); code != 0 {
		t.Fatalf("layer %s --help: exit code %d: %s", strings.Join(command, " "), code, errs.String())
	}
	return out.String()
}

// sectionsOf splits a document by its headings.
func sectionsOf(text string) map[string]string {
	out := map[string]string{}
	at := heading.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out[text[m[2]:m[3]]] = text[m[1]:end]
	}
	return out
}

// Every action and status of the planner is in the document and in the schema.
func TestSurfaceStatuses(t *testing.T) {
	document, schema := readText(t, surface), readText(t, "docs/design/plan.schema.json")
	words := append(constants(t, "internal/plan", "Action"), constants(t, "internal/plan", "Status")...)
	for _, word := range words {
		if !strings.Contains(document, "`"+word+"`") {
			t.Errorf("%s lacks %s", surface, word)
		}
		if !strings.Contains(schema, `"`+word+`"`) {
			t.Errorf("plan.schema.json lacks %s", word)
		}
	}
	journal := readText(t, "docs/design/journal.schema.json")
	for _, word := range append(constants(t, "internal/plan", "AlterationKind"), constants(t, "internal/journal", "Outcome")...) {
		if !strings.Contains(readText(t, "docs/design/protocol.md"), "`"+word+"`") || !strings.Contains(journal, `"`+word+`"`) {
			t.Errorf("protocol.md or journal.schema.json lacks %s", word)
		}
	}
	if len(words) < 20 {
		t.Errorf("only %d words were found: this test reads nothing", len(words))
	}
}

// constants returns the values of a package's string constants of a type.
func constants(t *testing.T, folder, kind string) []string {
	t.Helper()
	var out []string
	for _, file := range goFiles(t, folder) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			name, ok := spec.Type.(*ast.Ident)
			for _, value := range spec.Values {
				literal, isLiteral := value.(*ast.BasicLit)
				if ok && name.Name == kind && isLiteral {
					text, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, text)
				}
			}
			return true
		})
	}
	return out
}

func goFiles(t *testing.T, folder string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range all {
		if !strings.HasSuffix(file, "_test.go") {
			out = append(out, file)
		}
	}
	return out
}

// Every code of an error and of a diagnostic is in the documents.
func TestSurfaceCodes(t *testing.T) {
	document, found := readText(t, surface), 0
	for _, folder := range []string{"internal/cli", "internal/action", "internal/run"} {
		for _, file := range goFiles(t, folder) {
			for _, m := range errorCode.FindAllStringSubmatch(readText(t, file), -1) {
				if found++; !strings.Contains(document, "`"+m[1]+"`") {
					t.Errorf("%s lacks the error code %s of %s", surface, m[1], file)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no error codes were found: this test reads nothing")
	}
	declarations := readText(t, "docs/design/declarations.md")
	for code, meaning := range declare.Codes() {
		if row := "| `" + string(code) + "` | " + meaning + " |"; !strings.Contains(declarations, row) {
			t.Errorf("declarations.md lacks the row %s", row)
		}
	}
}

// Every input and output of action.yml is in the document.
func TestSurfaceOfTheAction(t *testing.T) {
	data, err := os.ReadFile("action.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "\ninputs:\n")
	inputs, rest, _ := strings.Cut(rest, "\noutputs:\n")
	outputs, _, _ := strings.Cut(rest, "\nruns:\n")
	sections := sectionsOf(readText(t, surface))
	for title, list := range map[string]string{"Inputs": inputs, "Outputs": outputs} {
		keys := actionKey.FindAllStringSubmatch(list, -1)
		if len(keys) == 0 {
			t.Errorf("no %s were found in action.yml", title)
		}
		for _, m := range keys {
			if !strings.Contains(sections[title], "`"+m[1]+"`") {
				t.Errorf("%s: section %q lacks %s", surface, title, m[1])
			}
		}
	}
}
