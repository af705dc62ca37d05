#!/usr/bin/env bash
# Runs ./orrery, ./build and ./bench where people run them: in a fresh copy of this checkout whose path has blanks and umlauts,
# with an empty environment, in the locale C, with a broken JDK, twice at once, and with outputs that cannot be written.
# Part of ./build verify. Needs what Maven has downloaded before, and no network.
set -uo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
source "$root/bin/find-java.sh"
find_java || exit
work=$(mktemp -d)
copy="$work/Welt äöü 1"
results="$work/Ausgabe ß"
disk="$work/disk"
told="$work/told"
environment=(PATH="$PATH" JAVA_HOME="$JAVA_HOME" CUDA_HOME="$work/cuda")
failures=0
checks=0
skipped=0
trap 'kill $(jobs -p) 2>/dev/null; umount "$disk" 2>/dev/null; rm -rf "$work"' EXIT

# Runs a command with hardly more than a PATH in its environment. Leaves its exit code in $code, what it wrote in the file
# $told/out, and what it said in $said. Arguments: NAME=VALUE..., then the command.
run() {
  said=$({
    env -i "${environment[@]}" "$@" >"$told/out"
    echo $? >"$told/code"
  } 2>&1)
  code=$(<"$told/code")
}

# Arguments: what is checked, then a command that succeeds if it holds.
check() {
  checks=$((checks + 1))
  "${@:2}" && return 0
  failures=$((failures + 1))
  printf 'FAILED %s: code %s, it said\n%s\n' "$1" "$code" "$said" | sed '2,$s/^/    /'
}

is() { [ "$1" = "$2" ]; }
says() { [[ $said == *"$1"* ]]; }
says_not() { ! says "$1"; }
# After its progress.
says_one_line() { [[ $(tail -n 1 <<<"$said") == "orrery: "*"$1"* ]] && [ "$(grep -c '^orrery: ' <<<"$said")" = 1 ]; }
only() { [ "$(ls -A "$1")" = "$2" ]; }

# A Maven that notes what it is called with. Arguments: what else it does.
stub_maven() {
  rm -f "$work/mvn-calls"
  printf '#!/bin/sh\necho "$@" >>"%s/mvn-calls"\n%s\n' "$work" "$1" >"$work/stubs/mvn"
  chmod +x "$work/stubs/mvn"
}

# Waits until a file has a text.
await() {
  local tenths
  for tenths in {1..600}; do
    grep -qs "$2" "$1" && return 0
    sleep 0.1
  done
  return 1
}

make_copy() {
  local repository
  mkdir -p "$told" "$copy" "$results" "$disk" "$work/cuda/bin" "$work/stubs"
  if git -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
    (cd "$root" && git ls-files -z --cached --others --exclude-standard)
  else
    (cd "$root" && find . -name target -prune -o -type f -print0)
  fi | tar -C "$root" --null --ignore-failed-read -T - -cf - 2>/dev/null | tar -C "$copy" -xf -
  repository=$(sed -n 's/^repository=//p' "$root/cli/target/orrery.built" 2>/dev/null)
  ln -s "${repository:-${HOME:-}/.m2/repository}" "$work/repository"
  printf -- '-o\n-Dmaven.repo.local=%s\n' "$work/repository" >"$copy/.mvn/maven.config"
  # The nvcc of this environment.
  printf '#!/bin/sh\ntouch "%s/nvcc-was-called"\nexit 1\n' "$work" >"$work/cuda/bin/nvcc"
  chmod +x "$work/cuda/bin/nvcc"
}

