package dev.orrery.model.siglip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The picture on its way through the visual tower, from its bytes. */
class SiglipGoldenTest {
  private static final String FAMILY = "worldplay-hy8b-encoders";

  /** Largest relative L2 error; everything is computed in fp32, on a GPU too. */
  static final double LIMIT = 1e-5;

  static List<Golden.Arguments> towers() {
    return Golden.cases(FAMILY, "siglip").stream()
        .filter(arguments -> !arguments.path().getFileName().toString().contains("preprocess"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("towers")
  void encodesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Weights weights = SiglipEncoder.withoutHead(Weights.of(golden.weights("")));
      SiglipConfig config = SiglipConfig.of(golden.config());
      SiglipEncoder encoder =
          new SiglipEncoder(Parameters.ofTransformer(weights, backend, arena), config);
      weights.finish();
      RgbImage square = encoder.squashed(image(golden, "inputs.image"));
      assertArrayEquals(golden.bytes("outputs.resized"), square.rgb());
      Tensor pixels = encoder.pixels(square);
      assertArrayEquals(seen(golden, config), pixels.toFloats());
      Tensor features = arena.empty(DType.F32, config.tokens(), config.dim());
      ActivationTrace trace = new ActivationTrace(backend);
      encoder.forward(
          Golden.moved(backend, arena, DType.F32, pixels),
          Workspace.of(arena, Golden.AMPLE),
          features,
          trace);
      Map<String, float[]> found = new LinkedHashMap<>(trace.values());
      found.put(
          "layer0.attn",
          Golden.difference(found.get("layer0.after_attn"), found.get("embeddings")));
      for (String name :
          List.of(
              "embeddings",
              "layer0.attn",
              "layer0.out",
              "before_post_layernorm",
              "last_hidden_state")) {
        Golden.assertRelative(name, golden.floats("outputs." + name), found.get(name), LIMIT);
      }
    }
  }

  static List<Golden.Arguments> cpuTowers() {
    return towers().stream().filter(arguments -> arguments.backendName().equals("cpu")).toList();
  }

  /** From the picture as it is, in one call. */
  @ParameterizedTest
  @MethodSource("cpuTowers")
  void cutsResizesAndEncodes(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      SiglipConfig config = SiglipConfig.of(golden.config());
      Weights weights = Weights.of(golden.weights(""));
      SiglipEncoder encoder =
          new SiglipEncoder(Parameters.ofTransformer(weights, backend, arena), config);
      RgbImage image = image(golden, "inputs.image");
      ImageBucket bucket = ImageBucket.of(image.height(), image.width());
      RgbImage cut = ImageResizer.cover(image, bucket.height(), bucket.width(), backend);
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      Tensor expected = arena.empty(DType.F32, config.tokens(), config.dim());
      encoder.forward(encoder.pixels(encoder.squashed(cut)), workspace, expected, Trace.NONE);
      try (StartResources resources = new StartResources(backend, backend.newArena(), workspace)) {
        Tensor found = encoder.encode(image, resources);
        assertArrayEquals(expected.toFloats(), found.toFloats());
      }
    }
  }

  static List<Golden.Arguments> preprocessing() {
    return Golden.cases(FAMILY, "siglip_preprocess");
  }

  @ParameterizedTest
  @MethodSource("preprocessing")
  void cutsAndResizesToTheByte(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      RgbImage image = image(golden, "inputs.image");
      ImageBucket bucket = ImageBucket.of(image.height(), image.width());
      JsonValue config = golden.config();
      assertEquals(
          new ImageBucket(config.integer("bucket_height"), config.integer("bucket_width")), bucket);
      RgbImage cut = ImageResizer.cover(image, bucket.height(), bucket.width(), backend);
      assertArrayEquals(golden.bytes("outputs.cropped"), cut.rgb());
      int side = golden.tensor("outputs.resized").size(0);
      assertArrayEquals(
          golden.bytes("outputs.resized"),
          ImageResizer.resize(cut, side, side, ResizeFilter.BICUBIC, backend).rgb());
    }
  }

  @Test
  void bucketsOfManyAspects() {
    JsonValue fixture =
        JsonValue.read(Path.of(System.getProperty("golden.dir"), FAMILY, "siglip_buckets.json"));
    assertEquals(fixture.integer("count"), ImageBucket.all().size());
    for (JsonValue expected : fixture.get("cases").asList()) {
      int height = expected.integer("height");
      int width = expected.integer("width");
      int[] bucket = expected.integers("bucket");
      assertEquals(
          new ImageBucket(bucket[0], bucket[1]),
          ImageBucket.of(height, width),
          () -> height + "x" + width);
    }
  }

  static RgbImage image(Golden golden, String name) {
    Tensor stored = golden.tensor(name);
    return new RgbImage(stored.size(1), stored.size(0), golden.bytes(name));
  }

  /** Of {@code [1, 3, S, S]} the pixels of whole patches as {@code [s, s, 3]}. */
  private static float[] seen(Golden golden, SiglipConfig config) {
    int side = config.imageSize();
    int seen = config.side() * config.patch();
    float[] all = golden.floats("outputs.pixel_values");
    float[] out = new float[seen * seen * 3];
    for (int i = 0; i < out.length; i++) {
      int row = i / 3 / seen;
      int column = i / 3 % seen;
      out[i] = all[(i % 3 * side + row) * side + column];
    }
    return out;
  }
}
