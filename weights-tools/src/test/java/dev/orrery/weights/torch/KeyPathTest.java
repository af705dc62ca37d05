package dev.orrery.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors in dictionaries of dictionaries, as training leaves them. */
class KeyPathTest {
  private static final String LISTED =
      "keys of tensors: state.ema.net (1 tensor), state.ema (2 tensors),"
          + " state.ema.b.c (1 tensor), state.parts.0 (1 tensor)";

  @TempDir Path folder;

  /**
   * {@code {"epoch": 3, "state": {"ema.net": {"w": T}, "ema": {"net": {"x": T}, "b.c": {"y": T}},
   * "parts": [{"z": T}], "step": 1}}}.
   */
  private Path nested() throws IOException {
    PickleBytes pickle = PickleBytes.begin().ops("}(").text("epoch").number(3);
    pickle.text("state").ops("}(");
    dictionary(pickle.text("ema.net"), "w");
    pickle.text("ema").ops("}(");
    dictionary(pickle.text("net"), "x");
    dictionary(pickle.text("b.c"), "y");
    pickle.ops("u");
    dictionary(pickle.text("parts").ops("]("), "z");
    return archive(pickle.ops("e").text("step").number(1).ops("uu").end());
  }

  @Test
  void leadsThroughDictionariesAndLists() throws IOException {
    try (TorchArchive archive = TorchArchive.open(nested())) {
      assertEquals(List.of("net.x", "b.c.y"), names(archive, "state.ema"));
      assertEquals(List.of("y"), names(archive, "state.ema.b.c"));
      assertEquals(List.of("z"), names(archive, "state.parts.0"));
    }
  }

  /** {@code state.ema.net} is a key of {@code state}, and a way through {@code ema}. */
  @Test
  void takesTheLongestKeyThatLeadsOn() throws IOException {
    try (TorchArchive archive = TorchArchive.open(nested())) {
      assertEquals(List.of("w"), names(archive, "state.ema.net"));
      String message = refusal(archive, "state.ema.net.x");
      assertEquals(
          "state.ema.net.x: expected a dictionary of tensors, found a tensor; " + LISTED, message);
    }
  }

  @Test
  void whatDoesNotFitListsThePathsThatHoldTensors() throws IOException {
    try (TorchArchive archive = TorchArchive.open(nested())) {
      for (String key :
          List.of("ema", "state.ema.", "state..ema", ".state", "state.parts.1", ".")) {
        assertEquals(
            "expected a dictionary " + key + ", found none; " + LISTED, refusal(archive, key));
      }
      assertEquals(
          "epoch: expected a tensor or a dictionary of tensors, found a number; " + LISTED,
          refusal(archive, ""));
      assertEquals(
          "parts: expected a tensor or a dictionary of tensors, found a list; " + LISTED,
          refusal(archive, "state"));
      assertEquals(
          "state.parts: expected a dictionary of tensors, found a list; " + LISTED,
          refusal(archive, "state.parts"));
    }
  }

  @Test
  void theListIsBounded() throws IOException {
    PickleBytes pickle = PickleBytes.begin().ops("}(").text("epoch").number(3);
    for (int i = 0; i < 13; i++) {
      dictionary(pickle.text("net" + i), "w");
    }
    try (TorchArchive archive = TorchArchive.open(archive(pickle.ops("u").end()))) {
      String message = refusal(archive, "net");
      assertEquals(
          "expected a dictionary net, found none; keys of tensors: net0 (1 tensor), net1 (1 tensor),"
              + " net2 (1 tensor), net3 (1 tensor), net4 (1 tensor), net5 (1 tensor),"
              + " net6 (1 tensor), net7 (1 tensor), net8 (1 tensor), net9 (1 tensor) and 3 more",
          message);
    }
    byte[] none = PickleBytes.begin().ops("}(").text("epoch").number(3).ops("u").end();
    try (TorchArchive archive = TorchArchive.open(archive(none))) {
      assertEquals(
          "expected a dictionary net, found none; no key leads to a dictionary of tensors",
          refusal(archive, "net"));
    }
  }

  private static List<String> names(TorchArchive archive, String key) {
    return List.copyOf(archive.tensors(key).keySet());
  }

  private static String refusal(TorchArchive archive, String key) {
    String message =
        assertThrows(CheckpointException.class, () -> archive.tensors(key)).getMessage();
    String start = archive.path() + ": ";
    assertEquals(start, message.substring(0, start.length()));
    return message.substring(start.length());
  }

  private static void dictionary(PickleBytes pickle, String name) {
    pickle.ops("}(").text(name).tensor("0", 1, 0, new long[] {1}, new long[] {1}).ops("u");
  }

  private Path archive(byte[] pickle) throws IOException {
    return ZipFileBytes.create(folder.resolve("x.pt"))
        .stored("model/data.pkl", pickle)
        .stored("model/data/0", new byte[4])
        .end();
  }
}
