# Sourced by ./build, ./orrery and ./gpu, never run. Needs bash.

# Sets and exports JAVA_HOME to the home of a JDK 25 or newer, or explains what is missing and fails.
# Order: JAVA_HOME, the java on the PATH, then the usual places; the first that fits wins.
find_java() {
  local on_path home said major broken='' broken_said=''
  local -a homes=()
  [ -n "${JAVA_HOME:-}" ] && homes+=("$JAVA_HOME")
  if on_path=$(command -v javac); then
    homes+=("$(dirname "$(dirname "$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")")")")
  fi
  homes+=(/usr/lib/jvm/* "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/*
    /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/*)
  for home in "${homes[@]}"; do
    [ -x "$home/bin/javac" ] || continue
    if ! said=$("$home/bin/java" -version 2>&1); then
      [ -n "$broken" ] || { broken=$home && broken_said=$said; }
      continue
    fi
    major=$(sed -n 's/^.* version "\([0-9]*\).*/\1/p' <<<"$said" | head -n 1)
    if [ "${major:-0}" -ge 25 ]; then
      export JAVA_HOME=$home
      return 0
    fi
  done
  local looked="looked at JAVA_HOME, the PATH, /usr/lib/jvm, ~/.sdkman, ~/.jdks, /Library/Java, /opt"
  if [ -n "$broken" ]; then
    if ! env pwd >/dev/null 2>&1; then
      echo "orrery: the folder in which it was called is there no more; change to another one" >&2
      return 1
    fi
    printf 'orrery: the JDK in %s does not start; it says:\n%s\n' "$broken" "$broken_said" >&2
    echo "orrery: no other JDK 25 or newer found ($looked)" >&2
    return 1
  fi
  cat >&2 <<MISSING
orrery: no JDK 25 or newer found ($looked).
Install one, for example from https://adoptium.net or with 'sdk install java 25-tem', or set JAVA_HOME to it.
MISSING
  return 1
}

# Fails with an explanation if there is no Maven on the PATH.
need_maven() {
  command -v mvn >/dev/null && return 0
  cat >&2 <<MISSING
orrery: Maven (mvn) is not on the PATH. Version 3.8.7 or newer is needed to build:
'apt install maven', 'brew install maven', 'sdk install maven', or https://maven.apache.org.
MISSING
  return 1
}

# Where the locale knows ASCII only, as the one called C, Java loses all other letters of arguments and file names:
# chooses a locale with UTF-8 for this process and those that it starts. Other locales say what the bytes mean and stay.
# Arguments: what the user gave. Fails if there is no such locale and they need one.
use_utf8() {
  local charmap name asked=${LC_ALL:-${LC_CTYPE:-${LANG:-}}}
  charmap=$(locale charmap 2>/dev/null || true)
  case $charmap:$asked in
    ANSI_X3.4-1968:* | US-ASCII:*) ;;
    : | :C | :POSIX) export LC_ALL=C.UTF-8 && return 0 ;; # without the program 'locale', as on Alpine
    *) return 0 ;;
  esac
  for name in C.UTF-8 C.utf8 en_US.UTF-8 en_US.utf8; do
    if [ "$(LC_ALL=$name locale charmap 2>/dev/null)" = UTF-8 ]; then
      export LC_ALL=$name
      return 0
    fi
  done
  case $root$* in
    *[!\ -~]*)
      echo "orrery: Java cannot read letters outside ASCII here: there is no locale C.UTF-8 or en_US.UTF-8, and the locale" \
        "'${asked:-C}' has none; install one, or use ASCII in arguments and folders" >&2
      return 1
      ;;
  esac
}
