package dev.orrery.model.hunyuanvae;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Edge;
import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.layout.UpsampleShortcut;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.session.ForwardingBackend;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is easily misunderstood in this autoencoder, done wrongly: the fixture's limit refuses each.
 * An operation of the backend stands for the mistake.
 */
class HunyuanVaeTrapTest {
  /** Which half of the network a mistake is in. */
  private enum Half {
    ENCODER,
    DECODER
  }

  /**
   * A mistake.
   *
   * @param name what is done
   * @param contract the operation that does it
   * @param wrong makes it of the right one
   */
  record Trap<K extends Kernel>(String name, Half half, Class<K> contract, UnaryOperator<K> wrong) {
    /** A backend that makes it. */
    Backend on(Backend right) {
      return ForwardingBackend.replacing(right, contract, wrong);
    }

    @Override
    public String toString() {
      return half + ": " + name;
    }
  }

  static Stream<Trap<?>> traps() {
    return Stream.concat(trapsOfBoth(), Stream.concat(trapsOfTheEncoder(), trapsOfTheDecoder()));
  }

  private static Stream<Trap<?>> trapsOfBoth() {
    return Stream.of(Half.values())
        .flatMap(
            half ->
                Stream.of(
                    new Trap<>(
                        "zeros around frames",
                        half,
                        CausalConv3d.class,
                        right ->
                            (past, x, w, b, stride, edge, out) ->
                                right.launch(past, x, w, b, stride, Edge.ZEROS, out)),
                    new Trap<>(
                        "zeros before the stream",
                        half,
                        CausalConv3d.class,
                        HunyuanVaeTrapTest::behindZeros),
                    new Trap<>(
                        "attention to earlier latent frames",
                        half,
                        Attention.class,
                        HunyuanVaeTrapTest::withEarlierFrames),
                    new Trap<>(
                        "norms without SiLU",
                        half,
                        ChannelRmsNorm.class,
                        right ->
                            (x, gamma, act, out) -> right.launch(x, gamma, Activation.NONE, out))));
  }

  private static Stream<Trap<?>> trapsOfTheEncoder() {
    return Stream.of(
        new Trap<>(
            "shortcuts count a box by channel, pixel",
            Half.ENCODER,
            DownsampleShortcut.class,
            right ->
                (x, frames, side, order, out) ->
                    right.launch(x, frames, side, PatchOrder.CHANNEL_SLOWEST, out)),
        new Trap<>(
            "steps count a box by channel, pixel",
            Half.ENCODER,
            Patchify.class,
            right ->
                (x, patch, order, offset, out) ->
                    right.launch(x, patch, PatchOrder.CHANNEL_SLOWEST, offset, out)),
        new Trap<>(
            "the single frame of a stream stands behind one of zeros",
            Half.ENCODER,
            DownsampleShortcut.class,
            HunyuanVaeTrapTest::behindAFrameOfZeros),
        new Trap<>(
            "the single frame of a stream is the first of its boxes only",
            Half.ENCODER,
            Patchify.class,
            HunyuanVaeTrapTest::firstOfItsBoxes));
  }

  private static Stream<Trap<?>> trapsOfTheDecoder() {
    return Stream.of(
        new Trap<>(
            "shortcuts count a box by channel, pixel",
            Half.DECODER,
            UpsampleShortcut.class,
            right ->
                (x, frames, side, order, out) ->
                    right.launch(x, frames, side, PatchOrder.CHANNEL_SLOWEST, out)),
        new Trap<>(
            "steps count a box by channel, pixel",
            Half.DECODER,
            Unpatchify.class,
            right ->
                (x, patch, order, out) -> right.launch(x, patch, PatchOrder.CHANNEL_SLOWEST, out)),
        new Trap<>(
            "the first frame takes the first half of all channels",
            Half.DECODER,
            TimeUnshuffle.class,
            HunyuanVaeTrapTest::firstHalfOfAll));
  }

  /** Zeros for the history that a layer sees first, as Wan's convolutions have them. */
  private static CausalConv3d behindZeros(CausalConv3d right) {
    Map<Tensor, Boolean> begun = new IdentityHashMap<>();
    return (past, x, weight, bias, stride, edge, out) -> {
      Tensor history = begun.put(weight, true) == null ? zeros(past) : past;
      right.launch(history, x, weight, bias, stride, edge, out);
    };
  }

