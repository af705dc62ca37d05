package dev.orrery.model.genie1x;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.OtherActivationBackend;
import dev.orrery.model.golden.Trap;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/** Mistakes that are easily made with the transformer of 1xgpt, made on purpose. */
public final class Genie1xTraps {
  private Genie1xTraps() {}

  /** All of them, for each fixture of activations. */
  public static List<Trap> all() {
    return Golden.cpuCases("genie-1xgpt", "maskgit").stream()
        .filter(fixture -> fixture.backendName().equals("cpu"))
        .map(
            fixture ->
                new Trap(
                    "1xgpt: tanh for erf, " + fixture,
                    Genie1xFixture.LIMIT,
                    () -> logits(fixture, fixture.backend()),
                    () -> logits(fixture, tanh(fixture))))
        .toList();
  }

  private static Backend tanh(Golden.Arguments fixture) {
    return new OtherActivationBackend(fixture.backend(), Activation.GELU_ERF, Activation.GELU_TANH);
  }

  /** The error of the logits of all frames. */
  private static double logits(Golden.Arguments arguments, Backend backend) {
    try (Genie1xFixture fixture = new Genie1xFixture(arguments, backend)) {
      int[][] frames = fixture.frames("inputs.tokens");
      FrameCache cache = fixture.transformer.newCache(fixture.arena);
      Tensor logits = fixture.pass(frames, 0, cache, frames.length, Trace.NONE);
      float[] expected = fixture.golden.floats("outputs.logits_CTHW");
      return Golden.relativeError(
          Genie1xFixture.transposed(expected, frames.length * fixture.tokens),
          Golden.floats(backend, logits));
    }
  }
}
