package dev.orrery.model.vid2world;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.List;

/**
 * Sizes of the U-Net.
 *
 * @param rows rows of a latent
 * @param columns columns of a latent
 * @param baseChannels channels of the first level, a multiple of {@value #GROUPS}
 * @param multipliers channels of each level as multiples of the first's; each level after the first
 *     has half the rows and columns
 * @param resBlocks residual blocks of a level on the way down; there is one more on the way up
 * @param attended how often rows and columns were halved, as powers of two, where levels have
 *     transformers: 1, 2 and 4, say
 * @param headDim channels of an attention head
 * @param contextDim channels of a token of the context
 * @param actionDim numbers of an action
 */
record UnetConfig(
    int rows,
    int columns,
    int baseChannels,
    List<Integer> multipliers,
    int resBlocks,
    List<Integer> attended,
    int headDim,
    int contextDim,
    int actionDim) {
  /** Channels of a latent. */
  static final int LATENT_CHANNELS = 4;

  /** Groups of every norm. */
  static final int GROUPS = 32;

  /** The action of Counter-Strike: keys, buttons and one of the speeds of each axis of a mouse. */
  static final int CSGO_ACTION_DIM = 51;

  /** The released U-Net for Counter-Strike. */
  static final UnetConfig RELEASED =
      new UnetConfig(
          40, 64, 320, List.of(1, 2, 4, 4), 2, List.of(4, 2, 1), 64, 1024, CSGO_ACTION_DIM);

  /** Beyond every released size; keeps what is counted in elements of a window an int. */
  private static final int MOST = 1 << 12;

  UnetConfig {
    multipliers = List.copyOf(multipliers);
    attended = List.copyOf(attended);
  }

  /**
   * Reads the sizes, under the names of the reference's constructor; what is missing is as
   * released.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if they describe no U-Net
   */
  static UnetConfig read(JsonValue json) {
    int[] size = json.integers("image_size", RELEASED.rows, RELEASED.columns);
    int base = positive(json, "model_channels", RELEASED.baseChannels);
    if (base % GROUPS != 0) {
      throw json.get("model_channels").unexpected("a multiple of " + GROUPS);
    }
    int[] multipliers = json.integers("channel_mult", ints(RELEASED.multipliers));
    boolean levels =
        multipliers.length > 0
            && multipliers.length <= 8
            && Arrays.stream(multipliers).allMatch(multiple -> multiple > 0 && multiple <= MOST);
    if (!levels) {
      throw json.get("channel_mult").unexpected("1 to 8 positive numbers");
    }
    int most = 1 << multipliers.length - 1;
    boolean fits =
        size.length == 2
            && Arrays.stream(size).allMatch(side -> side > 0 && side <= MOST && side % most == 0);
    if (!fits) {
      throw json.get("image_size").unexpected("rows and columns, multiples of " + most);
    }
    int headDim = positive(json, "num_head_channels", RELEASED.headDim);
    for (int multiple : multipliers) {
      if ((long) base * multiple % headDim != 0) {
        throw json.get("num_head_channels")
            .unexpected("a divisor of " + base + " times each of channel_mult");
      }
    }
    return new UnetConfig(
        size[0],
        size[1],
        base,
        Arrays.stream(multipliers).boxed().toList(),
        positive(json, "num_res_blocks", RELEASED.resBlocks),
        Arrays.stream(json.integers("attention_resolutions", ints(RELEASED.attended)))
            .boxed()
            .toList(),
        headDim,
        positive(json, "context_dim", RELEASED.contextDim),
        positive(json, "action_dim", RELEASED.actionDim));
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int positive(JsonValue json, String key, int released) {
    int value = json.has(key) ? json.positive(key) : released;
    if (value > MOST) {
      throw json.get(key).unexpected("at most " + MOST);
    }
    return value;
  }

  /** Channels of a level, 0 being the widest in pixels. */
  int channels(int level) {
    return Math.multiplyExact(baseChannels, multipliers.get(level));
  }

  int levels() {
    return multipliers.size();
  }

  /** Whether a level has transformers. */
  boolean attends(int level) {
    return attended.contains(1 << level);
  }

  /** Channels of what blocks are told of time, frames per second and actions. */
  int embeddingDim() {
    return 4 * baseChannels;
  }

  /** Elements of two frames of the level that has most. */
  long historyElements() {
    long most = 0;
    for (int level = 0; level < levels(); level++) {
      most = Math.max(most, (long) (rows >> level) * (columns >> level) * channels(level));
    }
    return TemporalConv.HISTORY * most;
  }
}
