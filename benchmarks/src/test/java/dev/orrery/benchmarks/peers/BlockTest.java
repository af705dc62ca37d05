package dev.orrery.benchmarks.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.genie1x.GeniePeerBlock;
import dev.orrery.model.matrixgame2.MatrixGame2PeerBlock;
import dev.orrery.model.oasis.OasisPeerBlock;
import dev.orrery.model.vid2world.Vid2WorldPeerBlock;
import dev.orrery.model.worldplay.WorldPlayPeerBlock;
import dev.orrery.model.worldplayhy.WorldPlayHyPeerBlock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Blocks fit their models and describe themselves without the other libraries, which this build
 * does not have: where those are, {@code PeersTest} compares the results.
 */
class BlockTest {
  static List<Block> small() {
    return List.of(
        new MatrixGame2PeerBlock(6, 3, 5, 32, 2, 48),
        new WorldPlayPeerBlock(6, 3, 5, 16, 2, 48),
        new WorldPlayHyPeerBlock(6, 3, 5, 16, 2),
        new OasisPeerBlock(2, 3, 4, 32, 2, 48),
        new GeniePeerBlock(3, 2, 32, 2, 48),
        new Vid2WorldPeerBlock(3, 2, 3, 64, 32, 5, 48));
  }

  @ParameterizedTest
  @MethodSource("small")
  void runsAlikeOnAnyNumberOfThreads(Block block) {
    float[] one = result(block, 1);
    assertEquals(Layout.size(block.tokensShape()), one.length);
    for (float value : one) {
      assertTrue(Float.isFinite(value));
    }
    assertArrayEquals(one, result(block, 3), 0);
  }

  /** The model and the graph ask for tensors of the same sizes, or their values are refused. */
  @ParameterizedTest
  @MethodSource("small")
  void isAGraphOfTheSameTensors(Block block) {
    BlockValues values = new BlockValues();
    new BlockCall(block, values, 1).close();
    OnnxLayers onnx = new OnnxLayers(values);
    assertFalse(block.graph(onnx).isEmpty());
    assertTrue(onnx.inputs().containsKey(Block.X));
  }

  @Test
  void otherSizesAreRefused() {
    BlockValues values = new BlockValues();
    values.weight("proj.weight", 2, 3);
    values.weight("proj.weight", 3, 2);
    assertThrows(IllegalArgumentException.class, () -> values.weight("proj.weight", 2, 4));
  }

  private static float[] result(Block block, int threads) {
    BlockCall call = new BlockCall(block, new BlockValues(), threads);
    try {
      return call.result();
    } finally {
      call.close();
    }
  }
}
