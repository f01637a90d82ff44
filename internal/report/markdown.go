package report

import (
	"fmt"
	"strings"
)

// stack puts parts below each other. Each is given its share of what those
// before it have left, so that none crowds out another.
func stack(limit int, parts ...func(limit int) string) string {
	var blocks []string
	for i, part := range parts {
		block := part(limit / (len(parts) - i))
		if block == "" {
			continue
		}
		blocks = append(blocks, block)
		limit -= len(block) + len("\n\n")
	}
	return strings.Join(blocks, "\n\n")
}

// tableHead is a table without rows.
func tableHead(titles ...string) string {
	return tableRow(titles...) + "|" + strings.Repeat("---|", len(titles)) + "\n"
}

// instants is the title of a column that is as wide as an instant, which would
// be broken at its hyphens.
func instants(title string) string {
	const nbsp = "&nbsp;"
	return strings.ReplaceAll(title, " ", nbsp) + strings.Repeat(nbsp, max(0, 24-len(title)))
}

// tableRow is a row of cells that are Markdown already.
func tableRow(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// rows joins whole rows up to a limit, and says how many it leaves out.
func rows(list []string, limit int, more string) string {
	var out strings.Builder
	room := limit - len(more) - 8
	for i, row := range list {
		if out.Len()+len(row) > room {
			return out.String() + fmt.Sprintf(more, len(list)-i)
		}
		out.WriteString(row)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// details folds a part away.
func details(title, content string, open bool) string {
	attribute := ""
	if open {
		attribute = " open"
	}
	return "<details" + attribute + "><summary>" + title + "</summary>\n\n" + content + "\n\n</details>"
}

// alert is a box that GitHub colours by its kind, with a list in it. Without
// items there is none.
func alert(kind, lead string, items []string) func(limit int) string {
	if len(items) == 0 {
		return func(int) string { return "" }
	}
	head := "> [!" + kind + "]\n> **" + lead + "**\n>\n"
	var lines []string
	for _, item := range items {
		lines = append(lines, "> - "+strings.ReplaceAll(item, "\n", "<br>")+"\n")
	}
	return func(limit int) string { return head + rows(lines, limit-len(head), "> - and %d more\n") }
}
