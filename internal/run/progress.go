package run

import (
	"fmt"
	"strings"
	"time"
)

// Progress is shown after barAfter on a terminal, and every lineEvery elsewhere.
const (
	barAfter  = 500 * time.Millisecond
	lineEvery = 5 * time.Second
	barWidth  = 30
)

// Progress returns a function that shows on standard error how many writes are
// done: a bar on a terminal, lines in CI. Short work shows nothing.
func (p Process) Progress() func(done, total int) {
	started := p.Now()
	last := started
	return func(done, total int) {
		now := p.Now()
		if p.StderrTerminal {
			if now.Sub(started) >= barAfter {
				p.bar(done, total)
			}
			return
		}
		if now.Sub(last) >= lineEvery {
			last = now
			fmt.Fprintf(p.Stderr, "layer: %d of %d written\n", done, total)
		}
	}
}

// bar draws over itself, and clears the line when all is done.
func (p Process) bar(done, total int) {
	if done == total {
		fmt.Fprint(p.Stderr, "\r\x1b[K")
		return
	}
	full := barWidth * done / total
	fmt.Fprintf(p.Stderr, "\r%s%s %d of %d written", strings.Repeat("█", full), strings.Repeat("░", barWidth-full), done, total)
}
