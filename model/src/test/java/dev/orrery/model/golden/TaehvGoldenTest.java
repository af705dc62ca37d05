package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.model.taehv.TaehvDecoder;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tiny decoder against the reference implementation, and its streams against each other. */
class TaehvGoldenTest {
  private static final double TOLERANCE = 1e-4;

  static List<Golden.Arguments> taehv() {
    return Golden.cases("taehv");
  }

  @ParameterizedTest
  @MethodSource("taehv")
  void decodesAsTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      float[] sequential = decode(golden, backend, 1);
      arguments.assertClose(
          "sequential", frames(golden, "outputs.sequential"), sequential, TOLERANCE);
      float[] parallel = decode(golden, backend, latents(golden).size(0));
      arguments.assertClose("parallel", frames(golden, "outputs.parallel"), parallel, TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("taehv")
  void anyCutOfTheStreamGivesTheSameBits(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      float[] together = decode(golden, backend, latents(golden).size(0));
      assertArrayEquals(together, decode(golden, backend, 1), "one by one");
      assertArrayEquals(together, decode(golden, backend, 3), "three, then the rest");
    }
  }

  /** Decodes all latents of a fixture, some at a time. */
  private static float[] decode(Golden golden, Backend backend, int atOnce) {
    try (TensorArena arena = backend.newArena()) {
      DType pixels = backend.computeTypes().autoencoder();
      Tensor latents = Golden.moved(backend, arena, pixels, latents(golden));
      int frames = latents.size(0);
      int[] widths = golden.config().integers("widths");
      TaehvConfig config =
          new TaehvConfig(latents.size(3), Arrays.stream(widths).boxed().toList(), 1);
      Weights weights = Weights.of(golden.weights(""));
      TaehvDecoder decoder =
          new TaehvDecoder(Parameters.ofAutoencoder(weights, backend, arena), config);
      weights.finish();
      int ratio = config.spatialRatio();
      Tensor out =
          arena.empty(
              pixels,
              (long) frames * TaehvConfig.TEMPORAL_RATIO,
              (long) latents.size(1) * ratio,
              (long) latents.size(2) * ratio,
              3);
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      FeatureCache cache = new FeatureCache(backend, arena);
      for (int f = 0; f < frames; f += atOnce) {
        int end = Math.min(frames, f + atOnce);
        Tensor video = out.slice(f * TaehvConfig.TEMPORAL_RATIO, end * TaehvConfig.TEMPORAL_RATIO);
        decoder.decode(latents.slice(f, end), cache, workspace, video, Trace.NONE);
      }
      return Golden.floats(backend, out);
    }
  }

  /** The latents {@code [1, F, C, h, w]} of a fixture as {@code [F, h, w, C]}. */
  private static Tensor latents(Golden golden) {
    return channelsLast(golden, "inputs.latents");
  }

  private static float[] frames(Golden golden, String name) {
    return channelsLast(golden, name).toFloats();
  }

  private static Tensor channelsLast(Golden golden, String name) {
    Shape shape = golden.shape(name);
    return Golden.framesChannelsLast(
        golden.floats(name),
        (int) shape.extent(1),
        (int) shape.extent(2),
        (int) shape.extent(3),
        (int) shape.extent(4));
  }
}
