package dev.orrery.runtime.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class PendingOutputTest {
  @TempDir Path root;

  @Test
  void aFileIsReplacedWhenTheNewOneIsComplete() throws IOException {
    Path target = Files.writeString(root.resolve("a.txt"), "old");
    try (PendingOutput output = PendingOutput.file(target)) {
      Files.writeString(output.temporary(), "new");
      assertEquals("old", Files.readString(target));
      output.commit();
      assertFalse(output.isOpen());
      assertMessage(target + ": the output was closed", output::checkOpen);
    }
    assertEquals("new", Files.readString(target));
    assertOnly(target);
  }

  @Test
  void anEmptyFolderIsFilled() throws IOException {
    Path target = Files.createDirectory(root.resolve("made"));
    Object same = Files.readAttributes(target, BasicFileAttributes.class).fileKey();
    try (PendingOutput output = PendingOutput.folder(target)) {
      Files.writeString(output.temporary().resolve("a.txt"), "a");
      Files.createDirectory(output.temporary().resolve("sub"));
      assertMessage(target + ": the folder is not empty", () -> PendingOutput.folder(target));
      output.commit();
    }
    assertEquals("a", Files.readString(target.resolve("a.txt")));
    assertEquals(same, Files.readAttributes(target, BasicFileAttributes.class).fileKey());
    assertOnly(target);
    assertEquals(List.of(target.resolve("a.txt"), target.resolve("sub")), entries(target));
    assertMessage(target + ": the folder is not empty", () -> PendingOutput.folder(target));
  }

  /** As the folder in which a shell is may be named. */
  @Test
  void anEmptyFolderIsFilledUnderAnyOfItsNames() throws IOException {
    Path folder = Files.createDirectory(root.resolve("made"));
    Path link = Files.createSymbolicLink(root.resolve("link"), folder);
    for (Path name : List.of(folder.resolve("."), folder.resolve("../made"), link)) {
      try (PendingOutput output = PendingOutput.folder(name)) {
        Files.writeString(output.temporary().resolve("a.txt"), "a");
        output.commit();
      }
      assertEquals(List.of(folder.resolve("a.txt")), entries(folder));
      assertTrue(Files.isSymbolicLink(link));
      Files.delete(folder.resolve("a.txt"));
    }
  }

  @Test
  void aFolderThatIsFilledMeanwhileStaysAsItIs() throws IOException {
    Path target = Files.createDirectory(root.resolve("made"));
    try (PendingOutput output = PendingOutput.folder(target)) {
      Files.writeString(output.temporary().resolve("a.txt"), "a");
      Files.writeString(target.resolve("b.txt"), "b");
      assertMessage(
          target + ": cannot be written (the folder is not empty any more)", output::commit);
    }
    assertEquals(List.of(target.resolve("b.txt")), entries(target));
  }

  @Test
  void closingWithoutCommitLeavesNothing() throws IOException {
    try (PendingOutput output = PendingOutput.folder(root.resolve("made"))) {
      Files.createDirectories(output.temporary().resolve("sub/folder"));
      Files.writeString(output.temporary().resolve("sub/a.txt"), "a");
    }
    Path file = root.resolve("a.txt");
    IOException full =
        assertThrows(
            IOException.class,
            () ->
                PendingOutput.write(
                    file,
                    temporary -> {
                      Files.writeString(temporary, "half");
                      throw new FileSystemException("", null, "No space left on device");
                    }));
    assertEquals(file + ": cannot be written (No space left on device)", full.getMessage());
    assertOnly();
  }

  @Test
  void twoMayWriteTheSameFile() throws IOException {
    Path target = root.resolve("a.txt");
    try (PendingOutput first = PendingOutput.file(target);
        PendingOutput second = PendingOutput.file(target)) {
      Files.writeString(first.temporary(), "first");
      Files.writeString(second.temporary(), "second");
      second.commit();
      first.commit();
    }
    assertEquals("first", Files.readString(target));
  }

  @Test
  void placesThatCannotBeWrittenAreNamed() throws IOException {
    Path missing = root.resolve("none/a");
    String expected = missing + ": the folder " + missing.getParent() + " does not exist";
    assertMessage(expected, () -> PendingOutput.file(missing));
    assertMessage(expected, () -> PendingOutput.folder(missing));
    assertThrows(NoSuchFileException.class, () -> PendingOutput.begin(missing));
    assertMessage(root + ": is a folder", () -> PendingOutput.file(root));
    Path file = Files.createFile(root.resolve("a.txt"));
    assertMessage(file + ": is a file, not a folder", () -> PendingOutput.folder(file));
  }

  /** A folder that appears at the target meanwhile is not replaced by a file. */
  @Test
  void aFolderAtTheTargetStays() throws IOException {
    Path target = root.resolve("a");
    try (PendingOutput output = PendingOutput.file(target)) {
      Files.createDirectory(target);
      IOException e = assertThrows(IOException.class, output::commit);
      assertTrue(e.getMessage().startsWith(target + ": cannot be written ("), e.getMessage());
    }
    assertOnly(target);
  }

  private static void assertMessage(String expected, Executable call) {
    assertEquals(expected, assertThrows(IOException.class, call).getMessage());
  }

  private void assertOnly(Path... expected) throws IOException {
    assertEquals(List.of(expected), entries(root));
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
