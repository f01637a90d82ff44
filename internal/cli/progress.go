package cli

import (
	"fmt"
	"strings"
	"time"
)

// A moment is how long work may take before progress is shown, and how often a
// line is printed where nobody watches.
const (
	barAfter  = 500 * time.Millisecond
	lineEvery = 5 * time.Second
	barWidth  = 30
)

// progress shows on standard error how many writes are done: a bar on a
// terminal, a line now and then in CI. Work of a moment shows nothing.
func (a App) progress() func(done, total int) {
	started := a.Now()
	last := started
	return func(done, total int) {
		now := a.Now()
		if a.StderrTerminal {
			if now.Sub(started) >= barAfter {
				a.bar(done, total)
			}
			return
		}
		if now.Sub(last) >= lineEvery {
			last = now
			fmt.Fprintf(a.Stderr, "layer: %d of %d written\n", done, total)
		}
	}
}

// bar draws over itself, and clears the line when all is done.
func (a App) bar(done, total int) {
	if done == total {
		fmt.Fprint(a.Stderr, "\r\x1b[K")
		return
	}
	full := barWidth * done / total
	fmt.Fprintf(a.Stderr, "\r%s%s %d of %d written", strings.Repeat("█", full), strings.Repeat("░", barWidth-full), done, total)
}

// say tells something by the way.
func (a App) say(text string) { fmt.Fprintln(a.Stderr, "layer: "+text) }

// waiting tells why nothing happens for a while.
func (a App) waiting(d time.Duration, why string) {
	fmt.Fprintf(a.Stderr, "layer: waiting %s: %s\n", d.Round(time.Second), why)
}
