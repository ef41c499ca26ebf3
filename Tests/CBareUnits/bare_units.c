#include "bare_units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

struct run {
  sd_bus *bus;
  int gone;
  int failed;
  char prefix[32];
  // Of each unit, that it was released; NULL where none is kept.
  char *released;
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

static int ignored(sd_bus_message *message, void *context, sd_bus_error *error) {
  (void)message, (void)context, (void)error;
  return 0;
}

// Releases a unit that has ended and stays.
static int changed(sd_bus_message *message, void *context, sd_bus_error *error) {
  (void)error;
  struct run *run = context;
  char *unit;
  if (sd_bus_path_decode(sd_bus_message_get_path(message), "/org/freedesktop/systemd1/unit", &unit) <= 0) return 0;
  size_t length = strlen(run->prefix);
  int number = strncmp(unit, run->prefix, length) == 0 ? atoi(unit + length) : -1;
  const char *interface, *key, *state;
  int result = sd_bus_message_read(message, "s", &interface);
  if (result >= 0) result = sd_bus_message_enter_container(message, 'a', "{sv}");
  while (result >= 0 && number >= 0 && (result = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
    result = sd_bus_message_read(message, "s", &key);
    if (result >= 0 && strcmp(key, "SubState") == 0) {
      result = sd_bus_message_read(message, "v", "s", &state);
      if (result >= 0 && strcmp(state, "exited") == 0 && !run->released[number]) {
        run->released[number] = 1;
        result = sd_bus_call_method_async(
          run->bus, NULL, "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
          "StopUnit", ignored, NULL, "ss", unit, "replace");
      }
    } else if (result >= 0) {
      result = sd_bus_message_skip(message, "v");
    }
    if (result >= 0) result = sd_bus_message_exit_container(message);
  }
  free(unit);
  return result < 0 ? result : 0;
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
  if (result >= 0 && run->released != NULL) result = sd_bus_message_append(call, "(sv)", "RemainAfterExit", "b", 1);
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
  if (result >= 0 && run->released != NULL)
    result = sd_bus_add_match(
      bus, NULL,
      "type='signal',sender='org.freedesktop.systemd1',interface='org.freedesktop.DBus.Properties',"
      "member='PropertiesChanged',path_namespace='/org/freedesktop/systemd1/unit'",
      changed, run);
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
  struct run run = {.bus = bus, .gone = 0};
  if (properties == 2) run.released = calloc((size_t)tasks, 1);
  snprintf(run.prefix, sizeof run.prefix, "bareunit-%d-", (int)getpid());
  result = run_all(bus, &run, tasks, at_once, properties);
  sd_bus_close_unref(bus);
  free(run.released);
  return result < 0 ? result : 0;
}
