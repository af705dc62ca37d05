#!/usr/bin/env bash
# Verifies and measures the CUDA backend on the GPU of this machine. Needs nothing but the driver; with python3 and
# PyTorch it also compares with PyTorch, with compute-sanitizer it also looks for races and stray accesses.
#
#   verify.sh [--emulated] [OUT_DIR] [SECTION...]
#
# Sections: tiles kernels questions counters model launches rollout bench sanitizer (all of them if none is named), in
# the order in which they settle what is not known. OUT_DIR (./results) gets a log for each and results.json. The exit
# status is 0 if nothing failed. --emulated runs the tests on the emulated driver,
# which needs g++ and shows that this archive works; there is nothing to measure then.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

all_sections=(tiles kernels questions counters model launches rollout bench sanitizer)

# Seconds each section may take. Those up to `launches` are done in ten minutes, all in a quarter of an hour.
declare -A limits=([tiles]=25 [kernels]=110 [questions]=45 [counters]=90 [model]=135 [launches]=180 [rollout]=95
  [bench]=105 [sanitizer]=105)

# What the section `launches` has for measuring: planning the models takes the rest.
launches_seconds=130

# The emulated driver runs on the CPU and compiles the kernels first.
emulated_limit=900

# Kernels for the sanitizer: every way that tiles get into shared memory.
sanitized='.*\.(Tiles|Matmul(Int8|Fp8|Int4)?|Attention(Int8)?|CausalConv3d|RmsNormRope)CudaTest'

# A checkout, where the archive was packed without fixtures.
project=${ORRERY_ROOT:-$here/project}

if [ -d /usr/local/nvidia/lib64 ]; then # containers have the driver there
  export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}/usr/local/nvidia/lib64
fi

java=("$here/jre/bin/java" -XX:-UsePerfData --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED
  "-Dproject.root=$project" "-Dgolden.dir=$project/model/src/test/resources/golden")

