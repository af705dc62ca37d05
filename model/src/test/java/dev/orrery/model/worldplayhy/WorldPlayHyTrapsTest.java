package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.OtherActivationBackend;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.sampling.ShiftedFlowSchedule;
import dev.orrery.model.session.ForwardingBackend;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.worldplay.CameraMotion;
import dev.orrery.model.worldplay.FieldOfViewOverlap;
import dev.orrery.model.worldplay.MemoryRetrieval;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.AssertionFailedError;

/**
 * What one could easily get wrong about the transformer and its loop, each planted and then found
 * by a fixture.
 */
class WorldPlayHyTrapsTest {
  /** What the fixtures allow, see the tests that compare with them. */
  private static final double LIMIT = 1e-5;

  /** A transformer with a mistake. */
  @FunctionalInterface
  private interface Mistake {
    TransformerFixture in(
        Golden.Arguments arguments, Golden golden, Backend backend, TensorArena arena);
  }

  /** Of the project's own fixtures; in others a mistake may not show, such as of padding. */
  private static Path fixture(String name) {
    return Path.of("src/test/resources/golden/worldplay-hy8b", name + ".safetensors");
  }

  private static Golden.Arguments fixture() {
    return new Golden.Arguments(fixture("dit_ar"), "cpu");
  }

