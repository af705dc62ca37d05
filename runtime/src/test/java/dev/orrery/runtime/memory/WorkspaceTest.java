package dev.orrery.runtime.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkspaceTest {
  /** Something like a pass: nested frames of odd sizes. Gives the addresses of its tensors. */
  private static List<Long> pass(Workspace workspace) {
    List<Long> offsets = new ArrayList<>();
    try (Workspace.Frame outer = workspace.frame()) {
      offsets.add(outer.empty(DType.F32, 3, 5).byteOffset());
      for (int layer = 0; layer < 3; layer++) {
        try (Workspace.Frame inner = workspace.frame()) {
          offsets.add(inner.empty(DType.F32, 13).byteOffset());
          offsets.add(inner.empty(DType.F32, layer + 1, 16).byteOffset());
        }
      }
      offsets.add(outer.empty(DType.F32, 1).byteOffset());
    }
    return offsets;
  }

  @Test
  void framesGiveBackWhatWasTaken() {
    Workspace workspace = Workspace.measuring();
    // 15 floats take one line of 64 bytes, 13 take one, the layers' own 1, 2 and 3.
    assertEquals(List.of(0L, 64L, 128L, 64L, 128L, 64L, 128L, 64L), pass(workspace));
    assertEquals(64 * 5, workspace.highWater().shared());
    pass(workspace);
    assertEquals(64 * 5, workspace.highWater().shared());
  }

  @Test
  void whatWasMeasuredIsEnoughAndNotTooMuch() {
    Workspace measured = Workspace.measuring();
    List<Long> offsets = pass(measured);
    try (HostArena arena = new HostArena()) {
      Workspace workspace = Workspace.of(arena, measured.highWater());
      assertEquals(offsets, pass(workspace));
      assertEquals(offsets, pass(workspace));
      assertEquals(measured.highWater().shared(), workspace.highWater().shared());
      assertEquals(measured.highWater().shared(), arena.byteSize());
      Workspace small = Workspace.of(arena, new WorkspaceSize(measured.highWater().shared() - 1));
      IllegalStateException error = assertThrows(IllegalStateException.class, () -> pass(small));
      assertEquals(
          "workspace of 319 bytes has no room for [3, 16] beside 128 bytes in use",
          error.getMessage());
    }
  }

  /** Where memory holds elements of one kind, each kind has a stack, and frames give all back. */
  @Test
  void kindsOfElementsHaveStacksOfTheirOwn() {
    Workspace measured = Workspace.measuring();
    mixedPass(measured);
    WorkspaceSize size = measured.highWater();
    assertArrayEquals(new long[] {128, 64, 192, 0, 64}, size.apart());
    assertEquals(448, size.bytes(false));
    try (HostArena memory = new HostArena()) {
      List<DType> taken = new ArrayList<>();
      Workspace workspace = Workspace.of(ofOneSize(memory, taken), size);
      assertEquals(List.of(DType.U8, DType.BF16, DType.F32, DType.I32), taken);
      assertEquals(448, memory.byteSize());
      for (int round = 0; round < 2; round++) {
        mixedPass(workspace);
      }
      try (Workspace.Frame frame = workspace.frame()) {
        Tensor floats = frame.empty(DType.F32, 17);
        assertNotSame(floats.buffer(), frame.empty(DType.I8, 1).buffer());
        assertNotSame(floats.buffer(), frame.empty(DType.I32, 1).buffer());
        assertEquals(128, frame.empty(DType.F32, 3).byteOffset());
      }
      assertArrayEquals(size.apart(), workspace.highWater().apart());
    }
  }

  private static void mixedPass(Workspace workspace) {
    try (Workspace.Frame outer = workspace.frame()) {
      outer.empty(DType.F32, 17);
      try (Workspace.Frame inner = workspace.frame()) {
        inner.empty(DType.I8, 65);
        inner.empty(DType.F32, 3);
        inner.empty(DType.BF16, 5);
        inner.empty(DType.I32, 2);
      }
      outer.empty(DType.F32, 1);
      outer.empty(DType.U8, 1);
    }
  }

  /** Memory that cannot be looked at as elements of another size. */
  private static TensorArena ofOneSize(HostArena memory, List<DType> taken) {
    return new TensorArena() {
      @Override
      public Tensor empty(DType dtype, long... extents) {
        taken.add(dtype);
        return memory.empty(dtype, extents);
      }

      @Override
      public boolean reinterprets() {
        return false;
      }

      @Override
      public long byteSize() {
        return memory.byteSize();
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void tensorsAreAlignedAndApart() {
    try (HostArena arena = new HostArena()) {
      Workspace workspace = Workspace.of(arena, new WorkspaceSize(1 << 12));
      try (Workspace.Frame frame = workspace.frame()) {
        List<Tensor> tensors = new ArrayList<>();
        for (int size : new int[] {1, 13, 16, 17, 207, 0, 3}) {
          Tensor tensor = frame.empty(DType.F32, size);
          assertEquals(0, tensor.segment().address() % 64);
          tensor.segment().fill((byte) tensors.size());
          tensors.add(tensor);
        }
        for (int i = 0; i < tensors.size(); i++) {
          byte[] expected = new byte[(int) tensors.get(i).byteSize()];
          Arrays.fill(expected, (byte) i);
          assertArrayEquals(expected, tensors.get(i).segment().toArray(ValueLayout.JAVA_BYTE));
        }
      }
    }
  }

  @Test
  void twoWorkspacesOfOneArenaAreApart() {
    try (HostArena arena = new HostArena()) {
      Workspace one = Workspace.of(arena, new WorkspaceSize(64));
      Workspace two = Workspace.of(arena, new WorkspaceSize(64));
      Tensor first = one.frame().empty(DType.F32, 16);
      Tensor second = two.frame().empty(DType.F32, 16);
      assertNotEquals(first.segment().address(), second.segment().address());
    }
  }

  @Test
  void onlyTheInnermostFrameGivesTensorsAndFrames() {
    Workspace workspace = Workspace.measuring();
    try (Workspace.Frame outer = workspace.frame()) {
      try (Workspace.Frame inner = outer.inner()) {
        inner.empty(DType.F32, 1);
        assertEquals(
            "expected the innermost frame, found an outer one",
            assertThrows(IllegalStateException.class, () -> outer.empty(DType.F32, 1))
                .getMessage());
        assertThrows(IllegalStateException.class, outer::inner);
      }
      outer.empty(DType.F32, 1);
    }
  }
}
