package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.runtime.media.RgbImage;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MatrixGame2StartImageGoldenTest {
  static List<Golden.Arguments> cases() {
    return Golden.cases("preprocess");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cropsAndResizesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      int[] target = golden.config().integers("target");
      int images = 0;
      for (; golden.has("inputs.image" + images); images++) {
        Tensor stored = golden.tensor("inputs.image" + images);
        RgbImage image =
            new RgbImage(stored.size(1), stored.size(0), golden.bytes("inputs.image" + images));
        RgbImage cropped = ImageResizer.crop(image, target[0], target[1]);
        String output = "outputs.image" + images + ".";
        assertArrayEquals(
            golden.longs(output + "cropped_size_hw"),
            new long[] {cropped.height(), cropped.width()},
            output);

        Tensor prepared = MatrixGame2StartImage.prepare(image, target[0], target[1], backend);
        float[] values = prepared.toFloats();
        Tensor normalised = golden.tensor(output + "normalised");
        float[] want =
            Golden.framesChannelsLast(normalised.toFloats(), 1, 3, target[0], target[1]).toFloats();
        Golden.assertClose(output + "normalised", want, values, 1e-6);

        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) Math.round((values[i] + 1) * 127.5f);
        }
        assertArrayEquals(golden.bytes(output + "resized_u8"), bytes, output + "resized_u8");
      }
      assertTrue(images > 0, "no images in the fixture");
    }
  }
}
