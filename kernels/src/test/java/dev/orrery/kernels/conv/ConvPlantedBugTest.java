package dev.orrery.kernels.conv;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes planted in {@code conv.cuh} are reported on the emulated GPU. */
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
