package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.EmulatedDriver;
import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import dev.orrery.kernels.cuda.KernelImages;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Products on Hopper whose x does not fit into L2 are computed in stripes of 12 x 128 rows: with
 * the same bits. Here none fits.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class MatmulStripesTest {
  /** Less than a stripe, a stripe and a row, two and a part of a third; the last one in pairs. */
  @ParameterizedTest
  @CsvSource({"300, 72, 136", "1537, 72, 136", "3300, 72, 136", "1537, 712, 500"})
  void stripesGiveTheSameBits(int rows, int depth, int columns) {
    KernelCase<Matmul> product =
        (matmul, inputs) -> {
          Tensor out = inputs.output(rows, columns);
          Tensor weight = inputs.activation(2, columns, depth);
          matmul.run(inputs.activation(1, rows, depth), weight, null, Activation.NONE, out);
          return out;
        };
    float[] expected = CudaHarness.onGpu(Matmul.class, DType.BF16, 90, product);
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT.withCapability(90));
    KernelImages images =
        driver.editedImages(Variant.FAST, "MatmulHopper", "kL2Bytes = 50000000", "kL2Bytes = 0");
    try (CudaBackend backend = CudaBackend.on(CudaDevice.open(0, images));
        TensorArena arena = backend.newArena()) {
      Tensor out =
          product.run(backend.kernel(Matmul.class), new Inputs(backend, arena, DType.BF16));
      assertArrayEquals(expected, KernelCase.values(backend, out));
    }
  }
}
