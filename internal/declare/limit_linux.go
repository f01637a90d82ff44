package declare

import "syscall"

// limitData asks the kernel to refuse the process more than n bytes of
// data. If the kernel does not accept the limit, the watchdog still applies.
func limitData(bytes uint64) {
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes})
}