  /** Keys and values of earlier calls as well: the whole-clip path, which nobody streams. */
  private static Attention withEarlierFrames(Attention right) {
    List<Tensor> keys = new ArrayList<>();
    List<Tensor> values = new ArrayList<>();
    return (q, k, v, sequences, scale, out) -> {
      keys.add(copy(k));
      values.add(copy(v));
      right.launch(q, joined(keys), joined(values), sequences, scale, out);
    };
  }

  /** The third and the fourth step are those that halve frames, once there are frames to halve. */
  private static DownsampleShortcut behindAFrameOfZeros(DownsampleShortcut right) {
    AtomicInteger steps = new AtomicInteger();
    return (x, frames, side, order, out) -> {
      int step = steps.incrementAndGet();
      right.launch(x, step == 3 || step == 4 ? 2 : frames, side, order, out);
    };
  }

  private static Patchify firstOfItsBoxes(Patchify right) {
    // Of the single frame: two steps of space, then two of time that take it twice each.
    AtomicInteger calls = new AtomicInteger();
    return (x, patch, order, offset, out) -> {
      boolean second = calls.incrementAndGet() <= 6 && offset > 0;
      right.launch(second ? zeros(x) : x, patch, order, offset, out);
    };
  }

  private static TimeUnshuffle firstHalfOfAll(TimeUnshuffle right) {
    AtomicInteger calls = new AtomicInteger();
    return (x, out) -> {
      if (calls.incrementAndGet() <= 2) {
        long pixels = x.size(1) / 4;
        right.launch(
            x.reshape(1, pixels, 4L * x.size(2)), out.reshape(2, pixels, 4L * out.size(2)));
      } else {
        right.launch(x, out);
      }
    };
  }

  private static Tensor zeros(Tensor like) {
    return Tensor.of(new float[Math.toIntExact(like.elements())], like.shape().extents());
  }

  private static Tensor copy(Tensor tensor) {
    return Tensor.of(tensor.toFloats(), tensor.shape().extents());
  }

  private static Tensor joined(List<Tensor> rows) {
    Tensor first = rows.getFirst();
    long count = rows.stream().mapToLong(tensor -> tensor.size(0)).sum();
    Tensor all =
        Tensor.of(
            new float[Math.toIntExact(count * first.size(1) * first.size(2))],
            count,
            first.size(1),
            first.size(2));
    long done = 0;
    for (Tensor part : rows) {
      all.slice(done, done + part.size(0)).segment().copyFrom(part.segment());
      done += part.size(0);
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("traps")
  void isRefused(Trap<?> trap) {
    for (Golden.Arguments arguments : Golden.cpuCases("worldplay-hy8b", "vae")) {
      if (arguments.backendName().equals("cpu")) {
        try (Golden golden = arguments.golden();
            CpuBackend right = CpuBackend.simd(2);
            TensorArena arena = right.newArena()) {
          Backend backend = trap.on(right);
          HunyuanVaeFixture vae = HunyuanVaeFixture.of(golden, backend, arena);
          AssertionError refused =
              assertThrows(AssertionError.class, () -> compare(vae, trap.half()));
          assertTrue(refused.getMessage().contains("largest error"), refused.getMessage());
        }
      }
    }
  }

  private static void compare(HunyuanVaeFixture vae, Half half) {
    boolean encodes = half == Half.ENCODER;
    Tensor found = encodes ? encoded(vae) : decoded(vae);
    String name = encodes ? "outputs.moments" : "outputs.video";
    float[] want = vae.golden().channelsLast(name).toFloats();
    float[] values = Golden.floats(vae.backend(), found);
    Golden.assertClose(name, want, values, HunyuanVaeFixture.tolerance(want));
  }

  private static Tensor encoded(HunyuanVaeFixture vae) {
    Tensor video = vae.pixels(vae.golden().channelsLast("inputs.video"));
    HunyuanVaeEncoder encoder = new HunyuanVaeEncoder(vae.parameters(), vae.config());
    return vae.encode(
        encoder, video, HunyuanVaeFixture.oneByOne(HunyuanVaeFixture.latentFrames(video)));
  }

  private static Tensor decoded(HunyuanVaeFixture vae) {
    HunyuanVaeDecoder decoder = new HunyuanVaeDecoder(vae.parameters(), vae.config());
    Tensor latents = vae.latents();
    return vae.decode(decoder, latents, HunyuanVaeFixture.oneByOne(latents.size(0)));
  }
}
