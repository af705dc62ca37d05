package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.cpu.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Activation} on the Vector API, within 3e-7 of the definition, relative to it, and 2e-8 in
 * the negative tail.
 *
 * <p>Every function has a loop of its own: C2 inlines one exponential function into a method and
 * not several, and what it does not inline takes and returns objects.
 */
public final class ActivationSimd {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;

  private ActivationSimd() {}

  /**
   * The activation of every lane of a vector; for few vectors, see {@link #apply(Activation,
   * float[], int, int)}.
   */
  public static FloatVector apply(Activation activation, FloatVector y) {
    return switch (activation) {
      case NONE -> y;
      case SILU -> VectorMath.silu(y);
      case GELU_TANH -> VectorMath.geluTanh(y);
      case GELU_ERF -> VectorMath.geluErf(y);
      case SIGMOID -> VectorMath.sigmoid(y);
    };
  }

  /**
   * Replaces values by their activation.
   *
   * @param count number of values, a multiple of {@link SimdTile#LANES}
   */
  public static void apply(Activation activation, float[] values, int at, int count) {
    switch (activation) {
      case NONE -> {}
      case SILU -> silu(values, at, count);
      case GELU_TANH -> geluTanh(values, at, count);
      case GELU_ERF -> geluErf(values, at, count);
      case SIGMOID -> sigmoid(values, at, count);
    }
  }

  private static void silu(float[] values, int at, int count) {
    for (int i = at; i < at + count; i += SPECIES.length()) {
      VectorMath.silu(FloatVector.fromArray(SPECIES, values, i)).intoArray(values, i);
    }
  }

  private static void geluTanh(float[] values, int at, int count) {
    for (int i = at; i < at + count; i += SPECIES.length()) {
      VectorMath.geluTanh(FloatVector.fromArray(SPECIES, values, i)).intoArray(values, i);
    }
  }

  private static void geluErf(float[] values, int at, int count) {
    for (int i = at; i < at + count; i += SPECIES.length()) {
      VectorMath.geluErf(FloatVector.fromArray(SPECIES, values, i)).intoArray(values, i);
    }
  }

  private static void sigmoid(float[] values, int at, int count) {
    for (int i = at; i < at + count; i += SPECIES.length()) {
      VectorMath.sigmoid(FloatVector.fromArray(SPECIES, values, i)).intoArray(values, i);
    }
  }
}
