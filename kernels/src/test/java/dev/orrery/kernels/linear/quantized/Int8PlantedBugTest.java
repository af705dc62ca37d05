package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Mistakes planted in what {@link QuantizeRows} and {@link MatmulInt8} do not share with other
 * operations are found on the emulated GPU, where the kernels as they are pass.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class Int8PlantedBugTest {
  /** 13 rows do not fill the teams of the last block, nor 131 columns the last chunk of a row. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "if (exists && team | if (team | write out of bounds",
        "if (i < chunk.size()) to | to | out of bounds",
        "team.row < rows | true | out of bounds"
      })
  void plantedBugsOfQuantizeRowsAreFound(String found, String replacement, String report) {
    new PlantedBug("QuantizeRows", found, replacement, report)
        .isReported(
            90,
            QuantizeRows.class,
            DType.F32,
            (quantize, inputs) -> {
              Tensor x = inputs.activation(1, 13, 131);
              Tensor values = inputs.moved(Int8Rows.random(2, 13, 131).values());
              quantize.run(x, new ScaledRows(values, inputs.output(13)));
              return values;
            });
  }

  /** Depths of 9 slices for the ring of six slots; 70 columns end inside a tile. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "mbar_wait(ring.full(), ring.phase); | ; | shared memory",
        "wgmma_wait<1>(); | wgmma_wait<2>(); | race",
        "row < rows ? x_scales[row] : 0.0f | x_scales[row] | read out of bounds"
      })
  void plantedBugsOfTheKernelForHopperAreFound(String found, String replacement, String report) {
    new PlantedBug("MatmulInt8Hopper", found, replacement, report)
        .isReported(
            90,
            MatmulInt8.class,
            DType.BF16,
            ScaledMatmul.INT8.stored(13, 1152, 70, Activation.NONE));
  }

  /** The second and the third layer have scales of their own. */
  @ParameterizedTest
  @ValueSource(strings = {"scales1", "scales2"})
  void plantedBugsOfSeveralLayersGiveOtherResults(String scales) {
    new PlantedBug(
            "MatmulInt8Hopper",
            "{x_scales, " + scales + ", {out",
            "{x_scales, scales0, {out",
            "wrong")
        .isWrong(90, MatmulInt8.class, DType.BF16, ScaledMatmul.INT8.layers(65, 144, 72, true));
  }

  /** A depth of 132 is read in words, one of 131 byte by byte. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "132 | fours && k < depth | fours | read out of bounds",
        "131 | k + e < depth ? | true ? | read out of bounds"
      })
  void plantedBugsOfMatmulInt8AreFound(int depth, String found, String replacement, String report) {
    new PlantedBug("MatmulInt8", found, replacement, report)
        .isReported(
            90,
            MatmulInt8.class,
            DType.F32,
            ScaledMatmul.INT8.stored(13, depth, 19, Activation.NONE));
  }
}
