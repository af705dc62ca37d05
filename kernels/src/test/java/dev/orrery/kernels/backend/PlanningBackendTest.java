package dev.orrery.kernels.backend;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.linear.quantized.ScaledProduct;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanningBackendTest {
  /** Rows and columns of more bytes than any machine has. */
  private static final long HUGE = 1L << 30;

  @Test
  void argumentsAreCheckedAsOnEveryBackend() {
    try (Backend planning = PlanningBackend.cpu();
        Backend cpu = CpuBackend.reference(1)) {
      String expected = "weight: expected F32, F16 or BF16 [5, 3], found F32[5, 4]";
      assertEquals(expected, refusal(cpu));
      assertEquals(expected, refusal(planning));
    }
  }

  private static String refusal(Backend backend) {
    try (TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.F32, 2, 3);
      Tensor weight = arena.empty(DType.F32, 5, 4);
      Tensor out = arena.empty(DType.F32, 2, 5);
      Matmul matmul = backend.kernel(Matmul.class);
      return assertThrows(
              IllegalArgumentException.class,
              () -> matmul.run(x, weight, null, Activation.NONE, out))
          .getMessage();
    }
  }

  @Test
  void nothingIsComputedOrHeld() {
    try (Backend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.F32, HUGE, HUGE);
      Tensor weight = arena.empty(DType.BF16, 5, HUGE);
      Tensor out = arena.empty(DType.F32, HUGE, 5);
      backend.kernel(Matmul.class).run(x, weight, null, Activation.NONE, out);
      assertEquals("planned", out.buffer().location());
      assertEquals(
          "F32[1073741824, 5] lies in planned memory, not in host memory",
          assertThrows(IllegalStateException.class, out::segment).getMessage());
      assertEquals(4 * HUGE * HUGE + 2 * 5 * HUGE + 4 * 5 * HUGE, arena.byteSize());
    }
  }

  @Test
  void operationsAreCounted() {
    try (PlanningBackend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.F32, 2, 3);
      Matmul matmul = backend.kernel(Matmul.class);
      matmul.run(
          x, arena.empty(DType.F32, 5, 3), null, Activation.NONE, arena.empty(DType.F32, 2, 5));
      assertEquals(2 * 2 * 3 * 5, backend.operations());
      backend.kernel(Add.class).run(x, x, x);
      assertEquals(60, backend.operations());
      Tensor frames = arena.empty(DType.F32, 3, 7, 2, 4);
      Tensor out = arena.empty(DType.F32, 3, 7, 2, 4);
      // Of three frames the first sees one, the second two and the third three.
      backend
          .kernel(TemporalAttention.class)
          .run(frames, frames, frames, Visibility.CAUSAL, 1, out);
      assertEquals(60 + (1 + 2 + 3) * 7 * 2 * 4 * 4, backend.operations());
      Tensor tokens = frames.reshape(21, 2, 4);
      backend.kernel(Attention.class).run(tokens, tokens, tokens, 3, 1, out.reshape(21, 2, 4));
      assertEquals(60 + 6 * 7 * 8 * 4 + 3 * 7 * 7 * 8 * 4, backend.operations());
      assertEquals(60, backend.operations(Matmul.class));
      assertEquals(3 * 7 * 7 * 8 * 4, backend.operations(Attention.class));
      assertEquals(0, backend.operations(Add.class));
    }
  }

  /** Layers of one input are a launch each on the CPU, and one on a device. */
  @Test
  void layersOfOneInputAreOneLaunchOnADevice() {
    for (boolean hostMemory : new boolean[] {true, false}) {
      List<Integer> arguments = new ArrayList<>();
      try (PlanningBackend backend =
              new PlanningBackend(
                  hostMemory,
                  ComputeTypes.FP32,
                  (contract, launch, values) -> arguments.add(values.length));
          TensorArena arena = backend.newArena()) {
        Tensor x = arena.empty(DType.F32, 2, 3);
        Matmul.Layer layer =
            new Matmul.Layer(arena.empty(DType.F32, 5, 3), null, arena.empty(DType.F32, 2, 5));
        backend.kernel(Matmul.class).run(x, List.of(layer, layer));
        ScaledRows rows = new ScaledRows(arena.empty(DType.I8, 2, 3), arena.empty(DType.F32, 2));
        ScaledProduct.Layer scaled =
            new ScaledProduct.Layer(rows, null, arena.empty(DType.F32, 2, 2));
        backend.kernel(MatmulInt8.class).run(rows, List.of(scaled, scaled));
        assertEquals(2 * 60, backend.operations(Matmul.class));
        assertEquals(2 * 24, backend.operations(MatmulInt8.class));
      }
      assertEquals(hostMemory ? List.of(5, 5, 4, 4) : List.of(2, 2), arguments);
    }
  }

  @Test
  void uploadsTakeMemoryOnlyOnADeviceOfItsOwn() {
    Tensor host = Tensor.of(new float[6], 2, 3);
    try (Backend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      assertSame(host, backend.upload(host, DType.F32, arena));
      assertEquals(0, arena.byteSize());
    }
    try (Backend backend = new PlanningBackend(false, ComputeTypes.FP32);
        TensorArena arena = backend.newArena()) {
      Tensor copy = backend.upload(host, DType.F32, arena);
      assertEquals("F32[2, 3]", copy.toString());
      assertEquals("planned", copy.buffer().location());
      assertEquals(24, arena.byteSize());
    }
  }

  @Test
  void copiesAreChecked() {
    try (Backend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      Tensor six = arena.empty(DType.F32, 2, 3);
      backend.copy(six, arena.empty(DType.F32, 6));
      Tensor five = arena.empty(DType.F32, 5);
      IllegalArgumentException size =
          assertThrows(IllegalArgumentException.class, () -> backend.copy(six, five));
      assertEquals("to: expected F32 and 6 elements, found F32[5]", size.getMessage());
      Tensor halves = arena.empty(DType.F16, 6);
      refused("to: expected F32 and 6 elements, found F16[6]", () -> backend.copy(six, halves));
    }
  }

  @Test
  void sizesThatOverflowAreRefused() {
    try (Backend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      assertThrows(ArithmeticException.class, () -> arena.empty(DType.F32, Long.MAX_VALUE / 2));
      assertEquals(0, arena.byteSize());
    }
  }
}
