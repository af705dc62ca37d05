package dev.orrery.weights.cli;

import dev.orrery.weights.Family;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a family. */
final class FamilyOption implements ITypeConverter<Family>, Iterable<String> {
  @Override
  public Family convert(String text) {
    return Arrays.stream(Family.values())
        .filter(family -> family.id().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected one of "
                        + Arrays.toString(Family.values())
                        + ", found '"
                        + text
                        + "'"));
  }

  /** The names, for help texts. */
  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(Family.values()).map(Family::id).iterator();
  }
}
