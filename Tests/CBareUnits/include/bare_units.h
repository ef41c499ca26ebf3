#ifndef BARE_UNITS_H
#define BARE_UNITS_H

// Runs `/bin/true` as `tasks` transient units of systemd, with no more than sd-bus around it: asks for each, with `at_once` of
// them not gone at most, and waits until systemd has dropped it. What a driver of tasks adds is that it knows how each ended.
// `properties` of the task: 0 for the program alone, 1 for a user of its own, no new privileges and fields in the log as well,
// as the tasks of a worker have them; 2 for these, and each stays until it was seen to have ended. 0, or a negative errno.
int bare_units(int tasks, int at_once, int properties);

#endif
