package dev.orrery.model.magvit2;

import dev.orrery.model.layers.PictureBlock;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.List;

/**
 * Sizes of a MAGVIT2 tokenizer of pictures.
 *
 * @param baseChannels channels of the first level, a multiple of {@value #GROUPS}
 * @param bits channels of the code, each of which is one bit of a token's id
 * @param multipliers channels of each level as multiples of the first's
 * @param resBlocks residual blocks of a level
 */
public record Magvit2Config(int baseChannels, int bits, List<Integer> multipliers, int resBlocks) {
  /** Groups of every norm. */
  static final int GROUPS = PictureBlock.GROUPS;

  /** Ids are integers of 32 bits, and one more is needed for a token that is not known. */
  private static final int MAX_BITS = 30;

  /** A level more would need pictures of thousands of pixels for a single token. */
  private static final int MAX_LEVELS = 12;

  public Magvit2Config {
    multipliers = List.copyOf(multipliers);
    boolean fits =
        baseChannels > 0
            && baseChannels % GROUPS == 0
            && bits > 0
            && bits <= MAX_BITS
            && !multipliers.isEmpty()
            && multipliers.size() <= MAX_LEVELS
            && multipliers.stream().allMatch(multiple -> multiple > 0)
            && resBlocks > 0;
    if (!fits) {
      throw new IllegalArgumentException(
          "magvit2: expected base channels that are a multiple of "
              + GROUPS
              + ", 1 to "
              + MAX_BITS
              + " code channels, 1 to "
              + MAX_LEVELS
              + " positive multipliers and 1 residual block or more, found "
              + baseChannels
              + ", "
              + bits
              + ", "
              + multipliers
              + " and "
              + resBlocks);
    }
  }

  /** The released tokenizer of 1xgpt's data: 256 x 256 pixels are 16 x 16 tokens of 18 bits. */
  public static Magvit2Config released() {
    return new Magvit2Config(128, 18, List.of(1, 1, 2, 2, 4), 2);
  }

  /**
   * Reads a configuration with the names of the reference's {@code VQConfig}, those of the released
   * tokenizer where one is missing.
   *
   * @throws CheckpointException if it is of no tokenizer
   */
  public static Magvit2Config read(JsonValue json) {
    Magvit2Config released = released();
    for (String colours : List.of("in_channels", "out_channels")) {
      if (json.integer(colours, 3) != 3) {
        throw json.get(colours).unexpected("3");
      }
    }
    int[] multipliers =
        json.integers(
            "ch_mult", released.multipliers.stream().mapToInt(Integer::intValue).toArray());
    try {
      return new Magvit2Config(
          json.integer("base_channels", released.baseChannels),
          json.integer("z_channels", released.bits),
          Arrays.stream(multipliers).boxed().toList(),
          json.integer("num_res_blocks", released.resBlocks));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(json.source(), e.getMessage(), e);
    }
  }

  /** Pixels of a token along one side. */
  public int ratio() {
    return 1 << lastLevel();
  }

  /** Number of ids. */
  public int ids() {
    return 1 << bits;
  }

  /** Channels of a level, 0 being that of the pictures. */
  int channels(int level) {
    return Math.multiplyExact(baseChannels, multipliers.get(level));
  }

  /** Index of the level of the tokens. */
  int lastLevel() {
    return multipliers.size() - 1;
  }
}
