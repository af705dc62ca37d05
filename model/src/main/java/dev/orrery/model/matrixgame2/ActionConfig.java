package dev.orrery.model.matrixgame2;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Sizes of the action modules.
 *
 * @param blocks transformer blocks that have one
 * @param enableKeyboard whether there is a keyboard branch
 * @param enableMouse whether there is a mouse branch
 * @param heads attention heads of each branch
 * @param hiddenSize channels of an embedded key vector
 * @param imageHiddenSize channels of the video tokens
 * @param keyboardDim keys
 * @param keyboardHiddenDim channels of the keyboard attention
 * @param mouseDim mouse axes
 * @param mouseHiddenDim channels of the mouse attention
 * @param rotaryDim channels of a head that turn with the frame
 * @param rotaryTheta base of the rotary frequencies
 * @param timeRatio video frames of a latent frame
 * @param windowFrames latent frames whose actions a latent frame sees
 */
record ActionConfig(
    Set<Integer> blocks,
    boolean enableKeyboard,
    boolean enableMouse,
    int heads,
    int hiddenSize,
    int imageHiddenSize,
    int keyboardDim,
    int keyboardHiddenDim,
    int mouseDim,
    int mouseHiddenDim,
    int rotaryDim,
    double rotaryTheta,
    int timeRatio,
    int windowFrames) {

  /** Reads the {@code action_config} of a released {@code config.json}. */
  static ActionConfig read(JsonValue json, int dim) {
    boolean keyboard = json.bool("enable_keyboard");
    boolean mouse = json.bool("enable_mouse");
    int heads = json.positive("heads_num");
    int[] rotary = json.integers("rope_dim_list");
    int[] mouseRotary = json.integers("mouse_qk_dim_list", rotary);
    if (rotary.length != 3
        || rotary[0] < 2
        || rotary[0] % 2 != 0
        || Math.min(rotary[1], rotary[2]) < 0
        || mouseRotary.length != 3
        || mouseRotary[0] != rotary[0]) {
      throw json.get("rope_dim_list")
          .unexpected("three sizes, the first even and that of mouse_qk_dim_list too");
    }
    if (json.integer("img_hidden_size") != dim) {
      throw json.get("img_hidden_size").unexpected("dim = " + dim);
    }
    if (!json.bool("qk_norm", true)) {
      throw json.get("qk_norm").unexpected("true");
    }
    if (!(json.number("rope_theta") > 0)) {
      throw json.get("rope_theta").unexpected("a positive number");
    }
    if (json.bool("qkv_bias", false)) {
      throw json.get("qkv_bias").unexpected("false");
    }
    ActionConfig config =
        new ActionConfig(
            Arrays.stream(json.integers("blocks")).boxed().collect(Collectors.toUnmodifiableSet()),
            keyboard,
            mouse,
            heads,
            json.positive("hidden_size"),
            dim,
            keyboard ? json.positive("keyboard_dim_in") : 0,
            keyboard ? json.positive("keyboard_hidden_dim") : 0,
            mouse ? json.positive("mouse_dim_in") : 0,
            mouse ? json.positive("mouse_hidden_dim") : 0,
            rotary[0],
            json.number("rope_theta"),
            json.positive("vae_time_compression_ratio"),
            json.positive("windows_size"));
    checkHeads(json, "keyboard_hidden_dim", config.keyboardHiddenDim, rotary, keyboard, heads);
    checkHeads(json, "mouse_hidden_dim", config.mouseHiddenDim, mouseRotary, mouse, heads);
    return config;
  }

  private static void checkHeads(
      JsonValue json, String key, int hidden, int[] rotary, boolean enabled, int heads) {
    int headDim = Arrays.stream(rotary).sum();
    if (enabled && hidden != heads * headDim) {
      throw json.get(key).unexpected(heads + " heads of " + headDim + " = " + heads * headDim);
    }
  }

  /** Video frames whose actions a latent frame sees. */
  int window() {
    return timeRatio * windowFrames;
  }

  int keyboardHeadDim() {
    return keyboardHiddenDim / heads;
  }

  int mouseHeadDim() {
    return mouseHiddenDim / heads;
  }
}
