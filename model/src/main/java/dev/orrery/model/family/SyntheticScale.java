package dev.orrery.model.family;

import java.net.URL;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How large a synthetic model is. */
public enum SyntheticScale {
  /** Some hundred kilobytes: for tests. */
  TINY,
  /** Some ten megabytes: plays on a laptop. */
  SMALL,
  /** The sizes of the released model. */
  RELEASED;

  /** Name in options and resources. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Files among the resources of a family: {@code synthetic/SCALE/FILE} beside its class.
   *
   * @param files paths in the model's folder
   */
  public Map<String, URL> resources(Class<?> family, List<String> files) {
    Map<String, URL> found = new LinkedHashMap<>();
    files.forEach(file -> found.put(file, family.getResource("synthetic/" + this + "/" + file)));
    return found;
  }
}