# Sets `emulated`, `out` and `sections` from the arguments.
read_arguments() {
  emulated=false
  if [ "${1:-}" = --emulated ]; then
    emulated=true
    shift
  fi
  out=${1:-results}
  [ $# -eq 0 ] || shift
  sections=("$@")
  [ $# -gt 0 ] || sections=("${all_sections[@]}")
  local name
  for name in "${sections[@]}"; do
    if [ -z "${limits[$name]:-}" ]; then
      echo "verify.sh: there is no section $name; there are: ${all_sections[*]}" >&2
      exit 2
    fi
  done
  mkdir -p "$out"
  out=$(cd "$out" && pwd -P)
}

# ---- sections: each prints its log and ends with 0 if it passed, 3 if there is nothing to do ----

# The tests of a jar whose classes match a pattern, on the GPU or the emulated driver.
tests() {
  local jar=$1 classes=$2
  shift 2
  local device=(-DrequireGpu=true)
  if $emulated; then device=(-DrequireEmulator=true); fi
  "$@" "${java[@]}" "${device[@]}" -cp "$here/tests/*:$here/lib/*" org.junit.platform.console.ConsoleLauncher execute \
    --scan-classpath "$here/tests/$jar.jar" --include-classname "$classes" --fail-if-no-tests \
    --disable-banner --disable-ansi-colors --details=testfeed --single-color 2>&1
}

section_tiles() {
  tests kernels '.*\.TilesCudaTest'
}

section_kernels() {
  tests kernels '.*\.(?!Tiles)\w*Cuda(Backend)?Test'
}

# Rollouts against the fixtures, on the CPU and on the GPU, and whole sessions. With a checkout also each network of every
# model, and networks with quantised weights beside themselves without; the tests against fixtures that are left out know
# no GPU, or need the demo world.
section_rollout() {
  local classes='((matrixgame2|worldplay|worldplayhy)\.\w*RolloutGolden|CudaSession|WorldPlaySession)Test'
  if [ -n "${ORRERY_ROOT:-}" ]; then
    classes+='|(?!DemoWorld|Kernel|Operation|Retrieval|Trajectory)\w*GoldenTest|\w+QuantizationTest'
  fi
  cd "$project/model" && tests model ".*\\.($classes)"
}

section_sanitizer() {
  local sanitizer tool
  if $emulated; then
    echo "the emulated driver checks every access by itself" && return 3
  fi
  sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null)
  if [ -z "$sanitizer" ]; then
    echo "compute-sanitizer is not on this machine" && return 3
  fi
  for tool in memcheck racecheck; do
    echo "== $tool"
    tests kernels "$sanitized" "$sanitizer" --tool "$tool" --target-processes all --error-exitcode 9 || return
  done
}

section_bench() {
  if $emulated; then
    echo "there is nothing to measure on the emulated driver" && return 3
  fi
  local report=("${java[@]}" -cp "$here/lib/*" dev.orrery.benchmarks.GpuReport)
  local peers=()
  if python3 -c 'import torch' 2>/dev/null; then
    echo "== PyTorch"
    "${report[@]}" --cases "$out/cases.json" || return
    if timeout -k 5 65 python3 "$here/peers.py" "$out/cases.json" "$out/peers.json" 45 2>&1; then
      peers=("$out/peers.json")
    else
      echo "peers.py failed; there is nothing to compare with"
    fi
  else
    echo "python3 has no PyTorch; there is nothing to compare with"
  fi
  echo "== Orrery"
  "${report[@]}" "$out/bench.json" "${peers[@]}"
}

# Launches of released models beside their predictions, from the sources that are below `project`.
launch_report() {
  if $emulated; then
    echo "there is nothing to measure on the emulated driver" && return 3
  fi
  "$@" "${java[@]}" -cp "$here/lib/*" dev.orrery.benchmarks.GpuLaunchReport "${report[@]}"
}

section_questions() {
  local report=(--questions "$project" "$out/questions.json" "$out/overlap.json" 25)
  launch_report
}

section_launches() {
  local report=("$project" "$out/launches.json" "$launches_seconds")
  launch_report
}

# What the questions' launches do inside, where NVIDIA's profiler is: bytes from L2, instructions, shared memory.
section_counters() {
  local profiler report=(--once "$project")
  local counters=gpu__time_duration.sum,lts__t_bytes.sum,l1tex__m_xbar2l1tex_read_bytes.sum,sm__inst_issued.sum
  profiler=$(command -v ncu || ls /usr/local/cuda/bin/ncu 2>/dev/null)
  if [ -z "$profiler" ]; then
    echo "ncu is not on this machine" && return 3
  fi
  launch_report "$profiler" --csv --target-processes all --kernel-name-base function \
    --kernel-name 'regex:matmul|attention|conv' \
    --metrics "$counters,l1tex__data_pipe_lsu_wavefronts_mem_shared.sum"
}

section_model() {
  if $emulated; then
    echo "there is nothing to measure on the emulated driver" && return 3
  fi
  folder=$(mktemp -d "${TMPDIR:-/tmp}/orrery-model.XXXXXX") || return
  trap 'rm -rf "$folder"' EXIT
  "${java[@]}" -cp "$here/lib/*" dev.orrery.benchmarks.GpuModelReport "$project" "$folder/model" "$out/model.json"
}

# ---- running sections ----

# What a log says of its outcome in a few words, without characters that JSON would want escaped.
summary() {
  local counts failure
  counts=$(awk '
    /^\[ *[0-9]+ tests successful *\]$/ { passed += $2; seen = 1 }
    /^\[ *[0-9]+ tests failed *\]$/ { failed += $2 }
    /^\[ *[0-9]+ tests (skipped|aborted) *\]$/ { skipped += $2 }
    END { if (seen) printf "%d tests passed, %d failed, %d skipped", passed, failed, skipped }' "$1")
  failure=$(grep -hoE '(\w+(Exception|Error)|FAILED.*): .*' "$1" | head -n 1)
  echo "$counts${failure:+${counts:+; }$failure}" | tr -d '"\\\t' | cut -c 1-160
}

# What a section that was stopped was at: the test that has started last, or the last line.
running() {
  local test
  test=$(awk '/ :: STARTED$/ { last = $0 } / :: (SUCCESSFUL|FAILED|ABORTED)$/ { last = "" } END { print last }' "$1")
  echo "${test:-$(grep . "$1" | tail -n 1)}" | sed 's/ :: STARTED$//' | tr -d '"\\\t' | cut -c 1-160
}

# Runs a section in a process of its own and adds it to the results.
run_section() {
  local name=$1 limit=${limits[$1]} start=$SECONDS status result
  if $emulated; then limit=$emulated_limit; fi
  local log=$out/$name.log
  printf '%-10s ' "$name"
  if [ -n "$unavailable" ]; then
    echo "$unavailable" >"$log"
    status=1
  else
    local arguments=(--section "$name" "$out")
    if $emulated; then arguments=(--emulated "${arguments[@]}"); fi
    timeout -k 10 "$limit" "$here/verify.sh" "${arguments[@]}" >"$log" 2>&1
    status=$?
  fi
  case $status in
    0) result="passed" ;;
    3) result="left out" ;;
    124 | 137) result="failed: stopped after $limit s in $(running "$log")" ;;
    *) result="failed" ;;
  esac
  local words
  words=$([ $status = 3 ] && tail -n 1 "$log" || echo "${unavailable:-$(summary "$log")}")
  result=$result${words:+: $words}
  if [ "$status" != 0 ] && [ "$status" != 3 ]; then failures=$((failures + 1)); fi
  local seconds=$((SECONDS - start))
  rows+=("    {\"name\": \"$name\", \"result\": \"$result\", \"seconds\": $seconds}")
  printf '%4d s  %s\n' $seconds "$result"
}

