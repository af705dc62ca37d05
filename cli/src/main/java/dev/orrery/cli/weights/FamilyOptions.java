package dev.orrery.cli.weights;

import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import java.util.ListResourceBundle;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/**
 * How options name a family: by its id. Help texts list {@code ${families}} and {@code ${recipes}}.
 */
public final class FamilyOptions {
  private static final Pattern LINE = Pattern.compile("(.{1,90})(?: |$)");

  private FamilyOptions() {}

  /** Lets a command line and all its commands know the families. */
  public static void register(CommandLine line, Families families) {
    line.registerConverter(ModelFamily.class, id -> family(families, id));
    line.setResourceBundle(
        new ListResourceBundle() {
          @Override
          protected Object[][] getContents() {
            return new Object[][] {{"families", families.ids()}, {"recipes", recipes(families)}};
          }
        });
  }

  private static ModelFamily family(Families families, String id) {
    return families
        .ofId(id)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected one of [" + families.ids() + "], found '" + id + "'"));
  }

  private static String recipes(Families families) {
    return families.list().stream()
        .filter(family -> family.recipe().isPresent())
        .map(
            family -> "  " + family.id() + indented(family.recipe().orElseThrow().describeInputs()))
        .collect(Collectors.joining("%n"));
  }

  /** Lines of whole words that fit behind their indent. */
  private static String indented(String text) {
    return LINE.matcher(text)
        .results()
        .map(line -> "%n      " + line.group(1))
        .collect(Collectors.joining());
  }
}
