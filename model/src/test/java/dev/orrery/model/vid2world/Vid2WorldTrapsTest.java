package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.SpoiltWeights;
import dev.orrery.model.session.ForwardingBackend;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.AssertionFailedError;

/**
 * What is easily misunderstood in this family, done wrongly: the limit of a fixture refuses each.
 *
 * <p>A standard deviation of all values instead of one less is no mistake in the rescaling of
 * guidance: of the quotient of two of as many values the number cancels.
 */
class Vid2WorldTrapsTest {
  /** Of the project's own fixtures; in others a mistake may not show. */
  private static Golden.Arguments fixture(String name) {
    return new Golden.Arguments(
        Path.of("src/test/resources/golden/vid2world", name + ".safetensors"), "cpu");
  }

  private static void assertRefused(String what, float[] wanted, float[] found, double limit) {
    AssertionFailedError refused =
        assertThrows(
            AssertionFailedError.class, () -> Golden.assertRelative(what, wanted, found, limit));
    assertTrue(refused.getMessage().startsWith(what + ": relative error"), refused.getMessage());
  }

  private static <K extends Kernel> Backend backend(Class<K> contract, UnaryOperator<K> mistake) {
    return ForwardingBackend.replacing(fixture("unet").backend(), contract, mistake);
  }

  @TestFactory
  Stream<DynamicTest> mistakesOfTheSampler() {
    Vid2WorldSampling sampling = SamplerFixture.sampling(fixture("unet"));
    return Stream.of(
        sampler("the past is clean", WrongCombination.Clean::new),
        sampler("the past is noised again at every step", WrongCombination.NoisedAgain::new),
        sampler(
            "the last frame of the past has no noise of its own",
            WrongCombination.NoisedTogether::new),
        sampler(
            "the last step ends without any noise",
            right -> new WrongCombination.NoNoiseInTheEnd(right, sampling)),
        sampler(
            "the past is scaled like what is made",
            right -> new WrongCombination.Scaled(right, sampling)));
  }