# One line about the GPU: sets `gpu`, `driver` and, if there is none to use, `unavailable`.
find_gpu() {
  unavailable=""
  driver=unknown
  if $emulated; then
    gpu="emulated"
    return
  fi
  if ! gpu=$("${java[@]}" -cp "$here/lib/*" dev.orrery.benchmarks.GpuReport --device 2>&1); then
    unavailable=$(tail -n 1 <<<"$gpu" | tr -d '"\\')
    gpu="none"
    return
  fi
  gpu=$(tail -n 1 <<<"$gpu")
  if command -v nvidia-smi >/dev/null; then
    driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -n 1)
    nvidia-smi -q >"$out/nvidia-smi.txt"
  fi
}

write_results() {
  {
    echo "{"
    echo "  \"gpu\": \"$gpu\","
    echo "  \"driver\": \"$driver\","
    echo "  \"date\": \"$(date -u +%Y-%m-%d)\","
    echo "  \"commit\": \"$(cat "$here/commit")\","
    echo "  \"sections\": ["
    local joined
    joined=$(printf '%s,\n' "${rows[@]}")
    echo "${joined%,}"
    printf '  ]'
    local part
    for part in questions overlap launches bench model; do
      if [ -s "$out/$part.json" ]; then
        printf ',\n  "%s": ' "$part"
        cat "$out/$part.json"
      fi
    done
    printf '\n}\n'
  } >"$out/results.json"
}

main() {
  read_arguments "$@"
  rm -f "$out"/*.log "$out"/{results,questions,overlap,launches,bench,model,peers,cases}.json
  find_gpu
  echo "GPU: $gpu${unavailable:+ ($unavailable)}"
  rows=()
  failures=0
  local name
  for name in "${sections[@]}"; do
    run_section "$name"
  done
  write_results
  echo "$SECONDS s in all; logs and results.json are in $out"
  [ $failures = 0 ]
}

# Called for one section by run_section.
one_section() {
  emulated=false
  if [ "$1" = --emulated ]; then
    emulated=true
    shift
  fi
  out=$3
  "section_$2"
}

case "${1:-} ${2:-}" in
  "--section "* | "--emulated --section") one_section "$@" ;;
  *) main "$@" ;;
esac
