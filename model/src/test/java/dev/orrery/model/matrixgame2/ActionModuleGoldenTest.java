package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.BlockCausalAttention;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ActionModuleGoldenTest {
  private static final double TOLERANCE = 2e-5;

  static List<Golden.Arguments> cases() {
    return Golden.cpuCases("action_module");
  }

  /** The module of a fixture with its inputs. */
  private static final class Fixture {
    final Golden golden;
    final Backend backend;
    final TensorArena arena;
    final ActionConfig config;
    final int framesPerChunk;
    final int blocks;
    final int positions;
    final int windowFrames;
    final ActionModule module;
    final Workspace workspace;

    Fixture(Golden golden, Backend backend, TensorArena arena) {
      this.golden = golden;
      this.backend = backend;
      this.arena = arena;
      JsonValue json = golden.config();
      int dim = golden.tensor("inputs.x").size(2);
      config = ActionConfig.read(json.get("action_config"), dim);
      framesPerChunk = json.integer("num_frame_per_block");
      blocks = json.integer("num_blocks");
      positions = json.integer("h") * json.integer("w");
      windowFrames = json.integer("local_attn_size");
      module =
          new ActionModule(
              Parameters.ofTransformer(Weights.of(golden.weights("")), backend, arena), config);
      workspace = Workspace.of(arena, Golden.AMPLE);
    }

    /** Inputs of some frames, with the branches a case uses. */
    ActionModule.Inputs inputs(int startFrame, int frames, boolean mouse, boolean keyboard) {
      ActionHistory history = new ActionHistory(config, framesPerChunk * blocks);
      history.put(0, actions(golden, "inputs.keyboard", "inputs.mouse"));
      float[] table =
          RotaryTable.frames(startFrame, frames, config.rotaryDim(), config.rotaryTheta());
      return new ActionModule.Inputs(
          mouse
              ? Tensor.of(
                  history.mouseWindows(startFrame, frames),
                  frames,
                  (long) config.window() * config.mouseDim())
              : null,
          keyboard
              ? Tensor.of(
                  history.keyboardWindows(startFrame, frames),
                  (long) frames * config.window(),
                  config.keyboardDim())
              : null,
          Tensor.of(table, frames, config.rotaryDim() / 2, 2));
    }

    void steer(
        Tensor x, ActionModule.Inputs inputs, MatrixGame2KvState.Actions kv, int startFrame) {
      try (Workspace.Frame frame = workspace.frame()) {
        module.addTo(x, inputs, kv, startFrame, frame);
      }
    }

    MatrixGame2KvState.Actions rolling() {
      return MatrixGame2KvState.Actions.empty(config, windowFrames, positions, backend, arena);
    }

    KvCacheAttention wholeSequence(KvCacheAttention rolling, int frames) {
      return new BlockCausalAttention(rolling, framesPerChunk, windowFrames)
          .over(frames, backend, arena);
    }

    Tensor tokens(String name, int startFrame, int frames) {
      Tensor all = golden.tensor(name).row(0);
      Tensor part =
          all.slice((long) startFrame * positions, (long) (startFrame + frames) * positions);
      return Golden.host(part.toFloats(), part.shape().extents());
    }
  }

  /** The actions of a fixture, which has no mouse when its variant has none. */
  static List<KeyboardMouse> actions(Golden golden, String keyboardName, String mouseName) {
    Tensor keyboard = golden.tensor(keyboardName).row(0);
    Tensor mouse = golden.has(mouseName) ? golden.tensor(mouseName).row(0) : null;
    KeyboardMouse[] actions = new KeyboardMouse[keyboard.size(0)];
    for (int i = 0; i < actions.length; i++) {
      float[] axes = mouse == null ? new float[0] : mouse.row(i).toFloats();
      actions[i] = new KeyboardMouse(keyboard.row(i).toFloats(), axes);
    }
    return Arrays.asList(actions);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cachedBlocks(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Fixture fixture = new Fixture(golden, backend, arena);
      for (String branches : List.of("mouse", "keyboard", "both")) {
        boolean mouse = !branches.equals("keyboard");
        boolean keyboard = !branches.equals("mouse");
        MatrixGame2KvState.Actions kv = fixture.rolling();
        for (int block = 0; block < fixture.blocks; block++) {
          int start = block * fixture.framesPerChunk;
          for (int pass = 0; pass < 2; pass++) {
            Tensor x =
                fixture.tokens(
                    pass == 0 ? "inputs.x" : "inputs.x_second", start, fixture.framesPerChunk);
            ActionModule.Inputs inputs =
                fixture.inputs(start, fixture.framesPerChunk, mouse, keyboard);
            fixture.steer(x, inputs, kv, start);
            String name = "outputs.cached." + branches + ".block" + block + ".pass" + pass;
            Golden.assertClose(name, golden.floats(name), x.toFloats(), TOLERANCE);
          }
        }
        assertCaches(
            golden,
            branches,
            mouse ? kv.mouse().cache() : null,
            keyboard ? kv.keyboard().cache() : null);
      }
    }
  }

  private static void assertCaches(
      Golden golden, String branches, KvCache mouse, KvCache keyboard) {
    String start = "outputs.cached." + branches + ".final_";
    if (keyboard != null) {
      Golden.assertClose(
          "keys", golden.floats(start + "keyboard_k"), keyboard.keys().toFloats(), TOLERANCE);
      Golden.assertClose(
          "values", golden.floats(start + "keyboard_v"), keyboard.values().toFloats(), TOLERANCE);
    }
    if (mouse != null) {
      Golden.assertClose(
          "keys", byFrame(golden.tensor(start + "mouse_k")), mouse.keys().toFloats(), TOLERANCE);
      Golden.assertClose(
          "values",
          byFrame(golden.tensor(start + "mouse_v")),
          mouse.values().toFloats(),
          TOLERANCE);
    }
  }

  /** {@code [S, F, H, D]}, as the reference stores it, to {@code [F, S, H, D]}. */
  static float[] byFrame(Tensor stored) {
    int positions = stored.size(0);
    int frames = stored.size(1);
    int row = stored.size(2) * stored.size(3);
    float[] values = stored.toFloats();
    float[] out = new float[values.length];
    for (int s = 0; s < positions; s++) {
      for (int f = 0; f < frames; f++) {
        System.arraycopy(values, (s * frames + f) * row, out, (f * positions + s) * row, row);
      }
    }
    return out;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void wholeSequences(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Fixture fixture = new Fixture(golden, backend, arena);
      int block = fixture.framesPerChunk;
      wholeSequence(fixture, block, true, true, "outputs.full.both");
      wholeSequence(fixture, block, true, false, "outputs.full.mouse");
      wholeSequence(fixture, block, false, true, "outputs.full.keyboard");
      wholeSequence(fixture, block * fixture.blocks, false, true, "outputs.masked.keyboard");
    }
  }

  private static void wholeSequence(
      Fixture fixture, int frames, boolean mouse, boolean keyboard, String name) {
    MatrixGame2KvState.Actions rolling = fixture.rolling();
    MatrixGame2KvState.Actions kv =
        new MatrixGame2KvState.Actions(
            fixture.wholeSequence(rolling.mouse(), frames),
            fixture.wholeSequence(rolling.keyboard(), frames));
    Tensor x = fixture.tokens("inputs.x", 0, frames);
    fixture.steer(x, fixture.inputs(0, frames, mouse, keyboard), kv, 0);
    Golden.assertClose(name, fixture.golden.floats(name), x.toFloats(), TOLERANCE);
  }
}
