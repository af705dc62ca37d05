package dev.orrery.model.jafar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.PlannedBuffer;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of jafar's default sizes: names and shapes of its tensors, as Flax makes them. */
class ReleasedJafarTest {
  private static final String[] SEQUENCE = {"LayerNorm_0", "Dense_0", "LayerNorm_1"};

  @TempDir Path folder;

  private NetworkWeights<?> network;
  private final Map<String, Shape> file = new TreeMap<>();

  @BeforeEach
  void read() throws Exception {
    Files.writeString(folder.resolve("config.json"), "{\"family\": \"genie-jafar\"}");
    network = Jafar.open(folder).networks().getFirst();
    JsonValue list =
        JsonValue.read(Path.of("src/test/resources/released/genie_tensors.json")).get("jafar");
    for (String name : list.keys()) {
      file.put(name, Shape.of(Arrays.stream(list.integers(name)).asLongStream().toArray()));
    }
  }

  /** What the model takes of a file, of which nothing may be left over. */
  private Map<String, Shape> taken(Map<String, Shape> stored) {
    Map<String, Tensor> tensors = new TreeMap<>();
    stored.forEach(
        (name, shape) ->
            tensors.put(
                name, new Tensor(DType.F32, shape, new PlannedBuffer(4 * shape.elements()), 0)));
    PlannedTensors planned = PlannedTensors.like(new MemoryTensors(tensors));
    network.read(planned);
    Map<String, Shape> requested = new TreeMap<>();
    for (TensorSpec spec : planned.requests()) {
      requested.put(spec.name(), spec.shape());
    }
    return requested;
  }

  /** Of the latent action model only the codes: the rest labels videos for training. */
  private static Map<String, Shape> played(Map<String, Shape> stored) {
    Map<String, Shape> played = new TreeMap<>(stored);
    played.keySet().removeIf(name -> name.startsWith("lam.") && !name.equals("lam.vq.codebook"));
    return played;
  }

  /** The three layers in front of the blocks lie in a sequence, and the last counts from 0. */
  private static Map<String, Shape> asSequence(Map<String, Shape> stored) {
    Map<String, Shape> renamed = new TreeMap<>();
    stored.forEach(
        (name, shape) -> {
          String other = name;
          for (int i = 0; i < SEQUENCE.length; i++) {
            other =
                other.replaceFirst(
                    "^(tokenizer\\.(?:en|de)coder|dynamics\\.dynamics)\\." + SEQUENCE[i] + "\\.",
                    "$1.Sequential_0.layers_" + i + ".");
          }
          renamed.put(
              other.replaceFirst(
                  "^(tokenizer\\.(?:en|de)coder|dynamics\\.dynamics)\\.Dense_1\\.", "$1.Dense_0."),
              shape);
        });
    return renamed;
  }

  @Test
  void takesExactlyTheTensorsOfTheList() {
    assertEquals(107_079_632L, file.values().stream().mapToLong(Shape::elements).sum());
    assertEquals(played(file), taken(file));
    assertEquals(played(file), taken(played(file)));
  }

  @Test
  void takesSequencesToo() {
    Map<String, Shape> sequences = asSequence(file);
    assertEquals(
        Shape.of(48, 512), sequences.get("tokenizer.encoder.Sequential_0.layers_1.kernel"));
    assertEquals(Shape.of(512, 1024), sequences.get("dynamics.dynamics.Dense_0.kernel"));
    assertEquals(played(sequences), taken(sequences));
  }

  @Test
  void whatIsMissingOrLeftOverIsRefusedByName() {
    Map<String, Shape> without = new TreeMap<>(file);
    without.remove("dynamics.mask_token");
    assertRefused(
        without, "tensor dynamics.mask_token: expected shape [1, 1, 1, 512], but missing");
    Map<String, Shape> more = new TreeMap<>(file);
    more.put("lam.another", Shape.of(1));
    assertRefused(
        more, "expected no tensors beyond those of the network, found 1 surplus: lam.another");
  }

  private void assertRefused(Map<String, Shape> stored, String message) {
    String found = assertThrows(CheckpointException.class, () -> taken(stored)).getMessage();
    assertTrue(found.endsWith(": " + message), found);
  }
}
