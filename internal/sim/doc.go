// Package sim simulates two years of runs in seconds: one seeded world with a
// simulated clock, in which cron runs, outages, people, wrong clocks, lost
// answers, killed processes and runs that stall meet in every order. It holds
// only tests.
//
// The production code runs in it unchanged: rotate.Runner over the real clients
// of the store and of GitHub, which talk to the emulator and to the fake inside
// the process, and over the real journal file. All of it happens one thing after
// the other: a run that overlaps another one is started from inside it, at an
// effect that the seed chose. So a seed is one scenario, the same each time:
//
//	go test ./internal/sim -run TestSim -seed 4711
//
// A model (model_test.go) says what must be true. It shares no code with planner,
// journal and keyring: it reads what the store holds as a Worker would, and knows
// what was declared.
//
// A scenario that fails is played again with fewer events until none can be left
// out, and printed. Scenarios in testdata are played at every test.
package sim
