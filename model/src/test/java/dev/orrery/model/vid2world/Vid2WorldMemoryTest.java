package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.session.CountingBackend;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code info} says of memory against what small synthetic models then hold. */
class Vid2WorldMemoryTest {
  /** A real driver rounds every allocation up; the emulated one counts bytes. */
  private static final double ROUNDING = Boolean.getBoolean("requireGpu") ? 0.05 : 1e-4;

  @TempDir Path folder;

  /** A model of zeros in bf16, two steps to a frame. */
  private ModelFolder write(String variant) throws IOException {
    ModelFamily family =
        variant.isEmpty() ? Vid2World.FAMILY : Vid2World.FAMILY.syntheticVariant(variant);
    URL config = family.syntheticFiles(SyntheticScale.SMALL).get(Vid2WorldConfig.FILE);
    try (InputStream in = config.openStream()) {
      Files.copy(in, folder.resolve(Vid2WorldConfig.FILE));
    }
    ModelFolder model = family.open(folder).withSteps(2);
    for (NetworkWeights<?> network : model.networks()) {
      PlannedTensors asked = PlannedTensors.of(DType.BF16);
      network.read(asked);
      Map<String, Tensor> zeros = new LinkedHashMap<>();
      for (TensorSpec spec : asked.requests()) {
        byte[] bytes = new byte[Math.toIntExact(spec.byteSize())];
        zeros.put(
            spec.name(), Tensor.host(spec.dtype(), spec.shape(), MemorySegment.ofArray(bytes)));
      }
      SafetensorsWriter.write(network.checkpoint(), zeros, Map.of());
    }
    return model;
  }

  private static WorldSession start(WorldModel model) {
    return model.start(SyntheticWorld.begin(model, 1, 3));
  }

  private static void assertPlanned(MemoryPlan plan, long session, long found) {
    long planned = plan.copiedWeights() + session;
    assertTrue(
        found >= planned && found <= planned * (1 + ROUNDING),
        "planned " + planned + " bytes, found " + found);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "robot"})
  void holdsWhatWasPlanned(String variant) throws IOException {
    ModelFolder folder = write(variant);
    MemoryPlan plan = folder.plan(PlanningBackend.cpu());
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(2))) {
      try (WorldModel model = folder.load(backend, Progress.NONE)) {
        assertEquals(plan.copiedWeights(), backend.heldBytes());
        try (WorldSession session = start(model)) {
          session.step(model.actionSpace().action(model.actionSpace().rest()));
          assertEquals(
              plan.copiedWeights() + plan.session() + plan.workspace(), backend.heldBytes());
        }
      }
      assertEquals(0, backend.openArenas());
    }
  }

  /** Everything is taken when a session begins; an emulated device would take long for a frame. */
  @ParameterizedTest
  @ValueSource(strings = {"", "robot"})
  void takesWhatWasPlannedOfAGpu(String variant) throws IOException {
    ModelFolder folder = write(variant);
    MemoryPlan plan = folder.plan(CudaBackend.planned());
    try (CudaBackend backend = CudaTestDevice.openForModels()) {
      long before = backend.device().freeMemory();
      try (WorldModel model = folder.load(backend, Progress.NONE)) {
        assertPlanned(plan, 0, before - backend.device().freeMemory());
        try (WorldSession session = start(model)) {
          assertEquals(0, session.chunk());
          assertPlanned(
              plan, plan.session() + plan.workspace(), before - backend.device().freeMemory());
        }
      }
    }
  }
}
