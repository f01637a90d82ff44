package secret

import (
	"strconv"
	"strings"
)

// Count returns a number with its noun: "1 entry", "5 entries".
func Count(n int, noun string) string {
	if n != 1 {
		noun = plural(noun)
	}
	return strconv.Itoa(n) + " " + noun
}

func plural(noun string) string {
	stem, y := strings.CutSuffix(noun, "y")
	if y && stem != "" && !strings.ContainsAny(stem[len(stem)-1:], "aeiou") {
		return stem + "ies"
	}
	return noun + "s"
}

// Length returns how long a superseded version stays readable: "14 days",
// "forever" or "none".
func (r Retention) Length() string {
	switch r.Mode {
	case RetainFor:
		return Count(r.Days, "day")
	case RetainForever:
		return "forever"
	}
	return "none"
}

// String returns the retention as a declaration names it: "retain_for 14 days",
// "retain_forever" or "none".
func (r Retention) String() string {
	switch r.Mode {
	case RetainFor:
		return string(r.Mode) + " " + r.Length()
	case RetainForever:
		return string(r.Mode)
	}
	return string(RetainNone)
}
