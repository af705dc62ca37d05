package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.session.TinyWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.quantize.ScaleChoice;
import dev.orrery.runtime.trace.ActivationError;
import dev.orrery.runtime.trace.ActivationTrace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A tiny model whose transformer's file is quantised loads, plays and stays near the one that is
 * not.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class QuantizedTinyWorldTest {
  private TinyWorld world;
  private Path checkpoint;

  /** The file as it was. */
  private Path stored;

  private Played expected;

  /** A tiny model of the family, written into a folder. */
  protected abstract TinyWorld write(Path folder) throws Exception;

  /** Its family. */
  protected abstract ModelFamily family();

  /** The name, as a trace has it, of what the network says in its first pass. */
  protected abstract String firstOutput();

  /**
   * The relative L2 error of that output, as it was seen. Half of it would be too little, as if
   * something were not quantised, and half as much again too much.
   */
  protected abstract double seenError(QuantizedForm form);

  static Stream<QuantizedForm> forms() {
    return Stream.of(
        QuantizedForm.INT8, QuantizedForm.FP8, QuantizedForm.int4(32, ScaleChoice.ABS_MAX));
  }

  /** What the first pass says, and the frames. */
  private record Played(float[] output, byte[] rgb) {}

  @BeforeAll
  void playAsItIs(@TempDir Path folder) throws Exception {
    world = write(folder);
    checkpoint = family().open(folder).networks().getFirst().checkpoint();
    stored = Files.move(checkpoint, folder.resolve("stored.safetensors"));
    Files.copy(stored, checkpoint);
    expected = play();
  }

  private Played play() {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world.load(backend);
        WorldSession session = world.start(model)) {
      ActivationTrace trace = new ActivationTrace(backend, firstOutput()::equals);
      session.trace(trace);
      byte[] rgb = session.step(world.actions(model).apply(0)).rgb();
      float[] output = trace.values().get(firstOutput());
      assertNotNull(output, firstOutput() + " was not tapped");
      return new Played(output, rgb);
    }
  }

  @ParameterizedTest
  @MethodSource("forms")
  void staysNearTheWorldThatIsNotQuantized(QuantizedForm form) throws Exception {
    quantize(form);
    assertTrue(Files.size(checkpoint) < Files.size(stored));
    Played found = play();
    double error =
        ActivationError.between(firstOutput(), expected.output(), found.output()).relativeL2();
    double seen = seenError(form);
    assertTrue(error >= seen / 2 && error <= 1.5 * seen, form + ": " + error);
    assertEquals(expected.rgb().length, found.rgb().length);
    assertFalse(Arrays.equals(expected.rgb(), found.rgb()), "no byte of the frames differs");
  }

  /** Replaces the transformer's file by one that is quantised. */
  private void quantize(QuantizedForm form) throws Exception {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Checkpoint whole = Checkpoint.open(stored)) {
      TensorSource source = form.applied(whole, family());
      for (String name : source.names()) {
        tensors.put(name, source.find(name, Shape.of()).orElseThrow());
      }
      SafetensorsWriter.write(checkpoint, tensors, Map.of());
    }
  }
}
