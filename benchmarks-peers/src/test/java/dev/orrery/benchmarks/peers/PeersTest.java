package dev.orrery.benchmarks.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.benchmarks.peers.Problem.Operation;
import dev.orrery.model.genie1x.GeniePeerBlock;
import dev.orrery.model.matrixgame2.MatrixGame2PeerBlock;
import dev.orrery.model.oasis.OasisPeerBlock;
import dev.orrery.model.vid2world.Vid2WorldPeerBlock;
import dev.orrery.model.worldplay.WorldPlayPeerBlock;
import dev.orrery.model.worldplayhy.WorldPlayHyPeerBlock;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every library solves every problem that it has, with the same result as our kernels. */
class PeersTest {
  private static final List<Problem> SMALL =
      List.of(
          Problem.of(Operation.MATMUL, 5, 7, 11),
          Problem.of(Operation.ATTENTION, 5, 9, 2, 16),
          Problem.of(Operation.CAUSAL_CONV3D, 4, 6, 3, 5, 7),
          Problem.of(Operation.CONV2D, 4, 6, 3, 5, 7),
          Problem.of(Operation.GROUP_NORM, 9, 64),
          Problem.of(Operation.LAYER_NORM, 5, 48),
          Problem.of(Operation.SOFTMAX, 5, 13),
          Problem.of(Operation.SILU, 5, 13));

  @Test
  void librariesAgreeAndAreMeasured() throws Throwable {
    List<String> told = new ArrayList<>();
    PeerReport report = new PeerReport(new PeerReport.Effort(3, 0, 0), told::add);
    JsonValue json =
        JsonValue.parse(
            "report", report.json(SMALL, List.of(1, 2), "").getBytes(StandardCharsets.UTF_8));
    List<JsonValue> rows = json.get("peers").asList();
    assertEquals(2 * SMALL.size(), rows.size());
    for (JsonValue row : rows) {
      for (JsonValue call : row.get("calls").asList()) {
        assertEquals(3, call.numbers("milliseconds").length);
        assertTrue(call.number("difference") <= Agreement.MOST, row.string("operation"));
      }
    }
    assertEquals(
        Set.of("ATTENTION", "CAUSAL_CONV3D", "CONV2D", "LAYER_NORM", "MATMUL", "SILU", "SOFTMAX"),
        operationsOf(rows, "libtorch"));
    assertEquals(
        SMALL.stream().map(it -> it.operation().name()).collect(Collectors.toSet()),
        operationsOf(rows, "ONNX"));
    assertEquals(Set.of("MATMUL"), operationsOf(rows, "OpenBLAS"));
    assertTrue(told.size() >= rows.size(), told::toString);
  }

  /** Blocks as small as they can be, as our models and as graphs of ONNX. */
  @Test
  void blocksAgree() throws Throwable {
    List<Block> blocks =
        List.of(
            new MatrixGame2PeerBlock(6, 3, 5, 32, 2, 48),
            new WorldPlayPeerBlock(6, 3, 5, 16, 2, 48),
            new WorldPlayHyPeerBlock(6, 3, 5, 16, 2),
            new OasisPeerBlock(2, 3, 4, 32, 2, 48),
            new GeniePeerBlock(3, 2, 32, 2, 48),
            new Vid2WorldPeerBlock(3, 2, 3, 64, 32, 5, 48));
    PeerReport report = new PeerReport(new PeerReport.Effort(2, 0, 0), line -> {});
    String measured = report.json(blocks.stream().map(BlockTask::of).toList(), List.of(1), "");
    List<JsonValue> rows =
        JsonValue.parse("report", measured.getBytes(StandardCharsets.UTF_8)).get("peers").asList();
    assertEquals(blocks.size(), rows.size());
    for (JsonValue row : rows) {
      assertEquals(2, row.get("calls").asList().size(), row.string("operation"));
      assertTrue(row.number("operations") > 0, row.string("operation"));
    }
  }

  private static Set<String> operationsOf(List<JsonValue> rows, String library) {
    return rows.stream()
        .filter(
            row ->
                row.get("calls").asList().stream()
                    .anyMatch(call -> call.string("library").startsWith(library)))
        .map(row -> row.string("operation"))
        .collect(Collectors.toSet());
  }
}
