package dev.orrery.model.siglip;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.OtherActivationBackend;
import dev.orrery.model.golden.Trap;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.ArrayList;
import java.util.List;

/** Mistakes that are easily made with SigLIP and the pictures for it, made on purpose. */
public final class SiglipTraps {
  private SiglipTraps() {}

  /** All of them, for each fixture. */
  public static List<Trap> all() {
    List<Trap> traps = new ArrayList<>();
    for (Golden.Arguments fixture : SiglipGoldenTest.cpuTowers()) {
      String last = "last_hidden_state";
      traps.add(
          new Trap(
              "SigLIP: erf for tanh, " + fixture,
              SiglipGoldenTest.LIMIT,
              () -> error(fixture, fixture.backend(), true, last),
              () ->
                  error(
                      fixture,
                      new OtherActivationBackend(
                          fixture.backend(), Activation.GELU_TANH, Activation.GELU_ERF),
                      true,
                      last)));
      traps.add(
          new Trap(
              "SigLIP: without the last norm, " + fixture,
              SiglipGoldenTest.LIMIT,
              () -> error(fixture, fixture.backend(), true, last),
              () -> error(fixture, fixture.backend(), true, "before_post_layernorm")));
      traps.add(
          new Trap(
              "SigLIP: whole patches by stretching, " + fixture,
              SiglipGoldenTest.LIMIT,
              () -> error(fixture, fixture.backend(), true, last),
              () -> error(fixture, fixture.backend(), false, last)));
    }
    for (Golden.Arguments fixture : SiglipGoldenTest.preprocessing()) {
      if (fixture.backendName().equals("cpu")) {
        traps.add(
            new Trap(
                "SigLIP: the cut of the video, " + fixture,
                0,
                () -> wrongBytes(fixture, true, ResizeFilter.BICUBIC),
                () -> wrongBytes(fixture, false, ResizeFilter.BICUBIC)));
        traps.add(
            new Trap(
                "SigLIP: Lanczos for the square, " + fixture,
                0,
                () -> wrongBytes(fixture, true, ResizeFilter.BICUBIC),
                () -> wrongBytes(fixture, true, ResizeFilter.LANCZOS)));
      }
    }
    return traps;
  }

  /**
   * The error of the features.
   *
   * @param cut whether pixels beyond whole patches are cut off; stretched otherwise
   * @param tap which values are taken for the features
   */
  private static double error(Golden.Arguments arguments, Backend device, boolean cut, String tap) {
    try (Golden golden = arguments.golden();
        Backend backend = device;
        TensorArena arena = backend.newArena()) {
      SiglipConfig config = SiglipConfig.of(golden.config());
      Parameters p = Parameters.ofTransformer(Weights.of(golden.weights("")), backend, arena);
      SiglipEncoder encoder = new SiglipEncoder(p, config);
      RgbImage image = SiglipGoldenTest.image(golden, "inputs.image");
      int seen = config.side() * config.patch();
      RgbImage square =
          cut
              ? encoder.squashed(image)
              : ImageResizer.resize(image, seen, seen, ResizeFilter.BICUBIC, backend);
      Tensor features = arena.empty(DType.F32, config.tokens(), config.dim());
      ActivationTrace trace = new ActivationTrace(backend);
      encoder.forward(encoder.pixels(square), Workspace.of(arena, Golden.AMPLE), features, trace);
      return Golden.relativeError(
          golden.floats("outputs.last_hidden_state"), trace.values().get(tap));
    }
  }

  /** How many bytes of the square picture are others. */
  private static int wrongBytes(Golden.Arguments arguments, boolean bucket, ResizeFilter filter) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      RgbImage image = SiglipGoldenTest.image(golden, "inputs.image");
      ImageBucket size = ImageBucket.of(image.height(), image.width());
      // The video is 16 columns narrower, or rows lower, than the bucket of a picture of 16:9.
      boolean wide = size.width() > size.height();
      RgbImage cut =
          ImageResizer.cover(
              image,
              size.height() - (bucket || wide ? 0 : 16),
              size.width() - (bucket || !wide ? 0 : 16),
              backend);
      int side = golden.tensor("outputs.resized").size(0);
      byte[] found = ImageResizer.resize(cut, side, side, filter, backend).rgb();
      byte[] expected = golden.bytes("outputs.resized");
      int wrong = 0;
      for (int i = 0; i < expected.length; i++) {
        wrong += expected[i] == found[i] ? 0 : 1;
      }
      return wrong;
    }
  }
}
