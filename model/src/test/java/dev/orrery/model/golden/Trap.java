package dev.orrery.model.golden;

import java.util.function.DoubleSupplier;

/**
 * A mistake that is easily made when a reference is read, and the fixture that tells. Errors are
 * relative L2 errors, or numbers of decisions that are others.
 *
 * @param mistake what is done instead of what the reference does
 * @param limit largest error that the tests of the fixture allow; 0 where decisions are compared
 * @param sound the error without the mistake
 * @param spoilt the error with it
 */
public record Trap(String mistake, double limit, DoubleSupplier sound, DoubleSupplier spoilt) {
  @Override
  public String toString() {
    return mistake;
  }
}