  private static void assertFound(Mistake mistake) {
    Golden.Arguments arguments = fixture();
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      TransformerFixture wrong = mistake.in(arguments, golden, backend, arena);
      assertThrows(AssertionFailedError.class, wrong::assertSession);
    }
  }

  @TestFactory
  Stream<DynamicTest> mistakesOfTheTransformer() {
    return Stream.of(
        found("padding of the text is kept", Padded::new),
        found("the mean of the text counts padding", PaddedMean::new),
        found("actions are embedded by another number", Actions::new),
        found("remembered frames are labelled 0", (a, g, b, t) -> new Labelled(a, g, b, t, 0)),
        found("they are labelled 15", (a, g, b, t) -> new Labelled(a, g, b, t, 15)),
        found("remembered frames have no condition", Unconditioned::new),
        found("the chunk has the slots of the first frames", Slots::new),
        found("the text is placed like a frame", PlacedText::new),
        found(
            "the blocks have the GELU of the error function",
            (a, g, b, t) -> new TransformerFixture(a, g, otherGelu(b), t)),
        found(
            "the refiner has a GELU", (a, g, b, t) -> new TransformerFixture(a, g, geluFor(b), t)),
        found("cameras are ignored", (a, g, b, t) -> new TransformerFixture(a, g, blind(b), t)),
        found(
            "theta is 10000",
            (a, g, b, t) -> new TransformerFixture(a, g, b, t, theta(g), g.weights(""))),
        exchanged("types of text and picture", "cond_type_embedding.weight", 3, 0, 2),
        exchanged("scale and shift of a block", ".*img_mod\\.linear\\.(weight|bias)", 6, 0, 1),
        exchanged("gate and shift of the text", ".*txt_mod\\.linear\\.(weight|bias)", 6, 2, 3),
        exchanged("scale and shift of the head", "final_layer\\.adaLN.*", 2, 0, 1),
        exchanged("keys and values of the refiner", ".*self_attn_qkv\\.(weight|bias)", 3, 1, 2),
        exchanged("gates of the refiner", "txt_in.*adaLN.*", 2, 0, 1),
        found(
            "branches are exchanged",
            (a, g, b, t) -> with(a, g, b, t, new Branches(g.weights("")))));
  }

  private static Backend otherGelu(Backend right) {
    return new OtherActivationBackend(right, Activation.GELU_TANH, Activation.GELU_ERF);
  }

  /** Of all that have a SiLU, only the layers of the refiner widen. */
  private static Backend geluFor(Backend right) {
    return ForwardingBackend.replacing(
        right,
        Matmul.class,
        matmul ->
            (x, weight, bias, activation, out) ->
                matmul.launch(
                    x,
                    weight,
                    bias,
                    activation == Activation.SILU && out.size(1) > x.size(1)
                        ? Activation.GELU_TANH
                        : activation,
                    out));
  }

  private static Backend blind(Backend right) {
    Attention attention = right.kernel(Attention.class);
    PropeAttention wrong =
        (q, k, v, to, from, plainKeys, scale, room, out) ->
            attention.launch(q, k, v, 1, scale, out);
    return ForwardingBackend.replacing(right, PropeAttention.class, plain -> wrong);
  }

  private static DynamicTest found(String name, Mistake mistake) {
    return DynamicTest.dynamicTest(name, () -> assertFound(mistake));
  }

  private static DynamicTest exchanged(String name, String tensors, int parts, int one, int other) {
    Pattern names = Pattern.compile(tensors);
    return found(
        "exchanged: " + name,
        (a, g, b, t) -> with(a, g, b, t, new Exchanged(g.weights(""), names, parts, one, other)));
  }

  private static TransformerFixture with(
      Golden.Arguments arguments,
      Golden golden,
      Backend backend,
      TensorArena arena,
      TensorSource source) {
    WorldPlayHyTransformerConfig config = WorldPlayHyFixture.config(golden.config());
    return new TransformerFixture(arguments, golden, backend, arena, config, source);
  }

  private static WorldPlayHyTransformerConfig theta(Golden golden) {
    WorldPlayHyTransformerConfig config = WorldPlayHyFixture.config(golden.config());
    return new WorldPlayHyTransformerConfig(
        config.heads(),
        config.headDim(),
        config.channels(),
        config.hiddenRatio(),
        config.layers(),
        config.rotary(),
        10000,
        config.states());
  }

  private static class Padded extends TransformerFixture {
    Padded(Golden.Arguments a, Golden g, Backend b, TensorArena t) {
      super(a, g, b, t);
    }

    /** States with padding, for both what is refined and what is remembered. */
    @Override
    PromptStates states(StartResources resources) {
      Tensor all = golden.tensor("inputs.text_states").row(0);
      PromptStates right = super.states(resources);
      return new PromptStates(
          right.vision(), right.glyphs(), moved(all), moved(PromptStates.mean(all)));
    }
  }

  private static final class PaddedMean extends TransformerFixture {
    PaddedMean(Golden.Arguments a, Golden g, Backend b, TensorArena t) {
      super(a, g, b, t);
    }

    @Override
    PromptStates states(StartResources resources) {
      PromptStates right = super.states(resources);
      Tensor all = golden.tensor("inputs.text_states").row(0);
      // Rows of noise stand where the fixture has padding.
      return new PromptStates(
          right.vision(), right.glyphs(), right.text(), moved(PromptStates.mean(all)));
    }
  }

  private static final class Actions extends TransformerFixture {
    Actions(Golden.Arguments a, Golden g, Backend b, TensorArena t) {
      super(a, g, b, t);
    }

    @Override
    float[] classes(int first, int frames) {
      float[] classes = super.classes(first, frames);
      for (int i = 0; i < frames; i++) {
        classes[i] = classes[i] / 1000;
      }
      return classes;
    }
  }

  private static final class Labelled extends TransformerFixture {
    private final float timestep;

    Labelled(Golden.Arguments a, Golden g, Backend b, TensorArena t, float timestep) {
      super(a, g, b, t);
      this.timestep = timestep;
    }

    @Override
    float contextTimestep() {
      return timestep;
    }
  }

  private static final class Unconditioned extends TransformerFixture {
    Unconditioned(Golden.Arguments a, Golden g, Backend b, TensorArena t) {
      super(a, g, b, t);
    }

    @Override
    Tensor beside(Tensor condition) {
      int context = golden.config().integer("context_frames");
      return condition.size(0) == context
          ? Tensor.of(new float[(int) condition.elements()], condition.shape().extents())
          : condition;
    }
  }

  private static final class Slots extends TransformerFixture {
    Slots(Golden.Arguments a, Golden g, Backend b, TensorArena t) {
      super(a, g, b, t);
    }

    @Override
    float[] rotary(int frames) {
      int chunk = golden.config().integer("chunk_frames");
      float[] right = super.rotary(frames);
      if (frames <= golden.config().integer("context_frames")) {
        return right;
      }
      float[] wrong = Arrays.copyOf(right, right.length);
      int values = right.length / frames * chunk;
      System.arraycopy(right, 0, wrong, wrong.length - values, values);
      return wrong;
    }
  }

  private static final class PlacedText extends TransformerFixture {
    PlacedText(Golden.Arguments a, Golden g, Backend b, TensorArena t) {
      super(a, g, b, t);
    }

    /** As if the text lay in the last of the frames. */
    @Override
    void assertText() {
      super.assertText();
      for (int i = 0; i < config.layers(); i++) {
        KvCache.View kept = prompt.block(i);
        for (Tensor x : List.of(kept.keys(), kept.values())) {
          float[] values = Golden.floats(backend, x);
          float[] matrix = cameras.getLast().worldFromImage();
          float[] placed = new float[values.length];
          for (int at = 0; at < values.length; at++) {
            for (int j = 0; j < 4; j++) {
              placed[at] += matrix[at % 4 * 4 + j] * values[at / 4 * 4 + j];
            }
          }
          backend.copy(Tensor.of(placed, x.shape().extents()), x);
        }
      }
    }
  }

  /** Some of the equal parts of tensors are exchanged. */
  private record Exchanged(TensorSource stored, Pattern tensors, int parts, int one, int other)
      implements TensorSource {
    @Override
    public Set<String> names() {
      return stored.names();
    }

    @Override
    public Optional<Tensor> find(String name, Shape shape) {
      Optional<Tensor> right = stored.find(name, shape);
      return tensors.matcher(name).matches() ? right.map(this::exchanged) : right;
    }

    private Tensor exchanged(Tensor right) {
      float[] values = right.toFloats();
      float[] wrong = values.clone();
      int part = values.length / parts;
      System.arraycopy(values, one * part, wrong, other * part, part);
      System.arraycopy(values, other * part, wrong, one * part, part);
      return Tensor.of(wrong, right.shape().extents());
    }

    @Override
    public String location(String name) {
      return stored.location(name);
    }
  }

  /** What comes from one branch goes through the output layer of the other. */
  private record Branches(TensorSource stored) implements TensorSource {
    @Override
    public Set<String> names() {
      return stored.names();
    }

    @Override
    public Optional<Tensor> find(String name, Shape shape) {
      return stored.find(
          name.contains("img_attn_prope_proj")
              ? name.replace("img_attn_prope_proj", "img_attn_proj")
              : name.replace("img_attn_proj", "img_attn_prope_proj"),
          shape);
    }

    @Override
    public String location(String name) {
      return stored.location(name);
    }
  }

  /** The order of the tokens changes nothing but the memory, where the fixture shows it. */
  @Test
  void thePictureComesFirst() {
    Golden.Arguments arguments = fixture();
    try (Golden golden = arguments.golden()) {
      Tensor keys = golden.tensor("outputs.cache.block0.k_txt").row(0);
      int vision = golden.tensor("inputs.vision_states").size(1);
      int tokens = keys.size(1);
      float[] right = keys.row(0).toFloats();
      float[] wrong = new float[right.length];
      int first = right.length / tokens * vision;
      System.arraycopy(right, first, wrong, 0, right.length - first);
      System.arraycopy(right, 0, wrong, right.length - first, first);
      assertTrue(Golden.relativeError(right, wrong) > LIMIT);
    }
  }

  /**
   * The picture's mapper has the GELU of the error function, not that of the hyperbolic tangent.
   */
  @Test
  void gelusAreNotAlike() {
    Golden.Arguments arguments = fixture();
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      WorldPlayHyTransformerConfig config = WorldPlayHyFixture.config(golden.config());
      int vision = config.states().vision();
      Parameters p =
          Parameters.ofTransformer(Weights.of(golden.weights("")), backend, arena)
              .at("vision_in.proj");
      double eps = WorldPlayHyTransformerConfig.STATES_EPS;
      float[] expected = golden.floats("outputs.vision_mapped");
      for (Activation activation : List.of(Activation.GELU_ERF, Activation.GELU_TANH)) {
        Workspace workspace = Workspace.of(arena, Golden.AMPLE);
        try (Workspace.Frame frame = workspace.frame()) {
          Tensor states = golden.tensor("inputs.vision_states").row(0);
          Tensor moved = Golden.moved(backend, arena, DType.F32, states);
          Tensor x = new AffineLayerNorm(p.at("0"), vision, eps).forward(moved, frame);
          Tensor y =
              FeedForward.of(p.at("1"), p.at("3"), activation, vision, vision, config.dim())
                  .forward(x, frame);
          new AffineLayerNorm(p.at("4"), config.dim(), eps).into(y, y);
          double error = Golden.relativeError(expected, Golden.floats(backend, y));
          assertTrue(error <= LIMIT == (activation == Activation.GELU_ERF), "error " + error);
        }
      }
    }
  }

  @Test
  void theScheduleIsThatOfThePipeline() {
    try (Golden golden = Golden.open(fixture("rollout"))) {
      int steps = golden.config().integer("steps");
      double shift = golden.config().number("flow_shift");
      float[] right = golden.floats("outputs.sigmas");
      assertTrue(Arrays.equals(right, new ShiftedFlowSchedule(steps, shift).sigmas()));
      assertTrue(!Arrays.equals(right, new ShiftedFlowSchedule(steps, shift + 2).sigmas()));
    }
  }

  /** The other model's rule remembers other frames. */
  @Test
  void theBeginningIsRemembered() {
    try (Golden golden = Golden.open(fixture("control"))) {
      String poses = golden.config().get("pose_strings").asList().getFirst().asString();
      CameraPath path = CameraMotion.path(PoseString.parse(poses));
      FieldOfViewOverlap overlap = FieldOfViewOverlap.ofPoints(golden.floats("inputs.points"));
      for (int first = 20; golden.has("outputs.pose0.memory" + first); first += 4) {
        long[] right = golden.longs("outputs.pose0.memory" + first);
        assertTrue(Arrays.equals(right, remembered(overlap, 4, path, first)));
        assertTrue(!Arrays.equals(right, remembered(overlap, 0, path, first)));
      }
    }
  }

  private static long[] remembered(
      FieldOfViewOverlap overlap, int beginning, CameraPath path, int first) {
    return new MemoryRetrieval(overlap, beginning)
        .select(path, first).memory().stream().mapToLong(frame -> frame).toArray();
  }
}
