package dev.orrery.model.magvit2;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.Trap;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;

/** The order of bits, wrong on purpose. */
public final class Magvit2Traps {
  private Magvit2Traps() {}

  /** Both ways, for each fixture that can tell. */
  public static List<Trap> all() {
    List<Trap> traps = new ArrayList<>();
    for (Golden.Arguments fixture : Golden.cpuCases("genie-1xgpt", "encode")) {
      if (fixture.backendName().equals("cpu")) {
        traps.add(
            new Trap(
                "most significant bit first, decoded, " + fixture,
                Magvit2GoldenTest.LIMIT,
                () -> picture(fixture, false),
                () -> picture(fixture, true)));
        traps.add(
            new Trap(
                "most significant bit first, encoded, " + fixture,
                0,
                () -> otherIds(fixture, false),
                () -> otherIds(fixture, true)));
      }
    }
    return traps;
  }

  private static LongUnaryOperator order(int bits, boolean reversed) {
    return id -> reversed ? Long.reverse(id) >>> Long.SIZE - bits : id;
  }

  /** The error of the pixels that ids are decoded to. */
  private static double picture(Golden.Arguments arguments, boolean reversed) {
    try (var fixture = new Magvit2GoldenTest.Fixture(arguments)) {
      Golden golden = fixture.golden;
      Shape grid = golden.shape("outputs.ids");
      long[] ids =
          LongStream.of(golden.longs("outputs.ids"))
              .map(order(fixture.config.bits(), reversed))
              .toArray();
      float[] expected = Magvit2GoldenTest.channelsLast(golden, "outputs.image").toFloats();
      byte[] bytes = new byte[expected.length];
      Tensor host = Tensor.host(DType.U8, Shape.of(bytes.length), MemorySegment.ofArray(bytes));
      return Golden.relativeError(expected, fixture.decode(ids, grid, host));
    }
  }

  /** How many ids of features are others. */
  private static double otherIds(Golden.Arguments arguments, boolean reversed) {
    try (Golden golden = arguments.golden()) {
      Tensor features = Magvit2GoldenTest.channelsLast(golden, "outputs.features");
      int bits = features.size(3);
      long[] expected = golden.longs("outputs.ids");
      int[] found = new SignCode(bits).ids(features.toFloats());
      int others = 0;
      for (int i = 0; i < found.length; i++) {
        others += order(bits, reversed).applyAsLong(found[i]) == expected[i] ? 0 : 1;
      }
      return others;
    }
  }
}
