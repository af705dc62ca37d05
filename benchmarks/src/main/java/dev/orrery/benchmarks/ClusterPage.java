package dev.orrery.benchmarks;

import dev.orrery.model.session.LatentDecoder;
import dev.orrery.runtime.checkpoint.Quantization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The part of {@code docs/cuda-kernels.md} that says what clusters of two blocks, which bring the
 * weight of their tiles from L2 once, save of products by wgmma.
 */
final class ClusterPage {
  /** What of a chunk a shape has to take to be listed. */
  private static final double LISTED = 0.005;

  private static final String PAGE =
      """

      ## Clusters of two

      Alone, blocks of most products by wgmma wait for L2. Two blocks of a cluster, whose tiles have the same columns, ask it for
      half of the weight each, and both receive all of it (`.multicast::cluster`): of a slice of 128 x 256 a block asks for 32 KB
      in place of 48. `MatmulHopperPlan` says where that pays; the predictions above are of it. What is assumed beside what is
      assumed above:

      - What binds is L2 and the way out of it, the %.0f bytes a cycle for each of all multiprocessors, not the way into one of
        them, which takes %.0f a cycle. If it is the way in, clusters save nothing.
      - All %d multiprocessors have one to be paired with: NVIDIA's paper on the H100 puts them into %d pairs (TPCs), of which
        groups (GPCs) are made, and a cluster lies in a group.
      - A launch waits twice for the other block of a cluster: until its barriers are there, and before one leaves. Both take two
        ways of %.0f cycles (arXiv 2402.13499). That two blocks have to release a slot, the other slots hide.
      - Both take their tiles together, so an odd number of rows of tiles leaves some blocks nothing to compute.

      What that saves depends on how much power is left. At the peak of tensor cores, which the count above takes products
      to have, a slice takes 1024 cycles in place of 1260. At the %.0f %% that were measured of a
      library's largest product it takes %.0f, and where a tile ends in between, L2 already catches up.

      | Model | Weights | Decoder | ms a chunk without | products by wgmma | saved at the peak | %% of the chunk | saved at %.0f %% | %% of the chunk | frames a second without | in clusters |
      |---|---|---|---:|---:|---:|---:|---:|---:|---:|---|
      %s

      %s
      Shapes that take at least %.1f %% of a chunk with the full decoder; us are those of a launch:

      | Model | Operation | Shape | Calls | Rounds | us without | bound by | in clusters | Rounds | us | at %.0f %% without | in clusters |
      |---|---|---|---:|---:|---:|---|---|---:|---:|---:|---:|
      %s
      """;

  private static final String DECISION =
      """
      By this count they save a percent and more of Matrix-Game 2.0 in bf16 and fp8, and of WorldPlay-5B in fp8, whatever the
      power; elsewhere only where there is more than was measured. How they work, and what a GPU is asked about them, is in
      [Matmul](kernels/Matmul.md#clusters-of-two).
      """;

  /** Launches without clusters and with them, for a share of the peak that tensor cores sustain. */
  private static final class Count {
    private final CudaCost alone;
    private final CudaCost paired;
    private final Map<String, LaunchCost> known = new HashMap<>();
    private final Map<String, LaunchCost> knownPaired = new HashMap<>();

    Count(Path root, double tensorShare) {
      alone = new CudaCost(root, new MatmulCost.Hopper(tensorShare, false));
      paired = new CudaCost(root, new MatmulCost.Hopper(tensorShare, true));
    }

    LaunchCost alone(PlannedLaunch launch) {
      return known.computeIfAbsent(launch.name(), name -> alone.of(launch));
    }

    LaunchCost paired(PlannedLaunch launch) {
      return knownPaired.computeIfAbsent(launch.name(), name -> paired.of(launch));
    }

    /** Seconds that clusters save. */
    double saved(List<PlannedLaunch> launches) {
      return launches.stream()
          .mapToDouble(launch -> alone(launch).seconds() - paired(launch).seconds())
          .sum();
    }
  }

  private final Count peak;
  private final Count sustained;

  private ClusterPage(Path root) {
    peak = new Count(root, 1);
    sustained = new Count(root, HopperRates.SUSTAINED_SHARE);
  }

  /**
   * The text.
   *
   * @param root of the checkout
   */
  static String text(Path root) {
    return new ClusterPage(root).text();
  }

  /** What clusters save of a chunk. */
  record Saving(int frames, double seconds, double products, double atThePeak, double sustained) {
    double framesPerSecond(double saved) {
      return frames / (seconds - saved);
    }
  }

