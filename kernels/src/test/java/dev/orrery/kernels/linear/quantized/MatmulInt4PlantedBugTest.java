package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Mistakes planted in what this product does not share with {@link Matmul} are found on the
 * emulated GPU, where the kernels as they are pass.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class MatmulInt4PlantedBugTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "BF16 | present = first_column + i < columns | present = true | read out of bounds",
        "BF16 | depth / kDepth, | depth / kDepth + 1, | read out of bounds",
        "BF16 | kBytes = kScales + Shape::kTileN * int(sizeof(float)) | kBytes = kScales | race",
        "F32 | if (k < depth) { | { | read out of bounds"
      })
  void plantedBugsAreFound(DType dtype, String found, String replacement, String report) {
    new PlantedBug("MatmulInt4", found, replacement, report)
        .isReported(90, MatmulInt4.class, dtype, MatmulInt4PlantedBugTest::multiply);
  }

  /** 18 slices of 32 for a ring of eight slots, and more columns than fit in a tile. */
  private static Tensor multiply(MatmulInt4 matmul, Inputs inputs) {
    int rows = 13;
    int depth = 576;
    int columns = 70;
    GroupedInt4 host = Int4Weights.normal(2, columns, depth, 64);
    GroupedInt4 weight = new GroupedInt4(inputs.moved(host.packed()), inputs.moved(host.scales()));
    Tensor out = inputs.output(rows, columns);
    Epilogue epilogue = new Epilogue.Store(Activation.NONE, out);
    matmul.run(inputs.activation(1, rows, depth), weight, null, epilogue);
    return out;
  }
}
