package dev.orrery.kernels.conv;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes planted in kernels of convolutions are found on the emulated GPU. */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class ConvPlantedBugTest {
  static Stream<PlantedBug> bugs() {
    return Stream.of(
        bug("__syncthreads();\n    load();", "load();", "shared memory"),
        bug("__syncthreads();\n    load();", "load();\n    __syncthreads();", "asynchronous write"),
        bug("cp_async_wait<kStages - 2>", "cp_async_wait<kStages - 1>", "on its way"),
        bug("unsigned(window.row + term.row) < unsigned(shape.rows) &&", "", "out of bounds"),
        bug("is_term && channel < shape.out_channels;", "is_term;", "out of bounds"),
        bug("pixel >= shape.pixels || channel", "channel", "write out of bounds"));
  }

  private static PlantedBug bug(String found, String replacement, String report) {
    return new PlantedBug("CausalConv3d", found, replacement, report);
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void isReported(PlantedBug bug) {
    bug.isReported(80, CausalConv3d.class, DType.F16, (k, i) -> convolve(k, i, Edge.ZEROS));
  }

  static Stream<PlantedBug> bugsOfRepeatedEdges() {
    return Stream.of(
        bug("row = min(max(row, 0), shape.rows - 1);", "", "out of bounds"),
        bug("column = min(max(column, 0), shape.columns - 1);", "", "out of bounds"));
  }

  @ParameterizedTest
  @MethodSource("bugsOfRepeatedEdges")
  void isReportedAtARepeatedEdge(PlantedBug bug) {
    bug.isReported(80, CausalConv3d.class, DType.F16, (k, i) -> convolve(k, i, Edge.REPEATED));
  }

  static Stream<PlantedBug> bugsOfHopper() {
    return Stream.of(
        hopper(
            "mbar_wait(rings.pixels.empty(), rings.pixels.phase ^ 1);", "", "asynchronous write"),
        hopper("mbar_wait(rings.weights.empty(), rings.weights.phase ^ 1);", "", "write by TMA"),
        hopper("mbar_wait(rings.pixels.full(), rings.pixels.phase);", "", "shared memory"),
        hopper("mbar_wait(rings.weights.full(), rings.weights.phase);", "", "shared memory"),
        hopper("wgmma_fence();", "", "no wgmma_fence"),
        hopper("wgmma_wait<1>();", "wgmma_wait<2>();", "race"),
        hopper("wgmma_wait<0>();", "", "in flight are touched"),
        hopper("if (weights_before != 0) release(weights_before);", "", "deadlock"),
        hopper("if (pixels_before != 0) release(pixels_before);", "", "deadlock"),
        hopper("boxes * Shape::kChunks", "2 * Shape::kChunks", "deadlock"),
        hopper("row < shape.out_rows && column", "column", "write out of bounds"),
        hopper(" && stored < shape.out_channels) {", ") {", "write out of bounds"),
        hopper("own < shape.out_channels ?", "true ?", "read out of bounds"),
        hopper("kConsumerRegisters = 232", "kConsumerRegisters = 240", "deadlock"));
  }

  private static PlantedBug hopper(String found, String replacement, String report) {
    return new PlantedBug("ConvHopper", found, replacement, report);
  }

  @ParameterizedTest
  @MethodSource("bugsOfHopper")
  void isReportedOnHopper(PlantedBug bug) {
    bug.isReported(90, CausalConv3d.class, DType.F16, (k, i) -> onHopper(k, i, Edge.ZEROS));
  }

  static Stream<PlantedBug> bugsOfRepeatedEdgesOnHopper() {
    return Stream.of(
        hopper("  fence_proxy_async();\n  named", "  named", "fence"),
        hopper("named_barrier_sync(1, 128 * kConsumers);", "", "race"),
        hopper(
            "repeated(first_row + pixel / kBoxColumns, shape.rows) - first_row",
            "-1",
            "out of bounds"));
  }

  @ParameterizedTest
  @MethodSource("bugsOfRepeatedEdgesOnHopper")
  void isReportedAtARepeatedEdgeOnHopper(PlantedBug bug) {
    bug.isReported(90, CausalConv3d.class, DType.F16, (k, i) -> onHopper(k, i, Edge.REPEATED));
  }

  static Stream<PlantedBug> wrongRepeatedEdgesOfHopper() {
    return Stream.of(
        hopper("!shape.repeats || is_inside", "true"),
        hopper("first_row >= 0 && ", ""),
        hopper("first_column >= 0 &&", ""),
        hopper("first_column + kBoxColumns <= shape.columns", "true"),
        hopper("first_row + rows <= shape.rows && ", ""),
        hopper("(i ^ pixel ^ from) % kCopies", "i % kCopies"),
        hopper("position % shape.kernel_columns", "position"));
  }

  @ParameterizedTest
  @MethodSource("wrongRepeatedEdgesOfHopper")
  void isWrongAtARepeatedEdgeOnHopper(PlantedBug bug) {
    bug.isWrong(90, CausalConv3d.class, DType.F16, ConvPlantedBugTest::edgesOnHopper);
  }

  /** Three tiles along rows and columns, of which one has no edge. */
  private static Tensor edgesOnHopper(CausalConv3d conv, Inputs inputs) {
    Tensor x = inputs.activation(1, 2, 18, 34, 16);
    Tensor weight = inputs.activation(2, 2, 3, 3, 16, 64);
    Tensor out = inputs.output(1, 18, 34, 64);
    conv.run(null, x, weight, inputs.fp32(3, 64), 1, Edge.REPEATED, out);
    return out;
  }

  /** Mistakes that touch nothing they may not touch, but bring other pixels or weights. */
  static Stream<PlantedBug> wrongResultsOfHopper() {
    return Stream.of(
        hopper("+ c - shape.left", "+ c"),
        hopper("+ b - shape.top", "+ b"),
        hopper("is_past ? frame : frame - shape.history_frames", "frame"),
        hopper("is_past ? maps.history : maps.x", "maps.x"),
        hopper("place.frame * shape.time_stride", "place.frame"),
        hopper("(a * shape.kernel_rows + b) * shape.kernel_columns + c", "0"),
        hopper("pixels += kBoxColumns * kRowBytes;", ""),
        hopper("+ k * kStepBytes", ""),
        hopper("weights + k * kStep * kRowBytes", "weights"),
        hopper("switch ((channels + kStep - 1) / kStep)", "switch (1)"),
        hopper("place.channel + chunk * kChunkColumns", "place.channel"),
        hopper("accumulate = true;", ""),
        hopper("transpose_quad(words);", ""),
        hopper("pair[0] + biases[2 * j]", "pair[0]"));
  }

  private static PlantedBug hopper(String found, String replacement) {
    return hopper(found, replacement, "");
  }

  @ParameterizedTest
  @MethodSource("wrongResultsOfHopper")
  void isWrongOnHopper(PlantedBug bug) {
    bug.isWrong(90, CausalConv3d.class, DType.F16, (k, i) -> onHopper(k, i, Edge.ZEROS));
  }

  /**
   * Two groups of channels, more boxes than slots, and tiles of 256 x 96, whose slots of pixels are
   * fewer than those of weights allow, that nothing fills.
   */
  private static Tensor onHopper(CausalConv3d conv, Inputs inputs, Edge edge) {
    Tensor history = inputs.activation(1, 2, 9, 7, 88);
    Tensor x = inputs.activation(2, 5, 9, 7, 88);
    Tensor weight = inputs.activation(3, 3, 3, 3, 88, 72);
    Tensor bias = inputs.fp32(4, 72);
    Tensor out = inputs.output(3, 9, 7, 72);
    conv.run(history, x, weight, bias, 2, edge, out);
    return out;
  }

  static Stream<PlantedBug> bugsOfAStrideOnHopper() {
    return Stream.of(
        hopper("(shape.kernel_rows - 1) / shape.stride", "shape.kernel_rows - 1", "deadlock"),
        hopper(
            "b += shape.stride) {\n          mbar_wait",
            "b++) {\n          mbar_wait",
            "shared memory"),
        hopper(
            "first_rows(); first++) {\n        mbar_wait",
            "first_rows() - 1; first++) {\n        mbar_wait",
            "deadlock"));
  }

  @ParameterizedTest
  @MethodSource("bugsOfAStrideOnHopper")
  void isReportedWithAStrideOnHopper(PlantedBug bug) {
    bug.isReported(90, Conv2d.class, DType.F16, ConvPlantedBugTest::halveOnHopper);
  }

  static Stream<PlantedBug> wrongStridesOfHopper() {
    return Stream.of(
        hopper("place.row * shape.stride", "place.row"),
        hopper("place.column * shape.stride", "place.column"),
        hopper("+ b - shape.top", "- shape.top"),
        hopper(
            "pixels += kBoxColumns * kRowBytes;",
            "pixels += shape.stride * kBoxColumns * kRowBytes;"));
  }

  @ParameterizedTest
  @MethodSource("wrongStridesOfHopper")
  void isWrongWithAStrideOnHopper(PlantedBug bug) {
    bug.isWrong(90, Conv2d.class, DType.F16, ConvPlantedBugTest::halveOnHopper);
  }

  /** Two groups of channels, more boxes than slots, and two tiles along rows and columns. */
  private static Tensor halveOnHopper(Conv2d conv, Inputs inputs) {
    Tensor x = inputs.activation(1, 1, 19, 37, 88);
    Tensor weight = inputs.activation(2, 3, 3, 88, 72);
    Tensor bias = inputs.fp32(3, 72);
    Tensor out = inputs.output(1, 10, 19, 72);
    conv.run(x, weight, bias, 2, Conv2d.Padding.all(1), out);
    return out;
  }

  /** Fourteen steps for a ring of three slots, in a tile that pixels and channels do not fill. */
  private static Tensor convolve(CausalConv3d conv, Inputs inputs, Edge edge) {
    Tensor history = inputs.activation(1, 2, 5, 7, 16);
    Tensor x = inputs.activation(2, 1, 5, 7, 16);
    Tensor weight = inputs.activation(3, 3, 3, 3, 16, 24);
    Tensor bias = inputs.fp32(4, 24);
    Tensor out = inputs.output(1, 5, 7, 24);
    conv.run(history, x, weight, bias, 1, edge, out);
    return out;
  }
}
