package dev.orrery.model.genie1x;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.sampling.Confidence;
import dev.orrery.model.sampling.CosineSchedule;
import dev.orrery.model.sampling.MaskedSampler;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.sampling.TokenDraws;
import dev.orrery.model.session.SessionResources;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The transformer of a fixture on a backend. */
final class Genie1xFixture implements AutoCloseable {
  static final double LIMIT = 1e-5;

  final Golden.Arguments arguments;
  final Golden golden;
  final Backend backend;
  final TensorArena arena;
  final StMaskGitConfig config;
  final StMaskGit transformer;
  final SessionResources resources;
  final int tokens;

  Genie1xFixture(Golden.Arguments arguments) {
    this(arguments, arguments.backend());
  }

  Genie1xFixture(Golden.Arguments arguments, Backend backend) {
    this.arguments = arguments;
    this.backend = backend;
    golden = arguments.golden();
    arena = backend.newArena();
    config = StMaskGitConfig.read(golden.config());
    Weights weights = Weights.of(golden.weights(""));
    transformer = new StMaskGit(Parameters.ofTransformer(weights, backend, arena), config);
    weights.finish();
    resources = Golden.resources(backend, NoiseSource.NONE);
    tokens = config.tokens();
  }

  /** The ids of some frames, {@code [F][S]}, of a tensor of the fixture that ends in frames. */
  int[][] frames(String name) {
    long[] all = golden.longs(name);
    int[][] out = new int[all.length / tokens][];
    for (int f = 0; f < out.length; f++) {
      out[f] =
          Arrays.stream(all, f * tokens, (f + 1) * tokens).mapToInt(Math::toIntExact).toArray();
    }
    return out;
  }

  /** One pass over frames of ids; the logits of the last {@code outputs} of them. */
  Tensor pass(int[][] frames, int first, FrameCache cache, int outputs, Trace trace) {
    int[] ids = Arrays.stream(frames).flatMapToInt(Arrays::stream).toArray();
    FactoredVocabulary vocabulary = config.vocabulary();
    Tensor factors = arena.empty(DType.I32, vocabulary.factors(), ids.length);
    for (int factor = 0; factor < vocabulary.factors(); factor++) {
      int[] values = vocabulary.factor(ids, factor);
      backend.copy(
          Tensor.host(DType.I32, Shape.of(values.length), MemorySegment.ofArray(values)),
          factors.row(factor));
    }
    long channels = (long) vocabulary.factors() * vocabulary.categories();
    Tensor logits = arena.empty(DType.F32, (long) outputs * tokens, channels);
    transformer.forward(factors, first, cache, resources.passes(), logits, trace);
    return logits;
  }

  StMaskGitGenerator generator(
      int steps, double temperature, Confidence confidence, TokenDraws draws, int[][] prompt) {
    FactoredVocabulary vocabulary = config.vocabulary();
    MaskedSampler sampler =
        new MaskedSampler(
            new CosineSchedule(steps, temperature > 0),
            confidence,
            vocabulary.factors(),
            vocabulary.categories());
    StMaskGitGenerator generator =
        new StMaskGitGenerator(
            config, transformer, new StMaskGitGenerator.Sampling(sampler, draws), resources);
    generator.begin(prompt);
    return generator;
  }

  /** Requires values to be those of the fixture, as closely as the backend computes. */
  void assertClose(String what, float[] expected, float[] found) {
    Golden.assertRelative(what, expected, found, arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT);
  }

  /** {@code [C, tokens]} as {@code [tokens, C]}. */
  static float[] transposed(float[] values, int tokens) {
    float[] out = new float[values.length];
    int channels = values.length / tokens;
    for (int c = 0; c < channels; c++) {
      for (int t = 0; t < tokens; t++) {
        out[t * channels + c] = values[c * tokens + t];
      }
    }
    return out;
  }

  static void assertFrame(int[] expected, int[] found, String what) {
    assertEquals(Arrays.toString(expected), Arrays.toString(found), what);
  }

  @Override
  public void close() {
    resources.arena().close();
    arena.close();
    backend.close();
    golden.close();
  }
}
