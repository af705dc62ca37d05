package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlannedBuffer;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The released networks, which nobody needs to have: names, shapes and memory of their tensors. */
class ReleasedOasisTest {
  private static final JsonValue TENSORS =
      JsonValue.read(Path.of("src/test/resources/released/oasis_tensors.json"));

  private static final Predicate<String> FREQUENCIES =
      Pattern.compile(".*rotary_emb\\.freqs").asMatchPredicate();

  /** Caches of 32 frames on a GPU, keys and values of 16 layers in bf16: 0.28 GiB. */
  private static final long CACHE_BYTES = 2L * 16 * 32 * 144 * 1024 * 2;

  private static Map<String, Shape> released(String network) {
    JsonValue list = TENSORS.get(network);
    Map<String, Shape> shapes = new TreeMap<>();
    for (String name : list.keys()) {
      long[] extents = Arrays.stream(list.integers(name)).asLongStream().toArray();
      shapes.put(name, Shape.of(extents));
    }
    return shapes;
  }

  private static long parameters(Map<String, Shape> tensors) {
    return tensors.values().stream().mapToLong(Shape::elements).sum();
  }

  /** What a network asks for of a file of tensors, all of which it must take. */
  private static Map<String, Shape> requested(
      Map<String, Shape> file, Function<Parameters, Object> network) {
    Map<String, Tensor> tensors = new TreeMap<>();
    file.forEach(
        (name, shape) ->
            tensors.put(
                name, new Tensor(DType.F16, shape, new PlannedBuffer(2 * shape.elements()), 0)));
    PlannedTensors planned = PlannedTensors.like(new MemoryTensors(tensors));
    try (Backend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(planned);
      network.apply(Parameters.ofTransformer(weights, backend, arena));
      weights.finish();
    }
    Map<String, Shape> requested = new TreeMap<>();
    for (TensorSpec spec : planned.requests()) {
      requested.put(spec.name(), spec.shape());
    }
    return requested;
  }

  private static Map<String, Shape> requestedOfDit(Map<String, Shape> file) {
    return requested(file, p -> new OasisTransformer(p, OasisTransformerConfig.RELEASED));
  }

  @Test
  void autoencoderAsksForExactlyTheReleasedTensors() {
    Map<String, Shape> file = released("vae");
    assertEquals(file, requested(file, p -> new OasisVae(p, OasisVaeConfig.RELEASED)));
    assertEquals(229_246_160L, parameters(file));
  }

  /** The frequencies are one tensor for space and one for time, under seventeen names each. */
  @Test
  void transformerAsksForExactlyTheReleasedTensors() {
    Map<String, Shape> file = released("dit");
    assertEquals(file, requestedOfDit(file));
    Map<String, Shape> once = new TreeMap<>(file);
    once.keySet().removeIf(name -> name.startsWith("blocks.") && FREQUENCIES.test(name));
    assertEquals(file.size() - 2 * 16, once.size());
    assertEquals(607_943_792L, parameters(once));
  }

  /** Which of their names a file has depends on who wrote it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "none of them",
        "(spatial|temporal)_rotary_emb.freqs",
        "blocks.0.[st]_attn.rotary_emb.freqs",
        "blocks.(3|15).t_attn.rotary_emb.freqs|spatial_rotary_emb.freqs",
        "blocks.\\d+.s_attn.rotary_emb.freqs"
      })
  void frequenciesMayBeStoredUnderAnyName(String kept) {
    Map<String, Shape> file = released("dit");
    file.keySet().removeIf(name -> FREQUENCIES.test(name) && !name.matches(kept));
    assertEquals(file, requestedOfDit(file));
  }

  /** What is quantised are the eight layers of each block; modulation and all outside stay. */
  @Test
  void attentionsAndMlpsAreQuantized() {
    Pattern layers = Pattern.compile("blocks\\.\\d+\\.[st]_(attn\\.to_.*|mlp\\.fc.)\\.weight");
    int quantized = 0;
    for (Map.Entry<String, Shape> tensor : released("dit").entrySet()) {
      boolean expected = layers.matcher(tensor.getKey()).matches();
      assertEquals(expected, OasisTransformer.QUANTIZABLE.test(tensor.getKey()), tensor.getKey());
      if (expected) {
        assertTrue(Quantization.int4(128).fits(tensor.getValue()), tensor::toString);
        quantized++;
      }
    }
    assertEquals(16 * 8, quantized);
  }

  /** A whole context and the newest frame: all shapes fit every kernel of a GPU. */
  @Test
  void passesOfTheReleasedSize() {
    OasisTransformerConfig config = OasisTransformerConfig.RELEASED;
    try (Backend backend = CudaBackend.planned();
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(PlannedTensors.of(DType.F16));
      OasisTransformer dit =
          new OasisTransformer(Parameters.ofTransformer(weights, backend, arena), config);
      long before = arena.byteSize();
      OasisKvState kv = dit.newKvState(config.window(), arena);
      assertEquals(CACHE_BYTES, arena.byteSize() - before);
      OasisModulation modulation = dit.newModulation(config.window(), arena);
      Workspace workspace = Workspace.measuring();
      Tensor latents = arena.empty(DType.F32, 32, 18, 32, 16);
      Tensor actions = arena.empty(DType.F32, 32, 25);
      dit.modulate(arena.empty(DType.F32, 32), actions, workspace, modulation, Trace.NONE);
      OasisFrames context =
          OasisFrames.after(0, modulation.rows(0, 31), dit.windowRotary().slice(0, 31));
      dit.remember(latents.slice(0, 31), context, kv, workspace);
      long contextBytes = workspace.highWater().shared();
      assertTrue(contextBytes < 100e6, contextBytes + " bytes for a context");
      OasisFrames newest =
          OasisFrames.after(31, modulation.rows(31, 32), dit.windowRotary().slice(31, 32));
      Workspace step = Workspace.measuring();
      dit.forward(latents.slice(31, 32), newest, kv, step, latents.slice(0, 1), Trace.NONE);
      assertTrue(step.highWater().shared() < 4e6, step.highWater().shared() + " bytes for a step");
    }
  }

  /** One picture of 360 x 640 there and back. */
  @Test
  void picturesOfTheReleasedSize() {
    OasisVaeConfig config = OasisVaeConfig.RELEASED;
    try (Backend backend = CudaBackend.planned();
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(PlannedTensors.of(DType.F16));
      OasisVae vae = new OasisVae(Parameters.ofAutoencoder(weights, backend, arena), config);
      Workspace workspace = Workspace.measuring();
      Tensor mean = arena.empty(DType.F32, 18, 32, 16);
      Tensor image = arena.empty(backend.computeTypes().autoencoder(), 360, 640, 3);
      vae.encode(
          arena.empty(DType.F32, 360, 640, 3),
          workspace,
          new OasisVae.Posterior(mean, null),
          Trace.NONE);
      vae.decode(mean, workspace, image, Trace.NONE);
      assertTrue(workspace.highWater().shared() < 16e6, workspace.highWater().shared() + " bytes");
    }
  }
}