  /** The same with the sources of a checkout. */
  static Saving saving(Path root, FamilyLaunches.Chunk chunk) {
    return new ClusterPage(root).saving(chunk);
  }

  private Saving saving(FamilyLaunches.Chunk chunk) {
    List<PlannedLaunch> products = chunk.launches().stream().filter(this::isProduct).toList();
    return new Saving(
        chunk.frames(),
        seconds(chunk.launches()),
        seconds(products),
        peak.saved(products),
        sustained.saved(products));
  }

  private double seconds(List<PlannedLaunch> launches) {
    return launches.stream().mapToDouble(launch -> peak.alone(launch).seconds()).sum();
  }

  private boolean isProduct(PlannedLaunch launch) {
    return peak.alone(launch).kernel().matches("Matmul(Int8|Fp8)?Hopper .*");
  }

  private String text() {
    List<String> totals = new ArrayList<>();
    List<String> shapes = new ArrayList<>();
    for (CudaCostPage.Model model : CudaCostPage.MODELS) {
      for (Quantization form : new Quantization[] {null, Quantization.INT8, Quantization.FP8}) {
        for (LatentDecoder decoder : List.of(LatentDecoder.VAE, LatentDecoder.TAEHV)) {
          FamilyLaunches.Chunk chunk = FamilyLaunches.onGpu(model.family(), form, decoder);
          totals.add(total(model, form, decoder, saving(chunk)));
          if (decoder == LatentDecoder.VAE) {
            shapes.addAll(shapes(model, chunk));
          }
        }
      }
    }
    double share = 100 * HopperRates.SUSTAINED_SHARE;
    return String.format(
        Locale.ROOT,
        PAGE,
        HopperRates.L2_BYTES,
        HopperRates.RECEIVED_BYTES,
        HopperRates.MULTIPROCESSORS,
        HopperRates.MULTIPROCESSORS / 2,
        HopperRates.NEIGHBOUR_LATENCY,
        share,
        1024 / HopperRates.SUSTAINED_SHARE,
        share,
        String.join("\n", totals),
        DECISION,
        100 * LISTED,
        share,
        shapes.stream().distinct().collect(Collectors.joining("\n")));
  }

  private static String total(
      CudaCostPage.Model model, Quantization form, LatentDecoder decoder, Saving saving) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %.0f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f to %.1f |",
        model.name(),
        form == null ? "bf16" : GpuCase.name(form),
        decoder.id(),
        1e3 * saving.seconds(),
        1e3 * saving.products(),
        1e3 * saving.atThePeak(),
        100 * saving.atThePeak() / saving.seconds(),
        1e3 * saving.sustained(),
        100 * saving.sustained() / saving.seconds(),
        saving.framesPerSecond(0),
        saving.framesPerSecond(saving.sustained()),
        saving.framesPerSecond(saving.atThePeak()));
  }

  /** Rows of the shapes of a chunk, the longest first. */
  private List<String> shapes(CudaCostPage.Model model, FamilyLaunches.Chunk chunk) {
    Map<List<Object>, List<PlannedLaunch>> kinds = new LinkedHashMap<>();
    for (PlannedLaunch launch : chunk.launches()) {
      if (isProduct(launch)) {
        List<Object> kind = List.of(launch.contract(), CudaCost.shape(launch), peak.alone(launch));
        kinds.computeIfAbsent(kind, first -> new ArrayList<>()).add(launch);
      }
    }
    double least = LISTED * seconds(chunk.launches());
    return kinds.values().stream()
        .filter(launches -> seconds(launches) >= least)
        .sorted(Comparator.comparingDouble(this::seconds).reversed())
        .map(launches -> shape(model, launches.getFirst(), launches.size()))
        .toList();
  }

  private String shape(CudaCostPage.Model model, PlannedLaunch launch, int calls) {
    LaunchCost alone = peak.alone(launch);
    LaunchCost paired = peak.paired(launch);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %d | %.0f | %.1f | %s | %s | %.0f | %.1f | %.1f | %.1f |",
        model.name(),
        launch.contract().getSimpleName(),
        CudaCost.shape(launch),
        calls,
        alone.rounds(),
        1e6 * alone.seconds(),
        alone.bound(),
        paired.kernel(),
        paired.rounds(),
        1e6 * paired.seconds(),
        1e6 * sustained.alone(launch).seconds(),
        1e6 * sustained.paired(launch).seconds());
  }
}
