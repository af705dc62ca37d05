package dev.orrery.kernels.linear;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the sizes of {@link MatmulCudaTest} are worth: mistakes planted in the kernels are found on
 * the emulated GPU, where the kernels as they are pass.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class MatmulPlantedBugTest {
  static Stream<PlantedBug> bugs() {
    String simt = "MatmulSimt";
    String portable = "Matmul";
    String hopper = "MatmulHopper";
    return Stream.of(
        new PlantedBug(
            portable, "    __syncthreads();\n    copy_slice", "    copy_slice", "shared memory"),
        new PlantedBug(
            portable, "cp_async_wait<Shape::kStages - 2>", "cp_async_wait<1000>", "on its way"),
        new PlantedBug(portable, "slice + Shape::kStages - 1", "slice + Shape::kStages", "race"),
        new PlantedBug(portable, "__syncthreads();  // all are done", "// all are done", "race"),
        new PlantedBug(portable, "  __syncwarp();\n", "", "race"),
        new PlantedBug(portable, "first_row + row < rows && k", "k", "read out of bounds"),
        new PlantedBug(portable, " && k + chunk * kChunk < depth", "", "read out of bounds"),
        new PlantedBug(
            hopper, "mbar_wait(ring.empty(), ring.phase ^ 1);", "", "unsynchronised write by TMA"),
        new PlantedBug(hopper, "mbar_wait(ring.full(), ring.phase);", "", "shared memory"),
        new PlantedBug(hopper, "wgmma_wait<1>();", "wgmma_wait<2>();", "race"),
        new PlantedBug(hopper, "__syncwarp();  // before the stage", "// before the stage", "race"),
        new PlantedBug(hopper, "kConsumerRegisters = 232", "kConsumerRegisters = 240", "deadlock"),
        new PlantedBug(
            hopper,
            "registers_decrease<kProducerRegisters>();",
            "registers_increase<kProducerRegisters>();",
            "setmaxnreg.inc"),
        new PlantedBug(
            hopper,
            "  wait_for_previous_kernel();\n",
            "  if (threadIdx.x != 128 * kConsumers) wait_for_previous_kernel();\n",
            "TMA before wait_for_previous_kernel"),
        new PlantedBug(
            hopper,
            "  wait_for_previous_kernel();\n",
            "  if (threadIdx.x >= 128 * kConsumers) wait_for_previous_kernel();\n",
            "global memory is written before wait_for_previous_kernel"),
        new PlantedBug(
            hopper, "rows_(at_.first < columns ? rows : 0)", "rows_(rows)", "out of bounds"),
        new PlantedBug(simt, "min(first_row + i, rows - 1)", "first_row + i", "read out of bounds"),
        new PlantedBug(
            simt, "row < rows && column < columns", "column < columns", "write out of bounds"));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void plantedBugsAreFound(PlantedBug bug) {
    int capability = bug.stem().equals("MatmulHopper") ? 90 : 80;
    if (bug.stem().equals("MatmulSimt")) {
      bug.isReported(capability, Matmul.class, DType.F32, product(13, 131, 19));
    } else {
      bug.isReported(capability, Matmul.class, DType.BF16, product(70, 808, 264));
    }
  }

  /** Twelve tiles of three layers for four multiprocessors, in an order of stripes and layers. */
  static Stream<PlantedBug> bugsOfSeveralLayers() {
    String hopper = "MatmulHopper";
    return Stream.of(
        new PlantedBug(hopper, "if (i == 2) layer = third;", "", "wrong"),
        new PlantedBug(hopper, "layers[place.layer].weight", "layers[0].weight", "wrong"),
        new PlantedBug(hopper, "layers[place.layer].epilogue", "layers[0].epilogue", "wrong"),
        new PlantedBug(hopper, "column_tile % along_columns", "column_tile", "wrong"),
        new PlantedBug(hopper, "across(layers * along_columns)", "across(along_columns)", "wrong"));
  }

  @ParameterizedTest
  @MethodSource("bugsOfSeveralLayers")
  void plantedBugsOfSeveralLayersGiveOtherResults(PlantedBug bug) {
    bug.isWrong(
        90,
        Matmul.class,
        DType.BF16,
        (matmul, inputs) -> {
          Tensor x = inputs.activation(1, 130, 72);
          Tensor out = inputs.output(3 * 130, 390);
          List<Matmul.Layer> layers = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            Tensor weight = inputs.activation(2 + i, 390, 72);
            layers.add(new Matmul.Layer(weight, null, out.slice(i * 130, (i + 1) * 130)));
          }
          matmul.run(x, layers);
          return out;
        });
  }

  /**
   * On tensor cores 26 slices of 32, or 13 of 64, for rings of six slots; the last of the 26 lies
   * where sums are staged.
   */
  private static KernelCase<Matmul> product(int rows, int depth, int columns) {
    return (matmul, inputs) -> {
      Tensor x = inputs.activation(1, rows, depth);
      Tensor weight = inputs.activation(2, columns, depth);
      Tensor out = inputs.output(rows, columns);
      matmul.run(x, weight, null, Activation.NONE, out);
      return out;
    };
  }
}
