// Command layer rotates the secrets of Cloudflare Workers on a schedule.
package main

import (
	"os"

	"github.com/layeron/rotate/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:]))
}
