package dev.orrery.benchmarks;

import static dev.orrery.benchmarks.HopperRates.L2_BYTES;
import static dev.orrery.benchmarks.HopperRates.L2_CAPACITY;
import static dev.orrery.benchmarks.HopperRates.LATENCY;
import static dev.orrery.benchmarks.HopperRates.MMA_SYNC_SHARE;
import static dev.orrery.benchmarks.HopperRates.MULTIPROCESSORS;
import static dev.orrery.benchmarks.HopperRates.SUSTAINED_SHARE;
import static dev.orrery.benchmarks.HopperRates.TENSOR_OPERATIONS;

import dev.orrery.kernels.conv.ConvHopperTile;
import dev.orrery.kernels.conv.ConvKn2rowTile;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Comparator;
import java.util.List;

/**
 * The cost of convolutions of 16-bit frames on an H200: {@code ConvHopper.cu, ConvKn2rowHopper.cu,
 * conv.cuh}.
 */
final class ConvCost {
  private static final String CONV = "conv.cuh";
  private static final int BYTES = DType.F16.byteSize();

  /** Input channels of a product by wgmma. */
  private static final int STEP = 16;

  private final CudaSources sources;
  private final KernelResources resources;

  ConvCost(CudaSources sources, KernelResources resources) {
    this.sources = sources;
    this.resources = resources;
  }

  /**
   * A convolution.
   *
   * @param terms of the sum of an output: kernel positions times input channels
   * @param kernelColumns neighbours along a row of one input
   * @param bytes of all tensors
   */
  record Convolution(
      long pixels, int channels, int terms, int inChannels, int kernelColumns, double bytes) {}

  /**
   * A tile, as the launcher lists it.
   *
   * @param shared cycles of shared memory in a step
   */
  private record Tile(int pixels, int channels, int shared) {
    long blocks(Convolution work) {
      return Math.ceilDiv(work.pixels(), pixels) * Math.ceilDiv(work.channels(), channels);
    }

    long cycles(Convolution work) {
      return Math.ceilDiv(blocks(work), MULTIPROCESSORS) * shared;
    }
  }

  /**
   * By TMA and wgmma: a step is a group of 64 input channels, what is left of them in the last one,
   * at one frame and column of the kernel, all its rows together.
   *
   * @param weight {@code [.., Ky, Kx, Ci, Co]}
   * @param stride along rows and columns
   * @param out {@code [T, Y, X, Co]}
   * @param bytes of all tensors
   */
  LaunchCost hopper(Tensor weight, int stride, Tensor out, double bytes) {
    int axes = weight.shape().rank();
    int kernelRows = weight.size(axes - 4);
    int inChannels = weight.size(axes - 2);
    int outChannels = weight.size(axes - 1);
    ConvHopperTile tile = ConvHopperTile.fastest(out.shape(), kernelRows, stride, MULTIPROCESSORS);
    int groups = Math.ceilDiv(inChannels, ConvHopperTile.GROUP);
    int steps = groups * Math.toIntExact(weight.elements() / outChannels / inChannels / kernelRows);
    double tensor = 0;
    double shared = 0;
    for (int channel = 0; channel < inChannels; channel += ConvHopperTile.GROUP) {
      int left = Math.min(ConvHopperTile.GROUP, inChannels - channel);
      int depth = Math.ceilDiv(left, STEP) * STEP;
      tensor += (double) tile.tensorCycles(kernelRows, depth) / groups;
      shared += (double) tile.sharedCycles(kernelRows, stride, depth) / groups;
    }
    // What lies outside comes from nowhere.
    double pixels = (double) tile.pixelRows(kernelRows, stride) * ConvHopperTile.COLUMNS;
    double weights = (double) kernelRows * Math.min(tile.channels(), outChannels);
    double stepBytes = (pixels + weights) * inChannels / groups * BYTES;
    StepCycles step = new StepCycles(tensor / SUSTAINED_SHARE, shared, stepBytes / L2_BYTES, 0, 0);
    double elements = (double) tile.pixels() * tile.channels();
    double storing =
        CountedInstructions.CONV_HOPPER_STORE.in(sources)
            * elements
            / (8 * 32 * HopperRates.SCHEDULERS);
    long blocks = tile.count(out.shape());
    long rounds = Math.ceilDiv(blocks, MULTIPROCESSORS);
    double again = weight.byteSize() > L2_CAPACITY ? (rounds - 1) * weight.byteSize() : 0;
    return new LaunchCost(
        "ConvHopper " + tile.pixels() + "x" + tile.channels(),
        blocks,
        steps,
        step,
        step.overlapped(),
        LATENCY + storing + elements * BYTES / L2_BYTES,
        bytes + again);
  }

