package dev.orrery.cli.weights;

import dev.orrery.weights.Family;
import dev.orrery.weights.convert.Recipe;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads one of several values by its name; iterates over the names, for help texts. */
abstract class NamedOption<T> implements ITypeConverter<T>, Iterable<String> {
  private final List<T> values;

  private NamedOption(List<T> values) {
    this.values = values;
  }

  @Override
  public T convert(String text) {
    return values.stream()
        .filter(value -> value.toString().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected one of " + values + ", found '" + text + "'"));
  }

  @Override
  public Iterator<String> iterator() {
    return values.stream().map(Object::toString).iterator();
  }

  /** A family of models. */
  static final class OfFamily extends NamedOption<Family> {
    OfFamily() {
      super(List.of(Family.values()));
    }
  }

  /** A recipe. */
  static final class OfRecipe extends NamedOption<Recipe> {
    OfRecipe() {
      super(List.of(Recipe.values()));
    }
  }
}
