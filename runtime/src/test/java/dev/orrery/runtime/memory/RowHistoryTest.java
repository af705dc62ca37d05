package dev.orrery.runtime.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowHistoryTest {
  /** More than is read or written at once. */
  private static final int VALUES = 100_003;

  private static final String FOLDER = "java.io.tmpdir";
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  @TempDir Path folder;

  private final Backend backend = CpuBackend.reference(1);
  private String before;

  @BeforeEach
  void nameTheFolder() {
    before = System.setProperty(FOLDER, folder.toString());
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    System.setProperty(FOLDER, before);
    assertEquals(List.of(), files());
    backend.close();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static RowHistory empty() {
    return RowHistory.of(Tensor.of(new float[VALUES], VALUES));
  }

  private static float[] row(int number) {
    float[] row = new float[VALUES];
    for (int i = 0; i < VALUES; i++) {
      row[i] = number + i / 1e6f;
    }
    return row;
  }

  private static void append(RowHistory history, int number) {
    history.offer(row(number));
    history.keep();
  }

  private static void assertRows(RowHistory history, int... numbers) {
    assertEquals(numbers.length, history.size());
    for (int i = 0; i < numbers.length; i++) {
      float[] found = new float[VALUES];
      history.read(i, 0, found, 0, VALUES);
      assertArrayEquals(row(numbers[i]), found);
    }
  }

  /** A history as the state of a session. */
  private static SessionState.Part part(RowHistory history, int count) {
    return state -> history.visitState(state, "row", count);
  }

  private static RowHistory copy(Backend backend, RowHistory history) {
    RowHistory copy = empty();
    SessionState.of(part(history, 0)).restore(backend, part(copy, history.size()));
    return copy;
  }

  @Test
  void partsOfRowsAreRead() {
    try (RowHistory history = empty()) {
      for (int i = 0; i < 3; i++) {
        append(history, i);
      }
      assertRows(history, 0, 1, 2);
      float[] part = new float[70_002];
      history.read(1, 30_001, part, 1, 70_000);
      assertEquals(0, part[0]);
      assertEquals(row(1)[30_001], part[1]);
      assertEquals(row(1)[100_000], part[70_000]);
      assertEquals(0, part[70_001]);
      assertEquals(
          "row: expected 400012 bytes, found 4",
          assertThrows(IllegalArgumentException.class, () -> history.offer(new float[1]))
              .getMessage());
    }
  }

  /** An offer is no row until it is kept, and only the last one can be. */
  @Test
  void offersAreReplaced() {
    try (RowHistory history = empty()) {
      history.offer(row(1));
      history.offer(row(2));
      assertEquals(0, history.size());
      history.keep();
      assertThrows(IllegalStateException.class, history::keep);
      history.offer(row(3));
      try (RowHistory copy = copy(backend, history)) {
        assertRows(copy, 2);
        append(copy, 4);
        assertRows(copy, 2, 4);
      }
      history.keep();
      assertRows(history, 2, 3);
      assertEquals(3, history.places());
    }
  }

  /** Copies have what was there in common, and neither sees what the other adds. */
  @Test
  void copiesShareWhatIsThere() {
    try (RowHistory history = empty()) {
      append(history, 0);
      append(history, 1);
      RowHistory copy = copy(backend, history);
      assertEquals(2, history.places());
      assertEquals(2, copy.places());
      append(copy, 12);
      append(history, 2);
      assertEquals(4, history.places());
      try (RowHistory second = copy(backend, copy)) {
        copy.close();
        assertRows(second, 0, 1, 12);
        append(second, 13);
        assertRows(history, 0, 1, 2);
      }
      // Those of the copies are free again.
      append(history, 3);
      append(history, 4);
      assertEquals(5, history.places());
      assertRows(history, 0, 1, 2, 3, 4);
    }
  }

  @Test
  void copiesOutliveTheFirst() {
    RowHistory history = empty();
    append(history, 7);
    RowHistory copy = copy(backend, history);
    history.close();
    history.close();
    append(copy, 8);
    assertRows(copy, 7, 8);
    copy.close();
  }

  /** What is captured lies in memory, and replaces what is there. */
  @Test
  void statesAreRestored() {
    try (RowHistory history = empty();
        RowHistory other = empty()) {
      append(history, 1);
      append(history, 2);
      SessionState captured = SessionState.capture(backend, part(history, 0));
      append(other, 5);
      captured.restore(backend, part(other, 2));
      assertRows(other, 1, 2);
      append(history, 3);
      captured.restore(backend, part(history, 2));
      assertRows(history, 1, 2);
      captured.tensors().get("row1").segment().asByteBuffer().putInt(0, -1);
      assertEquals(
          "row1: expected finite values, found NaN at 0",
          assertThrows(
                  IllegalArgumentException.class, () -> captured.restore(backend, part(other, 2)))
              .getMessage());
    }
  }

  /** Where there is no memory, rows are counted and no file is made. */
  @Test
  void planningMakesNoFile() throws IOException {
    assumeTrue(Files.isDirectory(OPEN_FILES), "no list of open files");
    try (PlanningBackend planning = PlanningBackend.cpu();
        TensorArena arena = planning.newArena();
        RowHistory history = RowHistory.of(arena.empty(DType.F32, VALUES))) {
      append(history, 0);
      append(history, 1);
      assertEquals(2, history.size());
      assertEquals(0, scratchFiles());
    }
  }

  /** On systems that let it go, the file has no name while it is used. */
  @Test
  void theFileIsGoneWithTheLastUser() throws IOException {
    assumeTrue(Files.isDirectory(OPEN_FILES), "no list of open files");
    RowHistory history = empty();
    assertEquals(0, scratchFiles());
    append(history, 0);
    assertEquals(List.of(), files());
    assertEquals(1, scratchFiles());
    RowHistory copy = copy(backend, history);
    assertEquals(1, scratchFiles());
    history.close();
    assertEquals(1, scratchFiles());
    copy.close();
    assertEquals(0, scratchFiles());
  }

  private long scratchFiles() throws IOException {
    try (Stream<Path> open = Files.list(OPEN_FILES)) {
      return open.filter(link -> target(link).startsWith(folder.toString())).count();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      // That of the list itself.
      return "";
    }
  }

  /** An interrupted thread goes on, and nobody loses the file. */
  @Test
  void interruptionsDoNotCloseTheFile() {
    try (RowHistory history = empty()) {
      append(history, 0);
      Thread.currentThread().interrupt();
      append(history, 1);
      assertRows(history, 0, 1);
      assertTrue(Thread.interrupted());
      assertRows(history, 0, 1);
    }
  }

  @Test
  void aFolderThatIsNotThereIsNamedAndLeavesNothing() {
    Path none = folder.resolve("none");
    System.setProperty(FOLDER, none.toString());
    try (RowHistory history = empty()) {
      String message =
          assertThrows(CheckpointException.class, () -> history.offer(row(0))).getMessage();
      assertEquals(none + ": cannot be written: no such file or folder", message);
      assertEquals(0, history.size());
      System.setProperty(FOLDER, folder.toString());
      append(history, 0);
      assertRows(history, 0);
    }
  }
}
