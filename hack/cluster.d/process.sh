#!/usr/bin/env bash
# Runs inside the node: starts, ends and looks at the process of one component.
#
# Usage: process.sh start NAME COMMAND... | stop NAME | kill NAME | pause NAME | resume NAME | status NAME...
set -euo pipefail

readonly STOP_SECONDS=20

pid_file() { echo "/run/node/run/$1.pid"; }

# Its pid, if it runs.
pid_of() {
  local pid
  pid=$(cat "$(pid_file "$1")" 2>/dev/null) && [[ -e /proc/$pid/exe && $(state_of "$pid") != Z ]] && echo "$pid"
}

state_of() { sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null; }

start() {
  local name=$1
  shift
  ! pid_of "$name" >/dev/null || return 0
  setsid "$@" >>"/run/node/log/$name.log" 2>&1 </dev/null &
  echo $! >"$(pid_file "$name")"
}

# finish NAME SIGNAL: sends it and waits until the process is gone, by force in the end.
finish() {
  local pid i
  pid=$(pid_of "$1") || return 0
  kill "-$2" "$pid"
  kill -CONT "$pid" 2>/dev/null || true
  for ((i = 0; i < STOP_SECONDS * 20; i++)); do
    pid_of "$1" >/dev/null || return 0
    sleep 0.05
  done
  kill -KILL "$pid"
  while pid_of "$1" >/dev/null; do sleep 0.05; done
}

# A line each: name, pid, state, resident memory.
status() {
  local name pid
  for name in "$@"; do
    if pid=$(pid_of "$name"); then
      printf '%s\t%s\t%s\t%s\n' "$name" "$pid" "$(state_of "$pid" | sed 's/T/paused/; s/[A-Z]/running/')" \
        "$(awk '/^VmRSS/ { printf "%d MB", $2 / 1024 }' "/proc/$pid/status")"
    else
      printf '%s\t-\tstopped\t-\n' "$name"
    fi
  done
}

verb=$1
shift
case $verb in
  start) start "$@" ;;
  stop) finish "$1" TERM ;;
  kill) finish "$1" KILL ;;
  pause) kill -STOP "$(pid_of "$1")" ;;
  resume) kill -CONT "$(pid_of "$1")" ;;
  status) status "$@" ;;
esac
