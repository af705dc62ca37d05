package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The transformer against the reference implementation: text stream, first chunk, the pass over the
 * remembered frames, a chunk that sees them.
 */
class WorldPlayHyTransformerGoldenTest {
  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay-hy8b", "dit_ar");
  }

  static List<Golden.Arguments> casesOfProperties() {
    return Golden.casesOfProperties("worldplay-hy8b", "dit_ar");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void passesOfASession(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      new TransformerFixture(arguments, golden, backend, arena).assertSession();
    }
  }

  /**
   * What the last block computes besides keys and values of the text and of remembered frames is
   * needed by nobody; here it is not the last one.
   */
  @ParameterizedTest
  @MethodSource("casesOfProperties")
  void theLastBlockIsLikeTheOthers(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      WorldPlayHyTransformerConfig stored = WorldPlayHyFixture.config(golden.config());
      int layers = stored.layers();
      TransformerFixture fixture =
          new TransformerFixture(
              arguments,
              golden,
              backend,
              arena,
              withLayers(stored, layers + 1),
              new LongerSource(golden.weights(""), layers, 1));
      fixture.remember();
      fixture.assertText();
      fixture.fillMemory(golden.config().integer("context_frames"));
    }
  }

  /** Video never changes what the text says: run again beside each pass, the text is the same. */
  @ParameterizedTest
  @MethodSource("casesOfProperties")
  void theTextIsTheSameBesideTheVideo(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      TransformerFixture fixture = new TransformerFixture(arguments, golden, backend, arena);
      int context = golden.config().integer("context_frames");
      int chunk = golden.config().integer("chunk_frames");
      fixture.remember();
      List<float[]> once = fixture.text();
      fixture.fillMemory(context);
      assertSame(once, fixture.text());
      fixture.remember();
      assertSame(once, fixture.text());
      fixture.assertChunk("chunk", context, context, chunk);
      assertSame(once, fixture.text());
    }
  }

  private static void assertSame(List<float[]> expected, List<float[]> found) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), found.get(i));
    }
  }

  private static WorldPlayHyTransformerConfig withLayers(
      WorldPlayHyTransformerConfig config, int layers) {
    return new WorldPlayHyTransformerConfig(
        config.heads(),
        config.headDim(),
        config.channels(),
        config.hiddenRatio(),
        layers,
        config.rotary(),
        config.rotaryTheta(),
        config.states());
  }

  /** A transformer with more blocks, whose weights are those of the first one. */
  private record LongerSource(TensorSource stored, int layers, int more) implements TensorSource {
    private static final String FIRST = "double_blocks.0.";

    @Override
    public Set<String> names() {
      Set<String> names = new HashSet<>(stored.names());
      for (String name : stored.names()) {
        for (int i = layers; i < layers + more && name.startsWith(FIRST); i++) {
          names.add("double_blocks." + i + "." + name.substring(FIRST.length()));
        }
      }
      return names;
    }

    @Override
    public Optional<Tensor> find(String name, Shape shape) {
      String source = name;
      for (int i = layers; i < layers + more; i++) {
        source = source.replace("double_blocks." + i + ".", FIRST);
      }
      return stored.find(source, shape);
    }

    @Override
    public String location(String name) {
      return stored.location(name);
    }
  }
}
