package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/layeron/rotate/internal/run"
	"github.com/layeron/rotate/internal/secret"
)

// valueSource is where a value from outside comes from: at most one flag, or a
// prompt that does not echo.
type valueSource struct {
	direct  string
	env     string
	stdin   bool
	isGiven bool // --value, which may be empty
}

func (v *valueSource) flags(cmd *cobra.Command, direct bool) {
	f := cmd.Flags()
	if direct {
		f.StringVar(&v.direct, "value", "", "the value itself; other processes on this machine can see it")
	}
	f.StringVar(&v.env, "value-env", "", "environment variable that holds the value")
	f.BoolVar(&v.stdin, "from-stdin", false, "read the value from standard input, without the line break at its end")
}

// read returns the value. Its errors never hold it.
func (a App) read(cmd *cobra.Command, v *valueSource) (secret.Value, error) {
	flags := cmd.Flags()
	v.isGiven = flags.Changed("value")
	given := 0
	for _, is := range []bool{v.isGiven, flags.Changed("value-env"), v.stdin} {
		if is {
			given++
		}
	}
	if given > 1 {
		return secret.Value{}, run.Usage("more than one value given\nuse one of --value, --value-env and --from-stdin")
	}
	text, err := a.readText(cmd, v, flags.Changed("value-env"))
	switch {
	case err != nil:
		return secret.Value{}, err
	case text == "":
		return secret.Value{}, run.Usage("the value is empty: nothing was changed")
	case !utf8.ValidString(text):
		return secret.Value{}, run.Usage("the value is not UTF-8, and the store takes only UTF-8 text\nencode it, for example as base64")
	case len(text) > run.ValueLimit:
		return secret.Value{}, run.Usage("the value is %d bytes, and the store takes at most %d", len(text), run.ValueLimit)
	}
	return secret.NewValue(text), nil
}

func (a App) readText(cmd *cobra.Command, v *valueSource, fromEnv bool) (string, error) {
	switch {
	case v.isGiven:
		fmt.Fprintln(a.Stderr, "layer: --value can be seen by other processes and stays in your shell's history: prefer --value-env or --from-stdin")
		return v.direct, nil
	case fromEnv:
		text := a.Getenv(v.env)
		if text == "" {
			return "", run.Usage("the environment variable %q is not set, or empty: nothing was changed", v.env)
		}
		return text, nil
	case v.stdin:
		text, err := io.ReadAll(io.LimitReader(a.Stdin, run.ValueLimit+2))
		if err != nil {
			return "", fmt.Errorf("read the value from standard input: %w", err)
		}
		return cutNewline(string(text)), nil
	case a.StdinTerminal && a.ReadPassword != nil:
		fmt.Fprint(a.Stderr, "Value (not shown): ")
		text, err := a.ReadPassword(cmd.Context())
		fmt.Fprintln(a.Stderr)
		if err != nil {
			return "", errors.New("read the value from the terminal: nothing was changed")
		}
		return string(text), nil
	}
	return "", run.Usage("no value given\nadd --value-env VAR or --from-stdin")
}

// cutNewline cuts one line break at the end, as commands that print a value add
// one.
func cutNewline(s string) string {
	if text, ok := strings.CutSuffix(s, "\r\n"); ok {
		return text
	}
	return strings.TrimSuffix(s, "\n")
}
