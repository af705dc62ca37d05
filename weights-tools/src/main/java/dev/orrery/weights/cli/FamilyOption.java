package dev.orrery.weights.cli;

import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the id of a family. */
final class FamilyOption implements ITypeConverter<ModelFamily>, Iterable<String> {
  @Override
  public ModelFamily convert(String text) {
    return Families.ALL
        .ofId(text)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected one of [" + Families.ALL.ids() + "], found '" + text + "'"));
  }

  /** The ids, for help texts. */
  @Override
  public Iterator<String> iterator() {
    return Families.ALL.list().stream().map(ModelFamily::id).iterator();
  }
}