first_run() {
  local began=$SECONDS first second
  env -i "${environment[@]}" LC_ALL=C "$copy/orrery" generate --output "$results/erste ü.mp4" \
    >"$work/first.out" 2>"$work/first" &
  first=$!
  await "$work/first" 'orrery: building (the'
  run "$copy/orrery" --version
  second=$code
  check "the second of two waits" is "$second" 0
  check "the second of two says so" says "orrery: waiting for another build of $copy to end"
  wait "$first"
  code=$?
  said=$(<"$work/first")
  printf 'launchers: the first run, to the finished video: %d s\n' $((SECONDS - began))
  check "the first run" is "$code" 0
  check "the path of the result" is "$(<"$work/first.out")" "$results/erste ü.mp4"
  check "the video" test -s "$results/erste ü.mp4"
  check "the part of the build" says "orrery: building Orrery Kernels (3 of 9)"
  check "no kernels without a GPU" test ! -e "$work/nvcc-was-called"
  check "no tests" test ! -e "$copy/kernels/target/test-classes" -a ! -e "$copy/model/target/test-classes"
}

environments() {
  local variable
  printf 'w*2\n' >"$results/Weg ü.txt"
  for variable in LC_ALL=POSIX LANG= LC_CTYPE=C; do
    run "$variable" "$copy/orrery" generate --image "kein Bild ü.png" --output "$results/ä.gif"
    check "messages in $variable" says_one_line "kein Bild ü.png: no such file"
  done
  run LC_ALL=C "$copy/orrery" generate --actions "@$results/Weg ü.txt" --frames 1 --output "$results/ö.gif"
  check "names in the locale C" is "$code:$(<"$told/out")" "0:$results/ö.gif"
  check "files in these locales" only "$results" "$(printf 'Weg ü.txt\nerste ü.mp4\nö.gif')"
  run TORNADOVM_HOME="$work/nirgends" "$copy/orrery" devices
  check "TornadoVM in no folder" says_one_line "TORNADOVM_HOME: not a folder: $work/nirgends"
  run TORNADOVM_HOME="$work" "$copy/orrery" generate --backend=tornado
  check "TornadoVM without an argument file" says_one_line "TORNADOVM_HOME: there is no tornado-argfile in $work"
  mkdir -p "$work/tornado"
  # What a template has whose folder was not filled in, and what the file of another JDK has.
  for variable in '--module-path ${TORNADOVM_HOME}/jars --add-modules tornado.runtime' '-XX:+NoSuchOption'; do
    printf '%s\n' "$variable" >"$work/tornado/tornado-argfile"
    run TORNADOVM_HOME="$work/tornado" "$copy/orrery" generate --backend tornado:1
    check "an argument file that does not fit" is "$code" 2
    check "an argument file that does not fit is named" says_one_line "Java does not start with $work/tornado/tornado-argfile"
  done
  run JAVA_TOOL_OPTIONS=-Dtornado.recover.bailout=True "$copy/orrery" generate --backend tornado
  check "TornadoVM's bailout" says_one_line "the system property tornado.recover.bailout has to be False"
  run JAVA_TOOL_OPTIONS=-Xmx1g JDK_JAVA_OPTIONS=-Da=b "$copy/orrery" --version
  check "notes of the JVM" is "$code:$said" "0:"
  run JAVA_TOOL_OPTIONS=-XX:+UseParallelGC "$copy/orrery" --version
  check "another collector" is "$code:$said" "0:"
  run JAVA_TOOL_OPTIONS=-XX:NoSuchOption "$copy/orrery" --version
  check "a JDK that does not start" says "Unrecognized VM option 'NoSuchOption'"
  check "a JDK that does not start ends it" is "$code" 1
  run JDK_JAVA_OPTIONS=-XX:NoSuchOption "$copy/build" --version
  check "a JDK that does not start ends a build" says "Unrecognized VM option 'NoSuchOption'"
  mkdir "$work/gone"
  run bash -c 'cd "$1" && rmdir "$1" && exec "$2" --version' bash "$work/gone" "$copy/orrery"
  check "a folder that is there no more" says_one_line "the folder in which it was called is there no more"
  ln -s "$copy/orrery" "$work/link"
  (cd / && run "$work/link" --version && check "through a link" is "$code:$said" "0:")
  ln -s "$copy/orrery-weights" "$work/weights"
  run "$work/weights" verify "$copy/models/demo-world"
  check "weights through a link" is "$code" 0
  run "$copy/orrery" generate --backend cuda --output "$results/a.gif"
  check "a GPU that is not there" says_one_line "--backend cuda: "
  check "no kernels for a GPU that is not there" test ! -e "$work/nvcc-was-called"
}

