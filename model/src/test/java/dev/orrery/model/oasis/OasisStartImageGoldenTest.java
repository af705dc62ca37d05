package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.media.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OasisStartImageGoldenTest {
  static List<Golden.Arguments> cases() {
    return Golden.cpuCases("oasis", "preprocess").stream()
        .filter(it -> it.backendName().equals("cpu"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isTheReferenceToTheBit(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      JsonValue cases = golden.config().get("cases");
      for (String name : cases.keys()) {
        int[] target = cases.get(name).integers("target");
        boolean several = cases.get(name).has("prompt_frames");
        int offset = cases.get(name).integer("offset", 0);
        int count = cases.get(name).integer("prompt_frames", 1);
        List<RgbImage> images =
            images(golden, "inputs." + name + (several ? ".images_u8" : ".image_u8"));
        List<float[]> stretched = new ArrayList<>();
        for (int f = 0; f < count; f++) {
          RgbImage out = OasisStartImage.stretch(images.get(offset + f), target[0], target[1]);
          RgbImage expected = images(golden, "outputs." + name + ".resized_u8").get(f);
          assertArrayEquals(expected.rgb(), out.rgb(), name + " " + f);
          stretched.add(OasisStartImage.normalize(out).toFloats());
        }
        if (golden.has("outputs." + name + ".prompt")) {
          assertPrompt(golden, name, target, stretched);
        }
        if (golden.has("outputs." + name + ".resized_before_rounding")) {
          float[] exact =
              Golden.framesChannelsLast(
                      golden.floats("outputs." + name + ".resized_before_rounding"),
                      1,
                      3,
                      target[0],
                      target[1])
                  .toFloats();
          double[] found = OasisStartImage.resize(images.getFirst(), target[0], target[1]);
          // The reference's weights are fp32.
          for (int i = 0; i < exact.length; i++) {
            assertEquals(exact[i], found[i], 1e-3, name + " value " + i);
          }
        }
      }
    }
  }

  private static void assertPrompt(
      Golden golden, String name, int[] target, List<float[]> stretched) {
    float[] prompt =
        Golden.framesChannelsLast(
                golden.floats("outputs." + name + ".prompt"),
                stretched.size(),
                3,
                target[0],
                target[1])
            .toFloats();
    int length = prompt.length / stretched.size();
    for (int f = 0; f < stretched.size(); f++) {
      float[] expected = Arrays.copyOfRange(prompt, f * length, (f + 1) * length);
      for (int i = 0; i < length; i++) {
        expected[i] = expected[i] * 2 - 1;
      }
      assertArrayEquals(expected, stretched.get(f), name + " prompt " + f);
    }
    if (golden.has("outputs." + name + ".vae_input")) {
      float[] input =
          Golden.framesChannelsLast(
                  golden.floats("outputs." + name + ".vae_input"), 1, 3, target[0], target[1])
              .toFloats();
      assertArrayEquals(input, stretched.getFirst(), name + " input of the VAE");
    }
  }

  /** The images of {@code [C, Y, X]} or {@code [F, C, Y, X]} bytes. */
  private static List<RgbImage> images(Golden golden, String name) {
    long[] extents = golden.shape(name).extents();
    int height = (int) extents[extents.length - 2];
    int width = (int) extents[extents.length - 1];
    byte[] planes = golden.bytes(name);
    int pixels = height * width;
    List<RgbImage> images = new ArrayList<>();
    for (int from = 0; from < planes.length; from += 3 * pixels) {
      byte[] rgb = new byte[3 * pixels];
      for (int p = 0; p < pixels; p++) {
        for (int c = 0; c < 3; c++) {
          rgb[3 * p + c] = planes[from + c * pixels + p];
        }
      }
      images.add(new RgbImage(width, height, rgb));
    }
    return images;
  }
}
