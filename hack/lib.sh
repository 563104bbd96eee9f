# For the scripts of this folder: phases with their number and the time since the start.
# shellcheck shell=bash

SCRIPT_STARTED=${SCRIPT_STARTED:-$(date +%s)}
PHASE=0
PHASES=${PHASES:-0}

elapsed() {
  local seconds=$(($(date +%s) - SCRIPT_STARTED))
  printf '%dm%02ds' $((seconds / 60)) $((seconds % 60))
}

# phase TEXT: says what begins now. Set PHASES to the number of phases to have it shown.
phase() {
  PHASE=$((PHASE + 1))
  if ((PHASES > 0)); then
    printf '\n==> [%d/%d, %s] %s\n' "$PHASE" "$PHASES" "$(elapsed)" "$*"
  else
    printf '\n==> [%s] %s\n' "$(elapsed)" "$*"
  fi
}

say() { printf '    %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
