# Sourced by ./build and ./orrery, never run. Needs bash.

# Waits until nobody else builds the checkout in the folder $root, then keeps others waiting until unlock_build. The lock
# ends with this process and those that it started, however they end.
lock_build() {
  local status=0
  if ! command -v flock >/dev/null; then
    lock_by_link
    return
  fi
  exec 9<"$root"
  flock -n 9 2>/dev/null || status=$?
  case $status in
    0) ;;
    1) say_waiting && flock 9 ;;
    *) lock_by_link ;; # the file system has no locks
  esac
}

unlock_build() {
  exec 9<&-
  rm -f "${lock_link:-}"
}

say_waiting() {
  echo "orrery: waiting for another build of $root to end" >&2
}

# Where there is no flock, as on macOS: a link that is made in one step and names the process whose it is.
lock_by_link() {
  local owner said=false
  lock_link=$root/.build-lock
  until ln -s "$$" "$lock_link" 2>/dev/null; do
    [ -w "$root" ] || { echo "orrery: $root cannot be written" >&2 && return 1; }
    owner=$(readlink "$lock_link") || continue
    if ! ps -p "$owner" >/dev/null 2>&1; then
      # Moved first, as somebody else may have removed it meanwhile and made a new one.
      mv "$lock_link" "$lock_link.$$" 2>/dev/null || continue
      [ "$(readlink "$lock_link.$$")" = "$owner" ] || mv "$lock_link.$$" "$lock_link"
      rm -f "$lock_link.$$"
      continue
    fi
    $said || say_waiting
    said=true
    sleep 1
  done
  trap 'rm -f "$lock_link"' EXIT
}
