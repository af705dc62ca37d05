package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Arguments and results of one call, {@code <name>.<argument>} in a fixture.
 *
 * @param name the operation, and which case of it where there are several
 * @param used receives the names of all tensors that are asked for
 */
record OperationCase(Golden golden, String name, Set<String> used) {
  /** Largest relative L2 error in fp32; bytes and 16-bit types have to be the same. */
  private static final double LIMIT = 1e-6;

  /** The operation's name. */
  String operation() {
    return name.split("\\.")[0];
  }

  Tensor get(String argument) {
    used.add(name + "." + argument);
    return golden.tensor(name + "." + argument);
  }

  /** Requires a call that writes all of an output to give a result of the fixture. */
  void same(String result, Consumer<Tensor> call) {
    check(result, call, empty(get(result)));
  }

  /** The same for a call that adds to values of the fixture. */
  void same(String result, String before, Consumer<Tensor> call) {
    Tensor out = empty(get(result));
    out.segment().copyFrom(get(before).segment());
    check(result, call, out);
  }

  private void check(String result, Consumer<Tensor> call, Tensor out) {
    Tensor expected = get(result);
    call.accept(out);
    if (expected.dtype() == DType.F32) {
      KernelHarness.assertClose(name + "." + result, expected.toFloats(), out.toFloats(), LIMIT);
    } else {
      assertArrayEquals(
          expected.segment().toArray(ValueLayout.JAVA_BYTE),
          out.segment().toArray(ValueLayout.JAVA_BYTE),
          name + "." + result);
    }
  }

  /** A tensor like the result, whose bits are all ones: NaN in a floating-point type. */
  private static Tensor empty(Tensor like) {
    Tensor out =
        Tensor.host(like.dtype(), like.shape(), Arena.ofAuto().allocate(like.byteSize(), 64));
    out.segment().fill((byte) 0xFF);
    return out;
  }
}