builds() {
  local tool pid
  touch "$copy/cli/src/main/java"
  run LC_ALL=C "$copy/build" -q -Dcuda.skip=true -DskipTests -pl cli -am package
  check "./build" is "$code" 0
  stub_maven 'exit 1'
  run PATH="$work/stubs:$PATH" "$copy/orrery" --version
  check "./build is a build for ./orrery" is "$code:$said" "0:"
  check "what ./build left out" grep -q '^cuda.left.out=true$' "$copy/cli/target/orrery.built"
  touch "$copy/cli/src/main/java"
  run PATH="$work/stubs:$PATH" "$copy/orrery" --version
  check "a build that fails" says "orrery: the build failed"
  check "what ./build left out stays out" grep -q -e -Dcuda.left.out=true "$work/mvn-calls"

  # Without flock there is another lock.
  for tool in bash env readlink dirname cat sed head grep find touch mkdir rm mv ln sleep ps locale tee sh; do
    ln -s "$(command -v "$tool")" "$work/stubs/$tool"
  done
  for tool in "$work/stubs:$PATH" "$work/stubs"; do
    stub_maven 'exec sleep 60'
    set -m
    env -i "${environment[@]}" PATH="$tool" "$copy/orrery" --version >/dev/null 2>&1 &
    pid=$!
    set +m
    await "$work/mvn-calls" package
    kill -KILL -- "-$pid"
    wait "$pid" 2>/dev/null
    stub_maven 'sleep 3'
    env -i "${environment[@]}" PATH="$tool" "$copy/orrery" --version >/dev/null 2>&1 &
    pid=$!
    await "$work/mvn-calls" package
    check "a builder that was killed has no lock" test -s "$work/mvn-calls"
    # Maven as it is when it has built.
    (sleep 1 && echo "began=$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$copy/cli/target/orrery.built") &
    run PATH="$tool" "$copy/orrery" --version
    check "a builder that lives has one" says "orrery: waiting for another build"
    check "what was built meanwhile is not built again" is "$code:$(wc -l <"$work/mvn-calls")" "0:1"
    wait "$pid"
    touch "$copy/cli/src/main/java"
  done
  touch -d "1 hour ago" "$copy/cli/src/main/java"
}

outputs() {
  local arguments demo="$copy/models/demo-world"
  for arguments in --help --version weights "info --json" "weights verify demo" "generate --frames 1 --output gif"; do
    read -ra words <<<"$arguments"
    words=("${words[@]/#demo/$demo}")
    words=("${words[@]/#gif/$results/a.gif}")
    said=$({ "$copy/orrery" "${words[@]}" >/dev/full; echo $? >"$told/code"; } 2>&1)
    code=$(<"$told/code")
    check "$arguments to a full disk" is "$code" 1
    check "$arguments to a full disk: one line" says_one_line "the standard output cannot be written (No space left"
    said=$({ { "$copy/orrery" "${words[@]}"; echo $? >"$told/code"; } | exec 0<&-; } 2>&1)
    code=$(<"$told/code")
    check "$arguments to a closed pipe" is "$code" 141
    check "$arguments to a closed pipe: quiet" says_not "orrery: "
  done
  said=$({ "$copy/orrery" info >&-; echo $? >"$told/code"; } 2>&1)
  code=$(<"$told/code")
  check "a closed output" says_one_line "the standard output is closed"
  "$copy/orrery" info >/dev/null 2>&- <&-
  code=$?
  check "other streams closed" is "$code" 0
}

