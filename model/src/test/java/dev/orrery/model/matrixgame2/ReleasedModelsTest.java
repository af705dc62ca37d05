package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.model.golden.QuantizationPage;
import dev.orrery.model.golden.QuantizedForm;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.quantize.ScaleChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The released models, which nobody needs to have: names, shapes and memory of all their tensors.
 */
class ReleasedModelsTest {
  private static final Path RELEASED = Path.of("src/test/resources/released");
  private static final JsonValue TENSORS = JsonValue.read(RELEASED.resolve("tensors.json"));

  private static Map<String, Shape> requested(PlannedTensors planned) {
    Map<String, Shape> requested = new TreeMap<>();
    for (TensorSpec spec : planned.requests()) {
      requested.put(spec.name(), spec.shape());
    }
    return requested;
  }

  private static Map<String, Shape> released(String network) {
    JsonValue list = TENSORS.get(network);
    Map<String, Shape> released = new TreeMap<>();
    for (String name : list.keys()) {
      long[] extents = Arrays.stream(list.integers(name)).asLongStream().toArray();
      released.put(name, Shape.of(extents));
    }
    return released;
  }

  @ParameterizedTest
  @CsvSource({
    "base_distilled_model, universal, 1619242304, 6, 3",
    "gta_distilled_model, gta_drive, 1619238464, 4, 3",
    "templerun_distilled_model, templerun, 1508715584, 6, 4",
  })
  void asksForExactlyTheReleasedTensors(
      String folder, String variant, long parameters, int window, int steps) {
    MatrixGame2Config config = MatrixGame2Config.read(RELEASED.resolve(folder));
    assertEquals(variant, config.variant().id());
    assertEquals(window, config.dit().localAttnSize());
    assertEquals(steps, config.denoisingSteps().size());
    assertEquals(
        List.of(352, 640, 880), List.of(config.height(), config.width(), config.tokensPerFrame()));

    PlannedTensors dit = PlannedTensors.of(DType.BF16);
    PlannedTensors vae = PlannedTensors.of(DType.BF16);
    PlannedTensors clip = PlannedTensors.of(DType.BF16);
    try (Backend backend = PlanningBackend.cpu()) {
      MatrixGame2Networks networks =
          new SourceModel(config, dit, vae, clip).build(backend, backend.newArena());
      // An image change was measured to reach the latents 0 to 28.
      assertEquals(28, networks.encoder().reachInLatentFrames());
    }
    assertEquals(released("dit." + variant), requested(dit));
    assertEquals(parameters, dit.byteSize() / DType.BF16.byteSize());
    assertEquals(released("vae"), requested(vae));
    Map<String, Shape> visual = released("clip.visual");
    Set<String> unused = new HashSet<>(visual.keySet());
    Map<String, Shape> used = requested(clip);
    unused.removeAll(used.keySet());
    visual.keySet().removeAll(unused);
    assertEquals(visual, used);
    assertTrue(
        unused.stream()
            .allMatch(
                name ->
                    name.startsWith("transformer.31.")
                        || name.startsWith("post_norm.")
                        || name.equals("head")),
        () -> "not asked for: " + unused);
  }

  @ParameterizedTest
  @CsvSource({"base_distilled_model", "gta_distilled_model", "templerun_distilled_model"})
  void plansItsMemory(String folder) {
    MatrixGame2Config config = MatrixGame2Config.read(RELEASED.resolve(folder));
    assertCachesAreTheSession(config, plan(config, PlanningBackend.cpu()), 4);
  }

  /**
   * Every dtype fits every kernel on a GPU; weights, session and start together stay below 12 GB.
   */
  @ParameterizedTest
  @CsvSource({"base_distilled_model", "gta_distilled_model", "templerun_distilled_model"})
  void plansItsMemoryOnAGpu(String folder) {
    MatrixGame2Config config = MatrixGame2Config.read(RELEASED.resolve(folder));
    SessionPlan memory = plan(config, CudaBackend.planned());
    assertCachesAreTheSession(config, memory, 2);
    long start = memory.startBytes();
    assertTrue(memory.copiedWeights() + memory.session() + start < 12e9, memory::toString);
  }

