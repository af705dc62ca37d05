package dev.orrery.model.jafar;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.sampling.Confidence;
import dev.orrery.model.sampling.MaskedSampler;
import dev.orrery.model.sampling.MaskedTokens;
import dev.orrery.model.sampling.RampedCosineSchedule;
import dev.orrery.model.sampling.TokenDraws;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.random.UniformNoise;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Many frames, far beyond the end of the window, against everything computed anew. */
class JafarWindowTest {
  private static final int FRAMES = 40;
  private static final int STEPS = 3;
  private static final TokenDraws DRAWS = TokenDraws.seeded(3);

  static Stream<Arguments> cases() {
    return Golden.cpuCases("genie", "rollout").stream()
        .flatMap(
            fixture ->
                Stream.of(1, 5)
                    .flatMap(
                        frames ->
                            Stream.of(false, true)
                                .map(again -> Arguments.of(fixture, frames, again))));
  }

  /** Logits and tokens of every step, without caches and with; both ways to go on. */
  @ParameterizedTest
  @MethodSource("cases")
  void cachedIsUncached(Golden.Arguments arguments, int longest, boolean retokenise) {
    try (JafarFixture fixture = new JafarFixture(arguments)) {
      int promptFrames = Math.min(longest, fixture.config.frames() - 1);
      JafarConfig config = fixture.config.withRetokenise(retokenise);
      JafarStart start = start(fixture, promptFrames);
      JafarGenerator generator =
          new JafarGenerator(
              config,
              fixture.networks,
              new JafarGenerator.Sampling(sampler(config), DRAWS),
              fixture.resources);
      generator.begin(start, new int[promptFrames - 1]);
      Uncached uncached = new Uncached(fixture, retokenise, start);
      for (int frame = 0; frame < FRAMES; frame++) {
        int action = frame % config.actions();
        ActivationTrace trace =
            new ActivationTrace(fixture.backend, name -> name.matches("step\\d+\\.logits"));
        generator.generate(frame, action, StepListener.NONE, trace).completion().run();
        int[] expected = uncached.next(frame, action, trace);
        JafarFixture.assertSame("frame " + frame, expected, generator.tokens().ids());
      }
    }
  }

  private static MaskedSampler sampler(JafarConfig config) {
    return new MaskedSampler(
        new RampedCosineSchedule(STEPS, 1, true),
        Confidence.PROBABILITY_AND_KNOWN,
        1,
        config.codes());
  }

  private static JafarStart start(JafarFixture fixture, int frames) {
    JafarConfig config = fixture.config;
    List<Tensor> images = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      double[] uniform = new double[3 * config.height() * config.width()];
      UniformNoise.fill(5, i, 0, uniform);
      float[] pixels = new float[uniform.length];
      for (int at = 0; at < pixels.length; at++) {
        pixels[at] = (float) uniform[at];
      }
      images.add(Tensor.of(pixels, config.height(), config.width(), 3));
    }
    JafarStart start = new JafarStart(config, fixture.arena);
    StartResources encoding =
        new StartResources(fixture.backend, fixture.backend.newArena(), fixture.resources.passes());
    try (encoding) {
      start.encode(images, fixture.networks.tokenizer(), encoding, Progress.NONE);
    }
    return start;
  }

  /** As the reference does, but with a window that slides: all of it in every pass. */
  private static final class Uncached {
    private final JafarFixture fixture;
    private final boolean retokenise;
    private final List<int[]> ids = new ArrayList<>();
    private final List<Tensor> pixels = new ArrayList<>();
    private final List<Integer> led = new ArrayList<>();

    Uncached(JafarFixture fixture, boolean retokenise, JafarStart start) {
      this.fixture = fixture;
      this.retokenise = retokenise;
      for (int i = 0; i < start.frames(); i++) {
        ids.add(start.ids(i));
        pixels.add(start.pixels().slice(i, i + 1));
        led.add(0);
      }
    }

    /**
     * The tokens of the next frame.
     *
     * @param found has the logits of its steps
     */
    int[] next(int number, int action, ActivationTrace found) {
      led.add(action);
      int from = Math.max(0, led.size() - fixture.config.frames());
      List<int[]> context =
          retokenise ? encoded(pixels.subList(from, pixels.size())) : ids.subList(from, ids.size());
      MaskedTokens tokens = MaskedTokens.unknown(fixture.tokens);
      MaskedSampler sampler = sampler(fixture.config);
      for (int step = 0; step < STEPS; step++) {
        float[] logits = pass(context, tokens, led.subList(from, led.size()));
        float[] cached = found.values().get("step" + step + ".logits");
        fixture.assertClose("logits of frame " + number + ", step " + step, logits, cached);
        sampler.step(number, step, logits, tokens, DRAWS);
      }
      ids.add(tokens.ids());
      pixels.add(decoded(tokens.ids()));
      return tokens.ids();
    }

    private float[] pass(List<int[]> context, MaskedTokens tokens, List<Integer> actions) {
      JafarDynamics dynamics = fixture.networks.dynamics();
      List<int[]> window = new ArrayList<>(context);
      window.add(tokens.ids(dynamics.mask()));
      int[] all = window.stream().flatMapToInt(Arrays::stream).toArray();
      int[] leading = actions.stream().mapToInt(Integer::intValue).toArray();
      Tensor logits = fixture.arena.empty(DType.F32, fixture.tokens, fixture.config.codes());
      dynamics.forward(
          fixture.ids(all),
          fixture.moved(dynamics.codes(leading)),
          0,
          dynamics.newCache(fixture.arena),
          fixture.resources.passes(),
          logits,
          Trace.NONE);
      return fixture.values(logits).clone();
    }

    private Tensor decoded(int[] frame) {
      JafarTokenizer tokenizer = fixture.networks.tokenizer();
      JafarConfig config = fixture.config;
      Tensor image = fixture.arena.empty(DType.F32, 1, config.height(), config.width(), 3);
      tokenizer.decode(
          fixture.moved(tokenizer.codes(frame)),
          0,
          tokenizer.newDecoderCache(1, fixture.arena),
          fixture.resources.passes(),
          image,
          Trace.NONE);
      return image;
    }

    /** Tokens of frames that are encoded together. */
    private List<int[]> encoded(List<Tensor> images) {
      JafarTokenizer tokenizer = fixture.networks.tokenizer();
      JafarConfig config = fixture.config;
      int frames = images.size();
      Tensor video = fixture.arena.empty(DType.F32, frames, config.height(), config.width(), 3);
      for (int i = 0; i < frames; i++) {
        fixture.backend.copy(images.get(i), video.slice(i, i + 1));
      }
      Tensor z = fixture.arena.empty(DType.F32, (long) frames * fixture.tokens, config.codeDim());
      tokenizer.encode(
          video,
          0,
          tokenizer.newEncoderCache(frames, fixture.arena),
          fixture.resources.passes(),
          z,
          Trace.NONE);
      int[] all = tokenizer.ids(z);
      List<int[]> byFrame = new ArrayList<>();
      for (int i = 0; i < frames; i++) {
        byFrame.add(Arrays.copyOfRange(all, i * fixture.tokens, (i + 1) * fixture.tokens));
      }
      return byFrame;
    }
  }
}
