package dev.orrery.weights.convert;

import dev.orrery.model.family.Recipe;
import dev.orrery.weights.source.StoredTensors;
import java.util.List;
import java.util.Map;

/** Which tensors of a checkpoint are taken, and what becomes of their names. */
public sealed interface NameRule permits PrefixRule, NamesBelow, ChosenNames {
  /** All tensors, with their names as they are. */
  NameRule KEEP = stripping(List.of());

  /** Removes prefixes, all of which must occur, and leaves nothing out. */
  static NameRule stripping(List<String> strip) {
    return new PrefixRule(strip, true, List.of());
  }

  /** The rule of a recipe, whose prefixes need not occur. */
  static NameRule of(Recipe.Names names) {
    return switch (names) {
      case Recipe.Prefixes(List<String> strip, List<String> drop) ->
          new PrefixRule(strip, false, drop);
      case Recipe.Below(List<String> prefixes) -> new NamesBelow(prefixes);
      case Recipe.Chosen chosen -> new ChosenNames(chosen);
    };
  }

  /**
   * The stored names by new name, in the order in which the tensors are written.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if two tensors get one name or one
   *     gets none, two new names mean one stored tensor, or one that is asked for is missing
   */
  Map<String, String> apply(StoredTensors tensors);
}
