package dev.orrery.runtime.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.trace.ActivationTrace.Difference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ActivationTraceTest {
  private final Backend backend = CpuBackend.reference(1);
  private final ActivationTrace trace = new ActivationTrace(backend);

  @BeforeEach
  void record() {
    trace.tap("patch", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
    Trace block = trace.at("block0");
    block.tap("norm1", Tensor.of(new float[] {5, 6}, 2));
    block.at("attn").tap("out", Tensor.of(new float[] {7}, 1));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private static Map<String, float[]> expected(float patch, float norm, float out) {
    return Map.of(
        "patch",
        new float[] {1, 2, 3, patch},
        "block0.norm1",
        new float[] {norm, 6},
        "block0.attn.out",
        new float[] {out});
  }

  @Test
  void keepsCopiesInOrder() {
    float[] values = {8, 9};
    trace.tap("later", Tensor.of(values, 2));
    values[0] = 0;
    assertEquals(
        List.of("patch", "block0.norm1", "block0.attn.out", "later"),
        List.copyOf(trace.values().keySet()));
    assertArrayEquals(new float[] {8, 9}, trace.values().get("later"));
    trace.tap("later", Tensor.of(values, 2));
    assertArrayEquals(new float[] {0, 9}, trace.values().get("later"));
    assertThrows(UnsupportedOperationException.class, () -> trace.values().clear());
  }

  @Test
  void namesTheFirstThatDiffers() {
    assertEquals(Optional.empty(), trace.firstDifference(expected(4, 5, 7), 0));
    assertEquals(
        Optional.of(new Difference("block0.norm1", 0.5)),
        trace.firstDifference(expected(4.25f, 5.5f, 70), 0.25));
    assertEquals(
        Optional.of(new Difference("patch", 0.25)),
        trace.firstDifference(expected(4.25f, 5.5f, 70), 0.2));
    assertEquals(
        Optional.of(new Difference("block0.attn.out", 63)),
        trace.firstDifference(expected(4, 5, 70), 1));
  }

  @Test
  void aMissingValueDiffersWhateverTheTolerance() {
    Difference nan = new Difference("block0.norm1", Double.POSITIVE_INFINITY);
    assertEquals(
        Optional.of(nan), trace.firstDifference(expected(4, Float.NaN, 7), Double.MAX_VALUE));
    trace.tap("block0.norm1", Tensor.of(new float[] {Float.NaN, 6}, 2));
    assertEquals(Optional.of(nan), trace.firstDifference(expected(4, 5, 7), Double.MAX_VALUE));
    trace.tap("block0.norm1", Tensor.of(new float[] {5, Float.NEGATIVE_INFINITY}, 2));
    assertEquals(Optional.of(nan), trace.firstDifference(expected(4, 5, 7), Double.MAX_VALUE));
  }

  @Test
  void anotherSizeDiffers() {
    assertEquals(
        Optional.of(new Difference("block0.norm1", Double.POSITIVE_INFINITY)),
        trace.firstDifference(Map.of("block0.norm1", new float[] {5, 6, 7}), 1e9));
  }

  @Test
  void whatIsNotExpectedIsPassedOver() {
    assertEquals(Optional.empty(), trace.firstDifference(Map.of("other", new float[1]), 0));
    assertEquals(
        "block0.attn.out",
        trace.firstDifference(Map.of("block0.attn.out", new float[1]), 0).orElseThrow().name());
  }

  @Test
  void nothingStaysNothing() {
    assertSame(Trace.NONE, Trace.NONE.at("block0"));
    assertEquals(3, trace.values().size());
  }
}
