# Sourced by ./build and ./orrery, never run. Needs bash.

# Prints the major version of the Java whose home is given; prints nothing if there is none.
java_major() {
  [ -x "$1/bin/java" ] || return 0
  "$1/bin/java" -version 2>&1 | sed -n 's/^.* version "\([0-9]*\).*/\1/p' | head -n 1
}

# Sets and exports JAVA_HOME to the home of a JDK 25 or newer, or explains what is missing and fails.
# Order: JAVA_HOME, the java on the PATH, then the usual places; the first that fits wins.
find_java() {
  local on_path home
  local -a homes=()
  [ -n "${JAVA_HOME:-}" ] && homes+=("$JAVA_HOME")
  if on_path=$(command -v javac); then
    homes+=("$(dirname "$(dirname "$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")")")")
  fi
  homes+=(/usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*
    /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/*)
  for home in "${homes[@]}"; do
    if [ -x "$home/bin/javac" ] && [ "$(java_major "$home")" -ge 25 ] 2>/dev/null; then
      export JAVA_HOME=$home
      return 0
    fi
  done
  cat >&2 <<MISSING
orrery: no JDK 25 or newer found (looked at JAVA_HOME, the PATH, /usr/lib/jvm, ~/.sdkman, ~/.jdks, /Library/Java, /opt).
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
