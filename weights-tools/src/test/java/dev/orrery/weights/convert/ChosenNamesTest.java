package dev.orrery.weights.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.weights.torch.TorchFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A generator among the networks and the copies that its training checkpoint holds. */
class ChosenNamesTest {
  private static final String NORM = "encoder.down.0.block.1.norm1.weight";

  @TempDir Path root;
  private final Map<String, long[]> network = new LinkedHashMap<>();
  private final Map<String, Tensor> stored = new LinkedHashMap<>();
  private Path results;
  private Path made;

  @BeforeEach
  void makeCheckpoint() throws IOException {
    results = Files.createDirectory(root.resolve("results"));
    made = results.resolve("model");
    network.put("decoder.conv_in.weight", new long[] {2, 3});
    network.put("decoder.conv_in.bias", new long[] {2});
    network.put(NORM, new long[] {2});
    stored.put(NORM, Tensor.of(new float[] {-1, -2}, 2));
    stored.put("decoder.conv_in.weight", Tensor.of(new float[6], 2, 3));
    stored.put("decoder.conv_in.bias", Tensor.of(new float[2], 2));
    stored.put("model_ema.decay", Tensor.of(new float[1]));
    stored.put("model_ema.num_updates", Tensor.of(new float[1]));
    stored.put(ema(NORM), Tensor.of(new float[] {1, 2}, 2));
    stored.put(ema("decoder.conv_in.weight"), Tensor.of(new float[] {3, 4, 5, 6, 7, 8}, 2, 3));
    stored.put(ema("decoder.conv_in.bias"), Tensor.of(new float[] {9, 10}, 2));
    stored.put("loss.discriminator.main.0.weight", Tensor.of(new float[4], 4));
  }

  private static String ema(String name) {
    return "model_ema." + name.replace(".", "");
  }

  /** The recipe of a family whose network says what its tensors are called. */
  private Recipe recipe(String file, String key) {
    return new Recipe() {
      @Override
      public List<String> inputs() {
        return List.of("RELEASE_DIR");
      }

      @Override
      public String describeInputs() {
        return "takes a folder";
      }

      @Override
      public List<Part> parts(List<Path> inputs) {
        Chosen names = new Chosen(List.copyOf(network.keySet()), ChosenNamesTest::ema);
        return List.of(
            new Text("config.json", "{}"),
            new Weights("magvit2", inputs.getFirst().resolve(file), key, names));
      }
    };
  }

  private List<String> make(String file, String key, TargetType type) throws IOException {
    StubFamily family = new StubFamily("magvit2", network, recipe(file, key));
    return new RecipeRun(family, family.made(), type, Conversion.ONE_FILE)
        .make(List.of(root), made, Progress.NONE);
  }

  private List<String> makeOfLightning(TargetType type) throws IOException {
    TorchFiles.writeLightning(root.resolve("magvit2.ckpt"), stored);
    return make("magvit2.ckpt", "state_dict", type);
  }

  @Test
  void takesTheAveragedCopiesUnderTheNetworksNames() throws IOException {
    assertEquals(
        List.of("config.json: written", "magvit2: converted from " + root.resolve("magvit2.ckpt")),
        makeOfLightning(TargetType.BF16));
    assertMade(DType.BF16);
  }

  @Test
  void takesThemOfSafetensorsToo() throws IOException {
    SafetensorsWriter.write(root.resolve("all.safetensors"), stored, Map.of());
    make("all.safetensors", "", TargetType.KEEP);
    assertMade(DType.F32);
  }

  private void assertMade(DType dtype) {
    try (SafetensorsFile file = SafetensorsFile.open(made.resolve("magvit2.safetensors"))) {
      assertEquals(network.keySet(), file.tensors().keySet());
      assertTensor(file, dtype, NORM, 1, 2);
      assertTensor(file, dtype, "decoder.conv_in.weight", 3, 4, 5, 6, 7, 8);
      assertTensor(file, dtype, "decoder.conv_in.bias", 9, 10);
    }
  }

  private void assertTensor(SafetensorsFile file, DType dtype, String name, float... expected) {
    Tensor tensor = file.tensor(name);
    assertEquals(dtype, tensor.dtype(), name);
    assertArrayEquals(network.get(name), tensor.shape().extents(), name);
    float[] values = new float[expected.length];
    FloatView.of(tensor).copy(0, values, 0, values.length);
    assertArrayEquals(expected, values, name);
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    stored.remove(ema(NORM));
    assertRefused(
        "magvit2.ckpt: tensor "
            + NORM
            + ": expected it stored as model_ema.encoderdown0block1norm1weight, found none");
  }

  @Test
  void namesThatAreStoredAlikeAreRefused() throws IOException {
    network.put("encoder.down.0.block1.norm1.weight", new long[] {2});
    assertRefused(
        "magvit2.ckpt: tensor encoder.down.0.block1.norm1.weight: expected a stored name of its"
            + " own, found model_ema.encoderdown0block1norm1weight, which is that of "
            + NORM);
  }

  @Test
  void anotherShapeIsRefused() throws IOException {
    stored.put(ema(NORM), Tensor.of(new float[3], 3));
    assertRefused(
        "results/model/magvit2.safetensors: tensor " + NORM + ": expected shape [2], found [3]");
  }

  private void assertRefused(String message) throws IOException {
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> makeOfLightning(TargetType.KEEP));
    assertEquals(root + "/" + message, e.getMessage());
    try (Stream<Path> files = Files.list(results)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
