package dev.orrery.model.jafar;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.OtherActivationBackend;
import dev.orrery.model.golden.SpoiltWeights.Change;
import dev.orrery.model.golden.SpoiltWeights.Order;
import dev.orrery.model.golden.Trap;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Mistakes that are easily made with jafar's networks, made on purpose. */
public final class JafarTraps {
  private JafarTraps() {}

  /** All of them, for each fixture of networks. */
  public static List<Trap> all() {
    List<Trap> traps = new ArrayList<>();
    for (Golden.Arguments fixture : Golden.cpuCases("genie", "genie")) {
      if (fixture.backendName().equals("cpu")) {
        traps.add(
            new Trap(
                "jafar: erf for tanh, " + fixture,
                JafarFixture.LIMIT,
                () -> reconstruction(fixture, fixture.backend(), Change.NONE),
                () -> reconstruction(fixture, erf(fixture), Change.NONE)));
        traps.add(
            new Trap(
                "jafar: channels slowest in patches, " + fixture,
                JafarFixture.LIMIT,
                () -> reconstruction(fixture, fixture.backend(), Change.NONE),
                () -> reconstruction(fixture, fixture.backend(), channelsSlowest())));
      }
    }
    return traps;
  }

  private static Backend erf(Golden.Arguments fixture) {
    return new OtherActivationBackend(fixture.backend(), Activation.GELU_TANH, Activation.GELU_ERF);
  }

  /** The layer is stored the way of Flax, inputs first. */
  private static Change channelsSlowest() {
    return Change.ofColumns(
        "tokenizer\\.decoder\\.Dense_1\\.(kernel|bias)", Order.channelsFirst(3));
  }

  /** The error of what the tokens of a video are decoded to. */
  private static double reconstruction(Golden.Arguments arguments, Backend backend, Change change) {
    try (JafarFixture fixture = new JafarFixture(arguments, backend, change)) {
      JafarTokenizer tokenizer = fixture.networks.tokenizer();
      long[] video = fixture.golden.shape("inputs.video").extents();
      int batch = (int) video[0];
      int[] ids = fixture.part("outputs.tokens", 0, batch);
      Tensor images = fixture.arena.empty(DType.F32, Arrays.copyOfRange(video, 1, video.length));
      tokenizer.decode(
          fixture.moved(tokenizer.codes(ids)),
          0,
          tokenizer.newDecoderCache((int) video[1], fixture.arena),
          fixture.resources.passes(),
          images,
          Trace.NONE);
      return Golden.relativeError(
          fixture.floats("outputs.reconstruction", 0, batch), fixture.values(images));
    }
  }
}