full_disk() {
  local output
  if ! mount -t tmpfs -o size=1m none "$disk" 2>/dev/null; then
    skipped=$((skipped + 1))
    echo "launchers: skipped the full disk, as no tmpfs can be mounted here"
    return
  fi
  head -c $((1048576 - 4096)) /dev/zero >"$disk/filler"
  for output in a.mp4 a.gif frames; do
    run "$copy/orrery" generate --frames 12 --output "$disk/$output"
    check "$output on a full disk" is "$code" 1
    check "$output on a full disk: one line" says_one_line "$disk/$output: cannot be written (No space left on device)"
    check "$output on a full disk: nothing is left" only "$disk" filler
  done
  run "$copy/orrery" weights quantize "$copy/models/demo-world/dit.safetensors" "$disk/a.safetensors" --format int8
  check "weights on a full disk" is "$code" 1
  check "weights on a full disk: one line" says_one_line "No space left on device"
  check "weights on a full disk: nothing is left" only "$disk" filler
}

benchmarks() {
  local words result
  for words in --help help "quick --help" "peers --help" "Matmul -h"; do
    read -ra words <<<"$words"
    run "$copy/bench" "${words[@]}"
    check "./bench ${words[*]}" is "$code:$said:$(head -c 14 "$told/out")" "0::Usage: ./bench"
  done
  run "$copy/bench" quick --nothing
  check "an option that ./bench has not" says_one_line "there is no option --nothing"
  check "an option that ./bench has not ends it" is "$code" 2
  check "help builds nothing" test ! -e "$copy/benchmarks/target"
  # Others may measure on this machine, too.
  run LC_ALL=C JAVA_TOOL_OPTIONS=-Djmh.ignoreLock=true "$copy/bench" timestepembedding
  check "./bench of one benchmark" is "$code" 0
  result=$(tail -n 1 "$told/out")
  check "results of ./bench" test -s "$copy/$result"
  for words in compare check; do
    run "$copy/bench" "$words" "$copy/$result" "$copy/$result"
    check "./bench $words" is "$code" 0
    check "./bench $words finds what was measured" grep -q -e "TimestepEmbedding size=3x256" -e "^Nothing is slower" "$told/out"
  done
  run "$copy/bench" nothing
  check "a benchmark that is not there" says_one_line "there is no benchmark nothing; there are Add, "
  check "a benchmark that is not there ends it" is "$code" 2
  run "$copy/bench" sessions "$results/kein ü"
  check "a model that is not there" says_one_line "$results/kein ü: expected a model folder, found nothing"
  check "a model that is not there ends it" is "$code" 2
  run "$copy/bench" check "$results/kein ü.json"
  check "a baseline that is not there" says_one_line "there is no baseline of this machine"
  check "other libraries are not downloaded" test ! -e "$copy/benchmarks-peers/target"
}

# Arguments: names of parts.
run_parts() {
  local part began
  for part; do
    began=$SECONDS
    "$part"
    echo "launchers: $part: $((SECONDS - began)) s"
  done
}

# The same beside what follows, until await_parts.
start_parts() {
  (
    told="$work/told-beside"
    checks=0 failures=0 skipped=0
    mkdir "$told"
    run_parts "$@"
    echo "$checks $failures $skipped" >"$work/counts"
  ) >"$work/beside" 2>&1 &
}

await_parts() {
  local more_checks=0 more_failures=1 more_skipped=0
  wait
  cat "$work/beside"
  read -r more_checks more_failures more_skipped <"$work/counts"
  checks=$((checks + more_checks)) failures=$((failures + more_failures)) skipped=$((skipped + more_skipped))
}

make_copy
if [ $# -gt 0 ]; then
  run_parts "$@"
else
  run_parts first_run environments
  # Both take the program as it is, each with a core of its own.
  start_parts outputs full_disk
  run_parts benchmarks
  await_parts
  run_parts builds
fi
echo "launchers: $checks checks, $failures failed, $skipped skipped"
[ "$failures" = 0 ]
