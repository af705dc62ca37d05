package dev.orrery.weights.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.worldplay.WorldPlay;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.quantize.QuantizedMatrix;
import dev.orrery.runtime.quantize.ScaleChoice;
import dev.orrery.weights.synthesize.SyntheticModel;
import dev.orrery.weights.verify.Verification;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelQuantizationTest {
  private static final String FIRST = "blocks.0.ffn.0.weight";

  @TempDir Path root;
  private Path results;
  private Path made;

  @BeforeEach
  void makeFolder() throws IOException {
    results = Files.createDirectory(root.resolve("results"));
    made = results.resolve("model");
  }

  @Test
  void aQuantisedModelPlays() throws IOException {
    Path model = synthetic(MatrixGame2.FAMILY);
    List<QuantizedTensor> quantised =
        ModelQuantization.make(model, settings(Quantization.INT8), made, Progress.NONE);
    // Two blocks, each with queries, keys, values and outputs twice, and two feed-forward layers.
    assertEquals(20, quantised.size());
    assertTrue(Files.isSameFile(model.resolve("vae.safetensors"), made.resolve("vae.safetensors")));
    assertEquals(
        List.of(), Verification.of(made, Families.ALL, Optional.empty(), Progress.NONE).faults());
    assertEquals(Map.of("quantization", "int8"), metadata(made.resolve("dit.safetensors")));
    try (CpuBackend backend = CpuBackend.simd(1);
        WorldModel world = MatrixGame2.load(made, backend, Progress.NONE);
        WorldSession session =
            world.start(RgbImage.read(made.resolve("start.png")), 1, Progress.NONE)) {
      assertEquals(9, session.step(world.actionSpace().controls().action(Set.of("w"))).count());
    }
  }

  @Test
  void worldPlayKeepsItsLayout() throws IOException {
    Path model = synthetic(WorldPlay.FAMILY);
    List<QuantizedTensor> quantised =
        ModelQuantization.make(model, settings(Quantization.FP8), made, Progress.NONE);
    assertEquals(22, quantised.size());
    assertEquals(
        List.of(), Verification.of(made, Families.ALL, Optional.empty(), Progress.NONE).faults());
    try (CpuBackend backend = CpuBackend.simd(1);
        WorldModel world = WorldPlay.load(made, backend, Progress.NONE)) {
      assertEquals(64, world.width());
    }
  }

  @Test
  void valuesAndErrorsAreThoseOfTheQuantiser() throws IOException {
    Path input = synthetic(MatrixGame2.FAMILY).resolve("dit.safetensors");
    Path output = results.resolve("dit.safetensors");
    CheckpointQuantization settings =
        new CheckpointQuantization(
            Families.ALL,
            Quantization.int4(32),
            ScaleChoice.ABS_MAX,
            List.of("*attn*", "blocks.1.ffn.?.weight"));
    List<QuantizedTensor> quantised = settings.write(input, output, Progress.NONE);
    assertEquals(
        List.of(FIRST, "blocks.0.ffn.2.weight"),
        quantised.stream().map(tensor -> tensor.before().name()).toList());
    try (Checkpoint before = Checkpoint.open(input);
        Checkpoint after = Checkpoint.open(output)) {
      assertEquals(before.names().size() + 2, after.names().size());
      QuantizedMatrix expected =
          QuantizedMatrix.of(tensor(before, FIRST), Quantization.int4(32), ScaleChoice.ABS_MAX);
      assertEquals(expected.error(), quantised.getFirst().error());
      assertEquals(DType.U8, tensor(after, FIRST).dtype());
      assertBytes(expected.values(), tensor(after, FIRST));
      assertBytes(expected.scales(), tensor(after, FIRST + "_scale"));
      for (String name : before.names()) {
        if (!name.matches("blocks\\.0\\.ffn\\.[02]\\.weight")) {
          assertBytes(tensor(before, name), tensor(after, name));
        }
      }
    }
    QuantizationReport report = new QuantizationReport(settings.describe(), quantised, List.of());
    assertTrue(report.text().contains("int4, groups of 32, abs-max scales: 2 matrices, "));
    JsonValue json = JsonValue.parse("report", report.json().getBytes(StandardCharsets.UTF_8));
    JsonValue first = json.get("tensors").asList().getFirst();
    assertEquals(FIRST, first.string("name"));
    assertEquals(quantised.getFirst().error().relativeL2(), first.number("relative_l2"));
  }

  @Test
  void whatCannotBeQuantisedIsRefused() throws IOException {
    Path model = synthetic(MatrixGame2.FAMILY);
    assertRefused(
        model.resolve("vae.safetensors"), settings(Quantization.INT8), "no layer that may be");
    Path dit = model.resolve("dit.safetensors");
    assertRefused(
        dit,
        new CheckpointQuantization(
            Families.ALL, Quantization.INT8, ScaleChoice.ABS_MAX, List.of("bl?cks")),
        "expected tensors to keep that fit bl?cks, found none");
    assertRefused(
        dit,
        new CheckpointQuantization(
            Families.ALL, Quantization.INT8, ScaleChoice.ABS_MAX, List.of("blocks.*")),
        "expected matrices of F32, F16 or BF16 to quantise, found none");
    assertRefused(dit, settings(Quantization.int4(256)), "with a multiple of 256 columns to quant");
    Path broken = root.resolve("broken.safetensors");
    float[] values = {1, Float.NaN};
    SafetensorsWriter.write(broken, Map.of(FIRST, Tensor.of(values, 1, 2)), Map.of());
    assertRefused(broken, settings(Quantization.INT8), "tensor " + FIRST + ": expected finite val");
  }

  @Test
  void whatIsCancelledLeavesNothing() throws IOException {
    Path model = synthetic(MatrixGame2.FAMILY);
    Progress cancelling =
        (what, done, total) -> {
          throw new CancellationException();
        };
    assertThrows(
        CancellationException.class,
        () -> ModelQuantization.make(model, settings(Quantization.INT8), made, cancelling));
    assertNothingMade();
  }

  private void assertRefused(Path input, CheckpointQuantization settings, String expected)
      throws IOException {
    CheckpointException e =
        assertThrows(
            CheckpointException.class,
            () -> settings.write(input, results.resolve("x.safetensors"), Progress.NONE));
    assertTrue(e.getMessage().startsWith(input + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertNothingMade();
  }

  private static CheckpointQuantization settings(Quantization form) {
    return new CheckpointQuantization(Families.ALL, form, ScaleChoice.MSE, List.of());
  }

  private static Tensor tensor(Checkpoint checkpoint, String name) {
    return checkpoint.find(name, Shape.of()).orElseThrow();
  }

  private static void assertBytes(Tensor expected, Tensor found) {
    assertArrayEquals(
        expected.segment().toArray(ValueLayout.JAVA_BYTE),
        found.segment().toArray(ValueLayout.JAVA_BYTE));
  }

  private static Map<String, String> metadata(Path file) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      return opened.metadata();
    }
  }

  private Path synthetic(ModelFamily family) throws IOException {
    Path model = root.resolve("tiny");
    SyntheticModel.write(family, SyntheticScale.TINY, 1, model, Progress.NONE);
    return model;
  }

  private void assertNothingMade() throws IOException {
    try (Stream<Path> files = Files.list(results)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
