package dev.orrery.model.genie1x;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole model of the released sizes, both ways of the tokenizer included, without its data. */
class ReleasedGenie1xTest {
  /** Keys and values of 32 layers for 16 frames of 256 tokens of 256 channels. */
  private static final long CACHE = 2L * 32 * 16 * 256 * 256;

  @TempDir Path folder;

  private Genie1x model;

  @BeforeEach
  void open() throws Exception {
    Map<String, URL> files = Genie1x.FAMILY.syntheticFiles(SyntheticScale.RELEASED);
    try (InputStream config = files.get("config.json").openStream()) {
      Files.copy(config, folder.resolve("config.json"));
    }
    model = Genie1x.open(folder);
  }

  private SessionPlan plan(PlanningBackend backend) {
    Map<NetworkWeights<?>, TensorSource> sources = new HashMap<>();
    for (NetworkWeights<?> network : model.networks()) {
      sources.put(network, PlannedTensors.of(DType.BF16));
    }
    try (backend) {
      return model.planSession(sources, backend);
    }
  }

  @Test
  void takesAllParametersOfTheRelease() {
    List<Long> parameters =
        model.networks().stream()
            .map(
                network ->
                    network.tensors(DType.F32).stream()
                        .mapToLong(tensor -> tensor.shape().elements())
                        .sum())
            .toList();
    assertEquals(List.of(35_218_688L, 65_490_709L), parameters);
    assertEquals("256x256", model.video().width() + "x" + model.video().height());
    assertEquals(2, model.steps());
  }

  /** Every shape fits every kernel, from eight images to a window that slides. */
  @Test
  void plansItsMemory() {
    assertSession(plan(PlanningBackend.cpu()), Float.BYTES);
    assertSession(plan(CudaBackend.planned()), 2);
  }

  private static void assertSession(SessionPlan plan, int bytes) {
    long cache = CACHE * bytes;
    assertTrue(
        plan.session() > cache && plan.session() < 1.02 * cache,
        "session " + plan.session() + " against caches of " + cache);
  }
}
