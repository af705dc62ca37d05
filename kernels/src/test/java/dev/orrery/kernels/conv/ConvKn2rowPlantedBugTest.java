package dev.orrery.kernels.conv;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes planted in {@code ConvKn2rowHopper.cu} are found on the emulated GPU. */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class ConvKn2rowPlantedBugTest {
  private static final int HOPPER = 90;

  private static PlantedBug bug(String found, String replacement, String report) {
    return new PlantedBug("ConvKn2rowHopper", found, replacement, report);
  }

  static Stream<PlantedBug> reported() {
    return Stream.of(
        bug("mbar_wait(slots.empty(), slots.phase ^ 1);", "", "asynchronous write"),
        bug("mbar_wait(slots.full(), slots.phase);", "", "shared memory"),
        bug("mbar_expect_tx(slots.full(), Shape::kSlotBytes)", "mbar_arrive(slots.full())", "race"),
        bug("wgmma_wait<1>();", "wgmma_wait<2>();", "race"),
        bug("wgmma_wait<0>();", "", "in flight are touched"),
        bug("if (before != 0) release(before);", "", "deadlock"),
        bug(
            "// All have read the sums that lie there.\n    named_barrier_sync(1, 128 * kConsumers);",
            "",
            "race"),
        bug(
            "named_barrier_sync(1, 128 * kConsumers);\n    if (!is_output)",
            "if (!is_output)",
            "uninitialised shared memory"),
        bug("place.row + row < shape.out_rows &&", "", "write out of bounds"),
        bug("place.column + column < shape.out_columns;", "true;", "write out of bounds"),
        bug("i < shape.out_channels ? bias[i]", "true ? bias[i]", "read out of bounds"),
        bug("i + 1 < shape.out_channels", "true", "write out of bounds"),
        bug(" && out_channel < out_channels;", ";", "read out of bounds"),
        bug("if (i >= count) return;", "", "out of bounds"));
  }

  @ParameterizedTest
  @MethodSource("reported")
  void isReported(PlantedBug bug) {
    bug.isReported(HOPPER, CausalConv3d.class, DType.F16, (k, i) -> head(k, i, Edge.ZEROS));
  }

  private static PlantedBug wrong(String found, String replacement) {
    return bug(found, replacement, "");
  }

  static Stream<PlantedBug> wrong() {
    return Stream.of(
        wrong(
            "place.column - shape.left,\n                    place.row", "place.column, place.row"),
        wrong("place.row - shape.top, place.frame", "place.row, place.frame"),
        wrong("place.frame * shape.time_stride", "place.frame"),
        wrong("chunk * kChunkColumns, channel", "0, channel"),
        wrong("channel, a, slots.full()", "channel, 0, slots.full()"),
        wrong("channel, a, slots.full()", "0, a, slots.full()"),
        wrong("threadIdx.x / 128 * (kBoxBytes / kConsumers)", "0"),
        wrong("before != 0, sums", "false, sums"),
        wrong("shape.group(channel), slots.at()", "kStep, slots.at()"),
        wrong("totals[i] = biases[i]", "totals[i] = 0"),
        wrong("(b * kEights + i) * 4", "i * 4"),
        wrong("+ part * kPartPixels + half * 8", "+ half * 8"),
        wrong("threadIdx.x + b * kBoxColumns + c", "threadIdx.x + b * kBoxColumns"),
        wrong("threadIdx.x + b * kBoxColumns + c", "threadIdx.x + c"),
        wrong("+ c * Shape::kChannels", ""),
        wrong("(row / channels * kKernel + b)", "b"),
        wrong("row % channels) * out_channels", "0) * out_channels"),
        wrong("int64_t(tap) * channels", "int64_t(tap / 2) * channels"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void isWrong(PlantedBug bug) {
    bug.isWrong(HOPPER, CausalConv3d.class, DType.F16, (k, i) -> head(k, i, Edge.ZEROS));
  }

  static Stream<PlantedBug> wrongEdges() {
    return Stream.of(
        wrong("shared + slots.slot * Shape::kSlotBytes", "shared"),
        wrong("kBoxRows,\n                  place.row - shape.top", "kBoxRows, place.row"),
        wrong(
            "kBoxRows,\n                  place.row", "kBoxRows - 1,\n                  place.row"),
        wrong("place.column - shape.left);", "place.column);"));
  }

  @ParameterizedTest
  @MethodSource("wrongEdges")
  void isWrongAtARepeatedEdge(PlantedBug bug) {
    bug.isWrong(HOPPER, CausalConv3d.class, DType.F16, (k, i) -> head(k, i, Edge.REPEATED));
  }

  /**
   * A group of channels and a part of one, two tiles along rows and columns, three for each block,
   * and channels that do not fill their columns.
   */
  private static Tensor head(CausalConv3d conv, Inputs inputs, Edge edge) {
    Tensor history = inputs.activation(1, 2, 17, 15, 88);
    Tensor x = inputs.activation(2, 5, 17, 15, 88);
    Tensor weight = inputs.activation(3, 3, 3, 3, 88, 11);
    Tensor bias = inputs.fp32(4, 11);
    Tensor out = inputs.output(3, 17, 15, 11);
    conv.run(history, x, weight, bias, 2, edge, out);
    return out;
  }
}
