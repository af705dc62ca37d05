package dev.orrery.kernels.attention;

import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * The cameras of queries and keys, as {@link PropeAttention} takes them.
 *
 * @param imageFromWorld {@code [Fq, 4, 4]}, fp32
 * @param worldFromImage {@code [Fk, 4, 4]}, fp32
 * @param plainKeys first keys that belong to no frame
 */
public record Cameras(Tensor imageFromWorld, Tensor worldFromImage, int plainKeys) {
  /**
   * Checks that they are those of so many queries and keys.
   *
   * @throws IllegalArgumentException if they are not
   */
  void check(int queries, int keys) {
    Check.that(
        plainKeys >= 0 && plainKeys < keys,
        "plainKeys: expected 0 to " + (keys - 1) + ", found " + plainKeys);
    check("imageFromWorld", imageFromWorld, "tokens of q", queries);
    String framed = plainKeys == 0 ? "tokens of k" : "tokens of k behind the plain ones";
    check("worldFromImage", worldFromImage, framed, keys - plainKeys);
  }

  private static void check(String argument, Tensor matrices, String of, int tokens) {
    int group = PropeAttention.GROUP;
    Check.rank(argument, matrices, DType.F32, 3);
    Check.tensor(argument, matrices, DType.F32, matrices.size(0), group, group);
    Check.multiple(of, tokens, "frames of " + argument, matrices.size(0));
  }

  /** Queries of a frame, of so many. */
  int queriesPerFrame(int queries) {
    return queries / imageFromWorld.size(0);
  }

  /** Keys of a frame, of so many. */
  int keysPerFrame(int keys) {
    return (keys - plainKeys) / worldFromImage.size(0);
  }
}
