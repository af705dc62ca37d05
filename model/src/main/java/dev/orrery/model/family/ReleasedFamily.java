package dev.orrery.model.family;

import java.net.URL;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A family whose models are folders of checkpoints.
 *
 * @param id name in configurations and options
 * @param recognizes whether a folder has the configuration of a model of the family
 * @param opener reads the configuration of a model
 * @param quantizable which tensors of the transformer's checkpoint may be quantised
 * @param recipe how released repositories become a model's folder, if there are any
 * @param synthetic the files of a model of random weights, see {@link SyntheticScale#resources}
 * @param variants the same of other kinds of models, by their names
 */
public record ReleasedFamily(
    String id,
    Predicate<Path> recognizes,
    Function<Path, ModelFolder> opener,
    Predicate<String> quantizable,
    Optional<Recipe> recipe,
    Function<SyntheticScale, Map<String, URL>> synthetic,
    Map<String, Function<SyntheticScale, Map<String, URL>>> variants)
    implements ModelFamily {
  /** Copies the variants. */
  public ReleasedFamily {
    variants = Map.copyOf(variants);
  }

  /** A family whose synthetic models are of one kind. */
  public ReleasedFamily(
      String id,
      Predicate<Path> recognizes,
      Function<Path, ModelFolder> opener,
      Predicate<String> quantizable,
      Optional<Recipe> recipe,
      Function<SyntheticScale, Map<String, URL>> synthetic) {
    this(id, recognizes, opener, quantizable, recipe, synthetic, Map.of());
  }

  @Override
  public boolean recognizes(Path folder) {
    return recognizes.test(folder);
  }

  @Override
  public ModelFolder open(Path folder) {
    return opener.apply(folder);
  }

  @Override
  public boolean isQuantizable(String tensor) {
    return quantizable.test(tensor);
  }

  @Override
  public Map<String, URL> syntheticFiles(SyntheticScale scale) {
    return synthetic.apply(scale);
  }

  @Override
  public Set<String> syntheticVariants() {
    return new TreeSet<>(variants.keySet());
  }

  @Override
  public ModelFamily syntheticVariant(String name) {
    if (!variants.containsKey(name)) {
      throw new IllegalArgumentException(
          "expected one of " + syntheticVariants() + ", found " + name);
    }
    return new ReleasedFamily(
        id, recognizes, opener, quantizable, recipe, variants.get(name), variants);
  }
}
