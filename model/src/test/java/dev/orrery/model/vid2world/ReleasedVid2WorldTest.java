package dev.orrery.model.vid2world;

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
import dev.orrery.model.klvae.KlVaeConfig;
import dev.orrery.model.klvae.KlVaeDecoder;
import dev.orrery.model.klvae.KlVaeEncoder;
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
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The released networks, which nobody needs to have: names, shapes and memory of their tensors. */
class ReleasedVid2WorldTest {
  private static final JsonValue TENSORS =
      JsonValue.read(Path.of("src/test/resources/released/vid2world_tensors.json"));

  private static final long UNET_PARAMETERS = 1_438_854_980L;
  private static final int UNET_TENSORS = 1516;
  private static final long AUTOENCODER_PARAMETERS = 83_653_863L;

  /** Tensors of a list, without the prefix of their names. */
  private static Map<String, Shape> released(JsonValue list, String prefix) {
    Map<String, Shape> shapes = new TreeMap<>();
    for (String name : list.keys()) {
      long[] extents = Arrays.stream(list.integers(name)).asLongStream().toArray();
      shapes.put(name.substring(prefix.length()), Shape.of(extents));
    }
    return shapes;
  }

  private static Map<String, Shape> unet(String actions) {
    String prefix = "model.diffusion_model.";
    Map<String, Shape> tensors =
        released(TENSORS.get("unet (causal names)").get("tensors"), prefix);
    assertEquals(UNET_TENSORS, tensors.size());
    assertEquals(UNET_PARAMETERS, parameters(tensors));
    tensors.putAll(released(TENSORS.get(actions), prefix));
    return tensors;
  }

  private static long parameters(Map<String, Shape> tensors) {
    return tensors.values().stream().mapToLong(Shape::elements).sum();
  }

  /** What networks ask for of a file of tensors, all of which they must take. */
  private static Map<String, Shape> requested(
      Map<String, Shape> file, Consumer<Parameters> networks) {
    Map<String, Tensor> tensors = new TreeMap<>();
    file.forEach(
        (name, shape) ->
            tensors.put(
                name, new Tensor(DType.F16, shape, new PlannedBuffer(2 * shape.elements()), 0)));
    PlannedTensors planned = PlannedTensors.like(new MemoryTensors(tensors));
    try (Backend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(planned);
      networks.accept(Parameters.ofTransformer(weights, backend, arena));
      weights.finish();
    }
    Map<String, Shape> requested = new TreeMap<>();
    for (TensorSpec spec : planned.requests()) {
      requested.put(spec.name(), spec.shape());
    }
    return requested;
  }

  @ParameterizedTest
  @CsvSource({
    "'action tensors, CS:GO (action_dim 51)', 51",
    "'action tensors, RT-1 (action_dim 13)', 13"
  })
  void unetAsksForExactlyTheReleasedTensors(String actions, int actionDim) {
    Map<String, Shape> file = unet(actions);
    String json = "{\"action_dim\": " + actionDim + "}";
    UnetConfig config = UnetConfig.read(JsonValue.parse("config.json", json.getBytes()));
    assertEquals(file, requested(file, p -> new VideoUnet(p, config)));
  }

  @Test
  void autoencoderAsksForExactlyTheReleasedTensors() {
    Map<String, Shape> file =
        released(TENSORS.get("first_stage_model").get("tensors"), "first_stage_model.");
    KlVaeConfig config = KlVaeConfig.released();
    Map<String, Shape> asked =
        requested(
            file,
            p -> {
              KlVaeEncoder encoder = new KlVaeEncoder(p, config);
              KlVaeDecoder decoder = new KlVaeDecoder(p, config);
              assertTrue(encoder != null && decoder != null);
            });
    assertEquals(file, asked);
    assertEquals(248, file.size());
    assertEquals(AUTOENCODER_PARAMETERS, parameters(file));
  }

  /** Attention and feed-forward products; convolutions and projections around blocks stay. */
  @Test
  void productsOfTransformersAreQuantized() {
    Map<String, Shape> file = unet("action tensors, CS:GO (action_dim 51)");
    Map<String, Shape> quantized = new TreeMap<>(file);
    quantized.keySet().removeIf(name -> !VideoUnet.QUANTIZABLE.test(name));
    // 16 levels' blocks and the middle have both transformers; init_attn is temporal alone.
    int spatial = 16;
    int temporal = 17;
    assertEquals(spatial * (4 + 6 + 2) + temporal * (4 + 4 + 2), quantized.size());
    quantized.forEach(
        (name, shape) -> assertTrue(Quantization.int4(64).fits(shape), name + " " + shape));
  }

  /** A window of ten frames: all shapes fit every kernel of a GPU. */
  @Test
  void passesOfTheReleasedSize() {
    UnetConfig config = UnetConfig.RELEASED;
    try (Backend backend = CudaBackend.planned();
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(PlannedTensors.of(DType.F16));
      VideoUnet unet = new VideoUnet(Parameters.ofTransformer(weights, backend, arena), config);
      Workspace workspace = Workspace.measuring();
      Tensor latents = arena.empty(DType.F32, 10, 40, 64, 4);
      UnetFrames frames =
          new UnetFrames(
              arena.empty(DType.F32, 10),
              arena.empty(DType.F32, 1),
              arena.empty(DType.F32, 10, 51),
              new boolean[10]);
      UnetContext context =
          new UnetContext(
              arena.empty(unet.activations(), 77, 1024),
              arena.empty(unet.activations(), 256, 1024));
      unet.forward(latents, latents.slice(0, 1), frames, context, workspace, latents, Trace.NONE);
      long bytes = workspace.highWater().shared();
      assertTrue(bytes < 650e6, bytes + " bytes for a pass");
    }
  }
}
