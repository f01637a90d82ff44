package declare

import "syscall"

// limitData asks the kernel to refuse the process more than n bytes of
// data. It is a backstop: where it is refused, the watchdog remains.
func limitData(bytes uint64) {
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes})
}
