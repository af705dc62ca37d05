# Sourced by ./orrery and ./orrery-weights after bin/find-java.sh, never run. Needs bash.

# Builds a program if it is missing or older than its sources.
# Arguments: the program's name, its module, then all modules that it is made of.
build_program() {
  local program=$1 module=$2 built=$root/$2/target/$1.built part
  shift 2
  local -a sources=("$root/pom.xml")
  for part in "$@"; do
    sources+=("$root/$part/pom.xml" "$root/$part/src/main")
  done
  if [ -e "$built" ] && [ -z "$(find "${sources[@]}" -newer "$built" -print -quit)" ]; then
    return 0
  fi
  need_maven
  echo "$program: building (the first time downloads about 60 MB of libraries, and compiles CUDA kernels if there is nvcc)" >&2
  mkdir -p "$root/$module/target"
  touch "$built.started"
  rm -rf "$root/$module/target/lib" # or libraries of older versions would stay on the class path
  if ! (cd "$root" && mvn -B -pl "$module" -am package -DskipTests </dev/null >"$built.log" 2>&1); then
    grep -E '^\[(ERROR|WARNING)\]' "$built.log" | head -n 20 >&2 || true
    echo "$program: the build failed; all of its output is in $built.log" >&2
    exit 1
  fi
  mv "$built.started" "$built"
}

# The first line the JVM prints is a warning that the Vector API incubates, which no option turns
# off and which tells a user nothing. What follows passes through as it comes; Ctrl-C is for the
# JVM, whose last words still have to pass.
without_incubator_warning() {
  trap '' INT
  if IFS= read -r line; then
    [[ $line == "WARNING: Using incubator modules: "* ]] || printf '%s\n' "$line"
    exec cat
  fi
  printf '%s' "$line"
}

# Becomes the program. Arguments: its module, its main class, then what the user gave.
# One thread collects garbage, from a small young generation: weights and caches lie outside the
# heap, and what is not collected soon would only make the process larger.
run_program() {
  local module=$1 main=$2
  shift 2
  exec "$JAVA_HOME/bin/java" \
    --add-modules jdk.incubator.vector \
    --enable-native-access=ALL-UNNAMED \
    -Djava.awt.headless=true \
    -XX:+UseSerialGC \
    -Xmn16m \
    -Dorrery.home="$root" \
    -cp "$root/$module/target/classes:$root/$module/target/lib/*" \
    "$main" "$@" \
    2> >(without_incubator_warning >&2)
}