  /** What is quantised are the ten layers of each block, and what stays in the blocks is small. */
  @Test
  void blocksAreQuantizedWithoutTheirActionModules() {
    Map<String, Shape> dit = released("dit.universal");
    Map<String, Shape> quantized = new TreeMap<>(dit);
    quantized.keySet().removeIf(name -> !MatrixGame2.FAMILY.isQuantizable(name));
    assertEquals(30 * 10, quantized.size());
    for (Map.Entry<String, Shape> layer : quantized.entrySet()) {
      assertTrue(Quantization.int4(128).fits(layer.getValue()), layer::toString);
    }
    for (Map.Entry<String, Shape> other : dit.entrySet()) {
      String name = other.getKey();
      boolean matrixOfABlock = name.startsWith("blocks.") && other.getValue().rank() == 2;
      assertEquals(
          matrixOfABlock && !name.contains(".action_model."), quantized.containsKey(name), name);
    }
    long parameters = dit.values().stream().mapToLong(Shape::elements).sum();
    long small = quantized.values().stream().mapToLong(Shape::elements).sum();
    assertEquals(0.86, (double) small / parameters, 0.005);
  }

  /** All of a quantised model, one session and its start are within 8 GB, in bf16 within 12. */
  @Test
  void quantizedModelsFitOnSmallerGpus() throws Exception {
    MatrixGame2Config config = MatrixGame2Config.read(RELEASED.resolve("base_distilled_model"));
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Form", "weights", "session", "activations", "playing", "more at the start"));
    addMemory(rows, "bf16", config, PlannedTensors.of(DType.BF16), 12);
    for (QuantizedForm form :
        List.of(
            QuantizedForm.INT8, QuantizedForm.FP8, QuantizedForm.int4(64, ScaleChoice.ABS_MAX))) {
      PlannedTensors dit =
          PlannedTensors.of(
              DType.BF16,
              spec ->
                  MatrixGame2.FAMILY.isQuantizable(spec.name())
                      ? form.quantization().stored(spec)
                      : List.of(spec));
      addMemory(rows, form.toString(), config, dit, 8);
    }
    QuantizationPage.check("memory", rows);
  }

  private static void addMemory(
      List<List<String>> rows,
      String form,
      MatrixGame2Config config,
      PlannedTensors dit,
      int limit) {
    SessionPlan memory = plan(config, dit, CudaBackend.planned());
    long playing = memory.copiedWeights() + memory.session() + memory.workspace();
    long start = memory.startBytes();
    assertTrue(playing + start < limit * 1e9, form + ": " + memory);
    rows.add(
        List.of(
            form,
            gigabytes(memory.copiedWeights()),
            gigabytes(memory.session()),
            gigabytes(memory.workspace()),
            gigabytes(playing),
            gigabytes(start)));
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }

  private static SessionPlan plan(MatrixGame2Config config, PlanningBackend backend) {
    return plan(config, PlannedTensors.of(DType.BF16), backend);
  }

  private static SessionPlan plan(
      MatrixGame2Config config, PlannedTensors dit, PlanningBackend backend) {
    PlannedTensors vae = PlannedTensors.of(DType.BF16);
    return new SourceModel(config, dit, vae, PlannedTensors.of(DType.BF16)).plan(backend);
  }

  /**
   * A session is hardly more than its caches: keys and values of the video tokens, of the mouse's
   * positions and of the image, and the decoder's histories, two frames for each convolution of
   * three frames.
   */
  private static void assertCachesAreTheSession(
      MatrixGame2Config config, SessionPlan memory, int bytesPerValue) {
    MatrixGame2TransformerConfig dit = config.dit();
    long self = 2L * dit.layers() * dit.localAttnSize() * 880 * dit.dim();
    long mouse =
        config.variant() == Variant.TEMPLERUN ? 0 : 2L * 15 * dit.localAttnSize() * 880 * 1024;
    long image = 2L * dit.layers() * 257 * dit.dim();
    long features =
        2L
            * ((16 + 11L * 384) * 44 * 80
                + (192 + 6L * 384) * 88 * 160
                + 6L * 192 * 176 * 320
                + 7L * 96 * 352 * 640);
    long known = bytesPerValue * (self + mouse + image + features);
    assertTrue(
        memory.session() > known && memory.session() < known * 1.05,
        "session " + memory.session() + " against caches of " + known);
  }
}
