package dev.orrery.model.siglip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.media.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiglipEncoderTest {
  /** Every tensor of the tower, with its shape. */
  @Test
  void plansTheReleasedEncoder() {
    PlannedTensors tensors = PlannedTensors.of(DType.F32);
    try (PlanningBackend plan = PlanningBackend.cpu();
        TensorArena arena = plan.newArena()) {
      SiglipEncoder encoder =
          new SiglipEncoder(
              Parameters.ofTransformer(Weights.of(tensors), plan, arena), SiglipConfig.so400m());
      assertEquals(729, encoder.config().tokens());
    }
    assertEquals(437, tensors.requests().size());
    assertEquals(4 * 412_987_248L, tensors.byteSize());
  }

  /** Whatever the size of a picture, a bucket of at most four to one is cut out of it. */
  @ParameterizedTest
  @CsvSource({"1, 1, 640, 640", "3000, 15, 320, 1280", "15, 3000, 1280, 320", "832, 480, 480, 832"})
  void picturesOfAnySizeAreCut(int width, int height, int rows, int columns) {
    RgbImage image = new RgbImage(width, height, new byte[3 * width * height]);
    ImageBucket bucket = ImageBucket.of(height, width);
    assertEquals(new ImageBucket(rows, columns), bucket);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      RgbImage cut = ImageResizer.cover(image, bucket.height(), bucket.width(), backend);
      assertEquals(rows, cut.height());
      assertEquals(columns, cut.width());
    }
  }
}
