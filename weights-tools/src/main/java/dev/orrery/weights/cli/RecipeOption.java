package dev.orrery.weights.cli;

import dev.orrery.weights.convert.Recipe;
import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a recipe. */
final class RecipeOption implements ITypeConverter<Recipe> {
  @Override
  public Recipe convert(String text) {
    return Arrays.stream(Recipe.values())
        .filter(recipe -> recipe.toString().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected one of "
                        + Arrays.toString(Recipe.values())
                        + ", found '"
                        + text
                        + "'"));
  }
}
