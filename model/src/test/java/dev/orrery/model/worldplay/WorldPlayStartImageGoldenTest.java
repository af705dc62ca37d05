package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.media.RgbImage;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorldPlayStartImageGoldenTest {
  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay", "image");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isTheReferenceToTheBit(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      List<JsonValue> pictures = golden.config().get("cases").asList();
      assertFalse(pictures.isEmpty(), "no images in the fixture");
      for (int i = 0; i < pictures.size(); i++) {
        JsonValue picture = pictures.get(i);
        RgbImage image =
            new RgbImage(
                picture.integer("src_w"),
                picture.integer("src_h"),
                golden.bytes("case" + i + ".rgb8"));
        int height = picture.integer("height");
        int width = picture.integer("width");
        float[] expected =
            Golden.framesChannelsLast(golden.floats("case" + i + ".out"), 1, 3, height, width)
                .toFloats();
        float[] found = WorldPlayStartImage.prepare(image, height, width, backend).toFloats();
        assertArrayEquals(expected, found, "case" + i);
      }
    }
  }
}
