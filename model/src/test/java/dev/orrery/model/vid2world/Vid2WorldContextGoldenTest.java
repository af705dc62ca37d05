package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.clip.ImageEncoder;
import dev.orrery.model.clip.ImageEncoderConfig;
import dev.orrery.model.clip.TextTower;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the U-Net attends to, from the bytes of a picture and from the ids of the empty text. */
class Vid2WorldContextGoldenTest {
  private static final double LIMIT = 1e-5;

  /** Largest error of a pixel of a picture that was resized. */
  static final double RESIZE_LIMIT = 2e-6;

  static List<Golden.Arguments> cases() {
    return Golden.cases("vid2world", "context");
  }

  private static void assertTap(Golden.Arguments on, Golden golden, String name, float[] found) {
    Golden.assertRelative(
        name, golden.floats("outputs." + name), found, on.isGpu() ? Golden.GPU_LIMIT : LIMIT);
  }

  /** A picture {@code [1, Y, X, 3]} of bytes in [-1, 1]. */
  static float[] picture(Golden golden, String name) {
    int[] bytes = golden.unsignedBytes(name);
    float[] values = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = (bytes[i] / 255f - 0.5f) * 2;
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void seesAPictureLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      JsonValue json = golden.config();
      int dim = json.integer("vision_width");
      ImageEncoderConfig tower =
          new ImageEncoderConfig(
              json.integer("image_size"),
              json.integer("patch"),
              dim,
              dim / json.integer("vision_head_width"),
              json.integer("vision_layers"));
      Weights visual =
          ImageEncoder.withoutHead(Weights.of(golden.weights("embedder.model.visual.")));
      ImageEncoder encoder =
          ImageEncoder.openClip(Parameters.ofTransformer(visual, backend, arena), tower);
      visual.finish();
      ResamplerConfig sizes = sizes(json);
      Weights weights = Weights.of(golden.weights("image_proj_model."));
      Resampler resampler = new Resampler(Parameters.ofTransformer(weights, backend, arena), sizes);
      weights.finish();
      Tensor frame = golden.tensor("inputs.frame_u8");
      Tensor picture = arena.empty(DType.F32, frame.size(1), frame.size(2), 3);
      backend.copy(
          Golden.host(picture(golden, "inputs.frame_u8"), picture.shape().extents()), picture);
      Tensor context =
          arena.empty(backend.computeTypes().transformer(), sizes.tokens(), sizes.contextDim());
      ActivationTrace trace = new ActivationTrace(backend);
      new ImageContext(backend, tower, encoder, resampler)
          .encode(picture, Workspace.of(arena, Golden.AMPLE), context, trace);
      Map<String, float[]> found = trace.values();
      int side = tower.imageSize();
      // Before anything is computed in another type than fp32.
      Golden.assertRelative(
          "resized", channelsLast(golden, "outputs.resized", side), found.get("resized"), 1e-6);
      Golden.assertRelative(
          "preprocessed",
          channelsLast(golden, "outputs.preprocessed", side),
          found.get("vision.preprocessed"),
          1e-6);
      assertTap(arguments, golden, "vision_ln_pre", found.get("vision.after_pre_norm"));
      for (int i = 0; i < tower.blocks(); i++) {
        assertTap(arguments, golden, "vision_block" + i, found.get("vision.block" + i + ".out"));
      }
      assertTap(arguments, golden, "image_tokens", found.get("image_tokens"));
      assertTap(arguments, golden, "resampler_proj_in", found.get("resampler.proj_in"));
      for (int i = 0; i < sizes.depth(); i++) {
        String layer = "resampler.layer" + i;
        float[] added = found.get(layer + ".after_attention");
        float[] before = found.get(layer + ".before_attention");
        for (int j = 0; j < added.length; j++) {
          added[j] -= before[j];
        }
        assertTap(arguments, golden, "resampler_attention" + i, added);
      }
      assertTap(arguments, golden, "image_context", Golden.floats(backend, context));
    }
  }

  static ResamplerConfig sizes(JsonValue json) {
    return new ResamplerConfig(
        json.integer("vision_width"),
        json.integer("resampler_dim"),
        json.integer("resampler_depth"),
        json.integer("resampler_heads"),
        json.integer("resampler_head_width"),
        json.integer("queries") * json.integer("video_length"),
        json.integer("context_dim"));
  }

  /** Of {@code [1, 3, S, S]}. */
  private static float[] channelsLast(Golden golden, String name, int side) {
    return Golden.framesChannelsLast(golden.floats(name), 1, 3, side, side).toFloats();
  }

  /** Only conversion reads texts, on the CPU. */
  static List<Golden.Arguments> texts() {
    return Golden.cpuCases("vid2world", "context");
  }

  @ParameterizedTest
  @MethodSource("texts")
  void readsTheEmptyTextLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      JsonValue json = golden.config();
      int dim = json.integer("context_dim");
      TextTower.Config config =
          new TextTower.Config(
              json.integer("vocab"), dim, json.integer("text_heads"), json.integer("text_layers"));
      Weights weights =
          TextTower.withoutHead(Weights.of(golden.weights("cond_stage_model.model.")), config);
      TextTower text = new TextTower(Parameters.ofTransformer(weights, backend, arena), config);
      weights.finish();
      int[] ids = TextTower.empty(config);
      assertEquals(
          IntStream.of(ids).mapToObj(id -> (long) id).toList(),
          Arrays.stream(golden.longs("inputs.text_ids")).boxed().toList());
      Tensor features = arena.empty(DType.F32, TextTower.TOKENS, dim);
      ActivationTrace trace = new ActivationTrace(backend);
      text.forward(ids, Workspace.of(arena, Golden.AMPLE), features, trace);
      for (int i = 0; i < config.layers() - 1; i++) {
        Golden.assertRelative(
            "block" + i,
            golden.floats("outputs.text_block" + i),
            trace.values().get("block" + i + ".out"),
            LIMIT);
      }
      Golden.assertRelative(
          "text_context",
          golden.floats("outputs.text_context"),
          Golden.floats(backend, features),
          LIMIT);
    }
  }

  static List<Golden.Arguments> files() {
    return cases().stream().filter(on -> on.backendName().equals("reference")).toList();
  }

  /** Axes that grow, shrink, or do both. */
  @ParameterizedTest
  @MethodSource("files")
  void resizesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      List<JsonValue> resizes = golden.config().get("resizes").asList();
      assertEquals(false, resizes.isEmpty());
      for (int i = 0; i < resizes.size(); i++) {
        int[] size = resizes.get(i).asList().stream().mapToInt(JsonValue::asInt).toArray();
        float[] found =
            CornerAlignedResize.resize(
                picture(golden, "inputs.resize" + i), size[0], size[1], size[2], size[3]);
        float[] expected =
            Golden.framesChannelsLast(golden.floats("outputs.resize" + i), 1, 3, size[2], size[3])
                .toFloats();
        Golden.assertClose("resize" + i, expected, found, RESIZE_LIMIT);
      }
    }
  }
}
