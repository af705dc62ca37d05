package dev.orrery.kernels.cuda;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a source is compiled for. Half of the compiler's time is spent on PTX, so that several
 * architectures share one where only its name would differ.
 *
 * @param stem of the source
 * @param machines architectures of its machine code, {@code 80} being sm_80
 */
record KernelTargets(String stem, List<String> machines) {
  private static final String HOPPER = "90a";

  /**
   * Whose PTX portable sources have, too: the same to the byte but for its name, as long as no
   * source asks {@code __CUDA_ARCH__} about more than 900.
   */
  private static final Map<String, String> SHARED_PTX = Map.of(HOPPER, "90", "120", "100");

  /**
   * PTX in the jar and what it is made for; drivers compile it for any later architecture.
   *
   * @param ending of its file
   */
  record Ptx(String architecture, String ending) {}

  /** For the oldest architecture, and for the oldest on which kernels may overlap. */
  private static final List<Ptx> PORTABLE_PTX =
      List.of(new Ptx("80", ".ptx"), new Ptx("90", ".ptx90"));

  private static final List<Ptx> HOPPER_PTX = List.of(new Ptx(HOPPER, ".ptx90"));

  /** The wanted architectures that the source can run on. */
  static KernelTargets of(String stem, List<String> wanted) {
    return new KernelTargets(
        stem, isHopper(stem) ? wanted.stream().filter(HOPPER::equals).toList() : wanted);
  }

  private static boolean isHopper(String stem) {
    return stem.endsWith("Hopper");
  }

  /** The PTX that the jar has of the source. */
  List<Ptx> ptx() {
    return isHopper(stem) ? HOPPER_PTX : PORTABLE_PTX;
  }

  /** Options of nvcc that name the architectures of the machine code. */
  List<String> options() {
    return byPtx().entrySet().stream()
        .map(
            entry ->
                "-gencode=arch=compute_%s,code=[sm_%s]"
                    .formatted(entry.getKey(), String.join(",sm_", entry.getValue())))
        .toList();
  }

  /** Name of the PTX that machine code was made of, as the compiler keeps it if it made it. */
  String kept(Ptx ptx) {
    return byPtx().size() == 1 && byPtx().containsKey(ptx.architecture())
        ? stem + ".ptx"
        : stem + ".compute_" + ptx.architecture() + ".ptx";
  }

  private Map<String, List<String>> byPtx() {
    return machines.stream()
        .collect(
            Collectors.groupingBy(
                machine -> isHopper(stem) ? machine : SHARED_PTX.getOrDefault(machine, machine),
                LinkedHashMap::new,
                Collectors.toList()));
  }
}
