package dev.orrery.model.taehv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The decoder at its published size, without its weights. */
class TaehvDecoderTest {
  private final Backend backend = PlanningBackend.cpu();
  private final PlannedTensors planned = PlannedTensors.of(DType.F16);

  private TaehvDecoder decoder(TensorArena arena) {
    Parameters p = Parameters.ofAutoencoder(Weights.of(planned), backend, arena);
    return new TaehvDecoder(p, TaehvConfig.wan21());
  }

  @Test
  void asksForExactlyThePublishedTensors() {
    JsonValue list =
        JsonValue.read(Path.of("src/test/resources/released/tensors.json")).get("taehv");
    Map<String, Shape> published = new TreeMap<>();
    for (String name : list.keys()) {
      if (name.startsWith("decoder.")) {
        long[] extents = Arrays.stream(list.integers(name)).asLongStream().toArray();
        published.put(name, Shape.of(extents));
      }
    }
    decoder(backend.newArena());
    Map<String, Shape> requested = new TreeMap<>();
    for (TensorSpec spec : planned.requests()) {
      requested.put(spec.name(), spec.shape());
    }
    assertEquals(published, requested);
  }

  /** Every MemBlock remembers one fp32 frame of its own input. */
  @Test
  void remembersOneFrameForEachBlock() {
    TaehvDecoder decoder = decoder(backend.newArena());
    TensorArena session = backend.newArena();
    FeatureCache cache = new FeatureCache(backend, session);
    Workspace workspace = Workspace.measuring();
    TensorArena temporary = backend.newArena();
    Tensor out = temporary.empty(DType.F32, 4, 352, 640, 3);
    for (int frame = 0; frame < 2; frame++) {
      Tensor latent = temporary.empty(DType.F32, 1, 44, 80, 16);
      decoder.decode(latent, cache, workspace, out, Trace.NONE);
    }
    long pixel = Float.BYTES * 44L * 80;
    assertEquals(3 * pixel * (256 + 4 * 128 + 16 * 64), session.byteSize());
  }

  @Test
  void refusesOtherNumbersOfWidths() {
    assertEquals(
        "taehv: expected positive latent channels and four positive widths, found 16 and [256,"
            + " 128, 64]",
        assertThrows(
                IllegalArgumentException.class, () -> new TaehvConfig(16, List.of(256, 128, 64)))
            .getMessage());
    assertEquals(
        "taehv: expected positive latent channels and four positive widths, found 16 and [256,"
            + " 128, 64, 0]",
        assertThrows(
                IllegalArgumentException.class, () -> new TaehvConfig(16, List.of(256, 128, 64, 0)))
            .getMessage());
  }
}