  /**
   * With all positions of a kernel frame as columns of one product: a step is a group of 64 input
   * channels, what is left of them in the last one, at one frame of the kernel. What brings the
   * weight into columns runs before.
   *
   * @param weight {@code [.., Ky, Kx, Ci, Co]}
   * @param out {@code [T, Y, X, Co]}
   * @param bytes of all tensors
   */
  LaunchCost kn2row(Tensor weight, Tensor out, double bytes) {
    int axes = weight.shape().rank();
    int inChannels = weight.size(axes - 2);
    int kernelFrames = axes == 5 ? weight.size(0) : 1;
    ConvKn2rowTile tile = ConvKn2rowTile.of(weight.size(axes - 1));
    double pixels = (double) ConvKn2rowTile.BOX * ConvKn2rowTile.BOX;
    int groups = Math.ceilDiv(inChannels, ConvHopperTile.GROUP);
    double depth = 0;
    double shared = 0;
    for (int channel = 0; channel < inChannels; channel += ConvHopperTile.GROUP) {
      int ofGroup = Math.ceilDiv(Math.min(ConvHopperTile.GROUP, inChannels - channel), STEP) * STEP;
      depth += (double) ofGroup / groups;
      shared += (double) tile.sharedCycles(ofGroup) / groups;
    }
    StepCycles step =
        new StepCycles(
            2 * pixels * depth * tile.columns() / TENSOR_OPERATIONS / SUSTAINED_SHARE,
            shared,
            (pixels + tile.storedColumns()) * inChannels / groups * BYTES / L2_BYTES,
            0,
            0);
    CountedInstructions storing =
        tile == ConvKn2rowTile.UP_TO_4
            ? CountedInstructions.CONV_KN2ROW_STORE_4
            : CountedInstructions.CONV_KN2ROW_STORE_12;
    double end =
        tile.exchangeCycles() + storing.in(sources) * pixels / (32 * HopperRates.SCHEDULERS);
    int steps = groups * kernelFrames;
    double columnBytes = (double) kernelFrames * inChannels * tile.storedColumns() * BYTES;
    return new LaunchCost(
            "ConvKn2rowHopper " + tile.channels(),
            tile.count(out.shape()),
            steps,
            step,
            step.overlapped(),
            end,
            bytes)
        .hiding(step.hidden(steps, end, tile.slots()))
        .after(LaunchCost.ofBytes("ConvKn2rowHopper weight", weight.byteSize() + columnBytes));
  }

  /**
   * @param stem of the source
   * @param base what the names of its functions begin with
   */
  LaunchCost cost(String stem, String base, Convolution work) {
    boolean inChunks = work.inChannels() % 8 == 0;
    List<Tile> tiles =
        sources
            .inLauncher(
                "conv/ConvLauncher.java",
                "tile\\(stem, base \\+ \"[^\"]+\", (\\d+), (\\d+), (\\d+)\\)")
            .stream()
            .map(row -> new Tile(row[0], row[1], row[2]))
            .toList();
    // The last row of the table is for inputs that are not copied in chunks.
    Tile tile =
        inChunks
            ? tiles.subList(0, tiles.size() - 1).stream()
                .min(Comparator.comparing(each -> each.cycles(work)))
                .orElseThrow()
            : tiles.getLast();
    String extents = tile.pixels() + "x" + tile.channels();
    String function = base + "_" + (inChunks ? extents : "elements") + "_f16";
    int depth = sources.constant(CONV, "kBlockK");
    int threads = sources.constant(CONV, "kConvThreads");
    long blocks = tile.blocks(work);
    int resident =
        (int)
            Math.min(
                resources.residentBlocks(function, threads, 0),
                Math.ceilDiv(blocks, MULTIPROCESSORS));
    // Neighbouring kernel columns find their pixels in L1.
    double inputBytes = (double) tile.pixels() * depth * BYTES / work.kernelColumns();
    double weightBytes = (double) depth * tile.channels() * BYTES;
    double operations = 2.0 * tile.pixels() * tile.channels() * depth;
    StepCycles step =
        new StepCycles(
            operations / (TENSOR_OPERATIONS * MMA_SYNC_SHARE),
            tile.shared(),
            (inputBytes + weightBytes) / L2_BYTES,
            // Each of a block's four warps has a scheduler of its own.
            CountedInstructions.CONV_STEP.in(sources),
            0);
    double outBytes = (double) tile.pixels() * tile.channels() * BYTES;
    return new LaunchCost(
        stem + " " + extents,
        blocks,
        Math.ceilDiv(work.terms(), depth),
        step,
        step.inTurns(resident),
        (2 * LATENCY + outBytes / L2_BYTES) / resident,
        work.bytes());
  }
}
