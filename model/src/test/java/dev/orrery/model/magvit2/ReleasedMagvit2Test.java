package dev.orrery.model.magvit2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The released tokenizer, which nobody needs to have: names, shapes and memory. */
class ReleasedMagvit2Test {
  private static final String GENERATOR =
      "MAGVIT2 generator inside magvit2.ckpt (state_dict; EMA copies under model_ema.<name without"
          + " dots>)";

  private final Backend backend = PlanningBackend.cpu();
  private final TensorArena arena = backend.newArena();
  private final PlannedTensors planned = PlannedTensors.of(DType.F32);
  private final Parameters parameters =
      Parameters.ofAutoencoder(Weights.of(planned), backend, arena);
  private final Magvit2Encoder encoder = new Magvit2Encoder(parameters, Magvit2Config.released());
  private final Magvit2Decoder decoder = new Magvit2Decoder(parameters, Magvit2Config.released());

  @Test
  void asksForExactlyTheReleasedTensors() {
    JsonValue list =
        JsonValue.read(Path.of("src/test/resources/released/genie-1xgpt_tensors.json"))
            .get(GENERATOR)
            .get("tensors");
    Map<String, Shape> released = new TreeMap<>();
    for (String tensor : list.keys()) {
      released.put(tensor, Shape.of(Arrays.stream(list.integers(tensor)).asLongStream().toArray()));
    }
    Map<String, Shape> requested = new TreeMap<>();
    for (TensorSpec spec : planned.requests()) {
      requested.put(spec.name(), spec.shape());
    }
    assertEquals(released, requested);
    assertEquals(65_490_709, planned.byteSize() / DType.F32.byteSize());
  }

  /**
   * Pictures of 256 x 256 pixels fit both ways, and a pass stays within a fixed amount of memory.
   */
  @Test
  void passesOfTheReleasedSize() {
    Tensor pixels = arena.empty(DType.F32, 1, 256, 256, 3);
    Tensor tokens = arena.empty(DType.F32, 1, 16, 16, 18);
    Workspace encoding = Workspace.measuring();
    encoder.encode(pixels, encoding, tokens, Trace.NONE);
    Workspace decoding = Workspace.measuring();
    decoder.decode(tokens, decoding, pixels, Trace.NONE);
    // A picture of 128 channels in fp32.
    long picture = 256L * 256 * 128 * Float.BYTES;
    assertTrue(
        encoding.highWater().shared() <= 4 * picture,
        encoding.highWater().shared() / (double) picture + " pictures to encode");
    assertTrue(
        decoding.highWater().shared() <= 4 * picture,
        decoding.highWater().shared() / (double) picture + " pictures to decode");
  }
}