  private static DynamicTest sampler(String name, UnaryOperator<LinearCombination> mistake) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          Golden.Arguments unet = fixture("unet");
          Backend wrong = backend(LinearCombination.class, mistake);
          try (SamplerFixture fixture =
              new SamplerFixture(unet, SamplerFixture.sampling(unet), wrong)) {
            float[] found = fixture.make(Trace.NONE);
            assertRefused("latents", fixture.expected(), found, Vid2WorldSamplerGoldenTest.LIMIT);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> mistakesOfTheNetwork() {
    SpoiltWeights.Change halves =
        SpoiltWeights.Change.ofRows(
            ".*\\.ff\\.net\\.0\\.proj\\.(weight|bias)",
            (index, count) -> (index + count / 2) % count);
    return Stream.of(
        network("the first half of GEGLU is the gate", () -> fixture("unet").backend(), halves),
        network(
            "text and image are in one softmax",
            () -> backend(Attention.class, Vid2WorldTrapsTest::inOneSoftmax),
            SpoiltWeights.Change.NONE),
        network(
            "the last convolution looks down as well",
            () -> backend(Conv2d.class, Vid2WorldTrapsTest::lookingAround),
            SpoiltWeights.Change.NONE));
  }

  private static DynamicTest network(
      String name, Supplier<Backend> wrong, SpoiltWeights.Change change) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          try (UnetFixture fixture = new UnetFixture(fixture("unet"), wrong.get(), change)) {
            int frames = fixture.golden.tensor("inputs.t").size(1);
            float[] found = fixture.velocity(frames, Trace.NONE);
            assertRefused("v", fixture.expected("outputs.v"), found, UnetFixture.LIMIT);
          }
        });
  }

  /** What is seen of the text is zero, and what is seen of the image is seen of both. */
  private static Attention inOneSoftmax(Attention right) {
    return new Attention() {
      private Tensor textKeys;
      private Tensor textValues;

      @Override
      public void launch(Tensor q, Tensor k, Tensor v, int sequences, double scale, Tensor out) {
        if (k.size(0) == UnetContext.TEXT_TOKENS) {
          textKeys = k;
          textValues = v;
          out.segment().fill((byte) 0);
        } else if (textKeys == null) {
          right.launch(q, k, v, sequences, scale, out);
        } else {
          right.launch(q, joined(textKeys, k), joined(textValues, v), sequences, scale, out);
          textKeys = null;
        }
      }
    };
  }

  private static Tensor joined(Tensor first, Tensor second) {
    int rows = first.size(0) + second.size(0);
    float[] values = new float[Math.toIntExact(first.elements() + second.elements())];
    Tensor both = Tensor.of(values, rows, first.size(1), first.size(2));
    both.slice(0, first.size(0)).segment().copyFrom(first.segment());
    both.slice(first.size(0), rows).segment().copyFrom(second.segment());
    return both;
  }

  private static Conv2d lookingAround(Conv2d right) {
    return (x, weight, bias, stride, padding, out) ->
        right.launch(
            x, weight, bias, stride, padding.top() == 2 ? Conv2d.Padding.all(1) : padding, out);
  }

  /** What the smaller fixture does not show: its norms take away what frames are told. */
  @TestFactory
  Stream<DynamicTest> mistakesOfARollout() {
    return Stream.of(
        rollout(
            "no frame's action is told in the pass without the newest one",
            "latents",
            () -> backend(Add.class, TellingNothing::new),
            SpoiltWeights.Change.NONE),
        rollout(
            "a frame answers to its own action",
            "latents",
            () -> backend(Matmul.class, Vid2WorldTrapsTest::answeringAtOnce),
            SpoiltWeights.Change.NONE),
        rollout(
            "guidance is not rescaled",
            "latents",
            () -> backend(LinearCombination.class, WrongCombination.NotRescaled::new),
            SpoiltWeights.Change.NONE),
        rollout(
            "the resampler has no scale",
            "image_context",
            () -> backend(Attention.class, Vid2WorldTrapsTest::withoutScale),
            SpoiltWeights.Change.NONE),
        rollout(
            "the tower has one block less",
            "image_context",
            () -> fixture("rollout").backend(),
            withoutLastBlock()));
  }

  private static int ofRollout(String size) {
    try (Golden golden = fixture("rollout").golden()) {
      return golden.config().integer(size);
    }
  }

  /** The first frame of a rollout, of which a part is compared. */
  private static DynamicTest rollout(
      String name, String part, Supplier<Backend> wrong, SpoiltWeights.Change change) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          try (RolloutFixture fixture =
              new RolloutFixture(fixture("rollout"), wrong.get(), change)) {
            ActivationTrace trace = new ActivationTrace(fixture.backend);
            fixture.make(0, trace);
            float[] wanted = first(fixture.golden.tensor("outputs." + part));
            assertRefused(part, wanted, trace.values().get(part), Vid2WorldRolloutGoldenTest.LIMIT);
          }
        });
  }

  /** What belongs to the first frame, of {@code [K, N, C]} or {@code [K, C, y, x]}. */
  private static float[] first(Tensor stored) {
    Tensor row = stored.row(0);
    return stored.shape().rank() == 3
        ? row.toFloats()
        : Golden.framesChannelsLast(row.toFloats(), 1, row.size(0), row.size(1), row.size(2))
            .toFloats();
  }

  /** Only actions are added to the embedding of a single frame. */
  private static final class TellingNothing implements Add {
    private final Add right;
    private final int frames;
    private int told;

    TellingNothing(Add right) {
      this.right = right;
      frames = ofRollout("history") + 1;
    }

    @Override
    public void launch(Tensor a, Tensor b, Tensor out) {
      boolean action = a.shape().rank() == 2 && a.size(0) == 1;
      // All frames in a pass, all but the newest one in the next.
      if (!action || told < frames) {
        right.launch(a, b, out);
      }
      if (action) {
        told = (told + 1) % (2 * frames - 1);
      }
    }

    @Override
    public void launch(Tensor a, Tensor b, long run, long block, Tensor out) {
      right.launch(a, b, run, block, out);
    }
  }

  private static Matmul answeringAtOnce(Matmul right) {
    return (x, weight, bias, activation, out) -> {
      if (x.size(1) == CsgoActionSpace.DIM) {
        try (Golden golden = fixture("rollout").golden()) {
          Tensor own = golden.tensor("outputs.actions").slice(0, x.size(0));
          right.launch(own, weight, bias, activation, out);
        }
      } else {
        right.launch(x, weight, bias, activation, out);
      }
    };
  }

  private static Attention withoutScale(Attention right) {
    int headDim = ofRollout("resampler_head_width");
    // Heads of the tower have another width; what the U-Net does comes after what is compared.
    return (q, k, v, sequences, scale, out) ->
        right.launch(q, k, v, sequences, q.size(2) == headDim ? 1 : scale, out);
  }

  /** It adds zeros. */
  private static SpoiltWeights.Change withoutLastBlock() {
    String block = "transformer\\.resblocks\\." + (ofRollout("vision_layers") - 1);
    String added = block + "\\.(attn\\.out_proj|mlp\\.c_proj)\\.(weight|bias)";
    return (name, right) ->
        name.matches(added)
            ? Tensor.of(new float[Math.toIntExact(right.elements())], right.shape().extents())
            : right;
  }

  /** Pictures that grow are not blurred, so only those that shrink tell. */
  @Test
  void picturesThatShrinkAreBlurred() {
    int refused = 0;
    try (Golden golden = fixture("context").golden()) {
      List<JsonValue> resizes = golden.config().get("resizes").asList();
      for (int i = 0; i < resizes.size(); i++) {
        int[] size = resizes.get(i).asList().stream().mapToInt(JsonValue::asInt).toArray();
        String name = "resize" + i;
        float[] found =
            withoutBlur(Vid2WorldContextGoldenTest.picture(golden, "inputs." + name), size);
        float[] wanted =
            Golden.framesChannelsLast(golden.floats("outputs." + name), 1, 3, size[2], size[3])
                .toFloats();
        double limit = Vid2WorldContextGoldenTest.RESIZE_LIMIT;
        if (size[0] > size[2] || size[1] > size[3]) {
          assertThrows(
              AssertionFailedError.class, () -> Golden.assertClose(name, wanted, found, limit));
          refused++;
        } else {
          Golden.assertClose(name, wanted, found, limit);
        }
      }
    }
    assertTrue(refused > 0);
  }

  /**
   * Nothing is blurred that grows: to some pixels for each of the result, whose corners are the
   * same, of which the others are left out.
   */
  private static float[] withoutBlur(float[] picture, int[] size) {
    int down = Math.ceilDiv(size[0] - 1, size[2] - 1);
    int across = Math.ceilDiv(size[1] - 1, size[3] - 1);
    int rows = down * (size[2] - 1) + 1;
    int columns = across * (size[3] - 1) + 1;
    float[] large = CornerAlignedResize.resize(picture, size[0], size[1], rows, columns);
    float[] out = new float[size[2] * size[3] * 3];
    for (int i = 0; i < out.length; i++) {
      int row = i / 3 / size[3] * down;
      int column = i / 3 % size[3] * across;
      out[i] = large[(row * columns + column) * 3 + i % 3];
    }
    return out;
  }
}
