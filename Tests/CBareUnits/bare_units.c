#include "bare_units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

struct run {
  int gone;
  int failed;
  char prefix[32];
};

static int unit_removed(sd_bus_message *message, void *context, sd_bus_error *error) {
  (void)error;
  struct run *run = context;
  const char *unit;
  int result = sd_bus_message_read(message, "s", &unit);
  if (result < 0) return result;
  if (strncmp(unit, run->prefix, strlen(run->prefix)) == 0) run->gone++;
  return 0;
}

static int answered(sd_bus_message *message, void *context, sd_bus_error *error) {
  (void)error;
  struct run *run = context;
  if (sd_bus_message_is_method_error(message, NULL)) run->failed = sd_bus_message_get_errno(message);
  return 0;
}

static int start(sd_bus *bus, struct run *run, int number, int properties) {
  char unit[64];
  snprintf(unit, sizeof unit, "%s%d.service", run->prefix, number);
  sd_bus_message *call;
  int result = sd_bus_message_new_method_call(
    bus, &call, "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
    "StartTransientUnit");
  if (result < 0) return result;
  if (result >= 0) result = sd_bus_message_append(call, "ss", unit, "fail");
  if (result >= 0) result = sd_bus_message_open_container(call, 'a', "(sv)");
  if (result >= 0)
    result = sd_bus_message_append(
      call, "(sv)(sv)(sv)", "Type", "s", "exec", "CollectMode", "s", "inactive-or-failed", "ExecStart", "a(sasb)", 1,
      "/bin/true", 1, "/bin/true", 0);
  if (result >= 0 && properties)
    result = sd_bus_message_append(
      call, "(sv)(sv)(sv)(sv)", "DynamicUser", "b", 1, "NoNewPrivileges", "b", 1, "OOMPolicy", "s", "kill",
      "SyslogIdentifier", "s", "bare");
  if (result >= 0) result = sd_bus_message_close_container(call);
  if (result >= 0) result = sd_bus_message_append(call, "a(sa(sv))", 0);
  if (result >= 0) result = sd_bus_call_async(bus, NULL, call, answered, run, 0);
  sd_bus_message_unref(call);
  return result;
}

static int run_all(sd_bus *bus, struct run *run, int tasks, int at_once, int properties) {
  int result = sd_bus_match_signal(
    bus, NULL, "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "UnitRemoved",
    unit_removed, run);
  if (result >= 0)
    result = sd_bus_call_method(
      bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "Subscribe", NULL,
      NULL, "");
  for (int started = 0; result >= 0 && run->gone < tasks;) {
    if (run->failed) return -run->failed;
    while (result >= 0 && started < tasks && started - run->gone < at_once) result = start(bus, run, started++, properties);
    if (result >= 0) result = sd_bus_process(bus, NULL);
    if (result == 0) result = sd_bus_wait(bus, UINT64_MAX);
  }
  return result;
}

int bare_units(int tasks, int at_once, int properties) {
  sd_bus *bus;
  int result = sd_bus_open_system(&bus);
  if (result < 0) return result;
  struct run run = {.gone = 0};
  snprintf(run.prefix, sizeof run.prefix, "bareunit-%d-", (int)getpid());
  result = run_all(bus, &run, tasks, at_once, properties);
  sd_bus_close_unref(bus);
  return result < 0 ? result : 0;
}
