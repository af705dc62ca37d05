package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/**
 * Comparison of the outputs of a fixture with what a network makes of one item of its batch, by
 * relative L2 error.
 */
final class OasisComparison {
  /**
   * Largest relative error in fp32. The most that was seen is 6e-6, of sines of timesteps, whose
   * angles the reference rounds to fp32; the wrong kind of GELU makes 1.4e-4.
   */
  static final double LIMIT = 5e-5;

  private final Golden.Arguments arguments;
  private final Golden golden;
  private final int batch;
  private final int item;
  private final Set<String> compared = new TreeSet<>();

  OasisComparison(Golden.Arguments arguments, Golden golden, int batch, int item) {
    this.arguments = arguments;
    this.golden = golden;
    this.batch = batch;
    this.item = item;
  }

  /** The item's share of an output. */
  float[] expected(String output) {
    compared.add(output);
    float[] all = golden.floats("outputs." + output);
    int share = all.length / batch;
    return Arrays.copyOfRange(all, item * share, (item + 1) * share);
  }

  /** Channels of an output, its last extent. */
  int channelsOf(String output) {
    Tensor stored = golden.tensor("outputs." + output);
    return stored.size(stored.shape().rank() - 1);
  }

  void same(String output, float[] found) {
    same(output, expected(output), found);
  }

  void same(String what, float[] expected, float[] found) {
    double limit = arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT;
    Golden.assertRelative(what, expected, found, limit);
  }

  void same(String output, ActivationTrace trace) {
    same(output, trace.values().get(output));
  }

  /**
   * Compares the output of a layer with what it added to the residual stream, which is all that is
   * left of it: the gate and the sum are part of the layer's last product. Sixteen bits round too
   * much of it away.
   *
   * @param gated the layer's output times its gate
   */
  void added(String output, float[] gated, float[] before, float[] after) {
    if (arguments.isGpu()) {
      return;
    }
    float[] found = new float[after.length];
    for (int i = 0; i < found.length; i++) {
      found[i] = after[i] - before[i];
    }
    Golden.assertRelative(output, gated, found, LIMIT);
  }

  /** Compares angles, each of which the fixture has twice, with a table of their turns. */
  void angles(String output, float[] table) {
    compared.add(output);
    Tensor stored = golden.tensor("outputs." + output);
    float[] angles = stored.toFloats();
    for (int i = 0; i < angles.length; i += 2) {
      assertEquals(angles[i], angles[i + 1], output + " " + i);
      assertEquals(Math.cos(angles[i]), table[i], 1e-6, output + ": cosine " + i);
      assertEquals(Math.sin(angles[i]), table[i + 1], 1e-6, output + ": sine " + i);
    }
  }

  /** Requires that every output of the fixture was compared. */
  void nothingIsLeft() {
    Set<String> outputs = new TreeSet<>();
    for (String name : golden.names()) {
      if (name.startsWith("outputs.")) {
        outputs.add(name.substring("outputs.".length()));
      }
    }
    outputs.removeAll(compared);
    assertEquals(Set.of(), outputs, "outputs that were not compared");
  }
}
