package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.position.RotaryTable.AxisPairs;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.Intrinsics;
import dev.orrery.model.camera.RigidTransform;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.worldplayhy.WorldPlayHyTransformerConfig.StateChannels;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What the fixtures of the whole transformer have in common. */
final class WorldPlayHyFixture {
  private WorldPlayHyFixture() {}

  static WorldPlayHyTransformerConfig config(JsonValue json) {
    int heads = json.integer("heads_num");
    int[] rotary = json.integers("rope_dim_list");
    return new WorldPlayHyTransformerConfig(
        heads,
        json.integer("hidden_size") / heads,
        json.integer("channels"),
        (int) json.number("mlp_width_ratio"),
        json.integer("depth"),
        new AxisPairs(rotary[0] / 2, rotary[1] / 2, rotary[2] / 2),
        256,
        new StateChannels(
            json.integer("text_states_dim"),
            json.integer("vision_states_dim"),
            json.integer("byt5_dim"),
            json.integer("byt5_hidden")));
  }

  /** The states of a prompt with its quoted text. */
  static PromptStates states(Golden golden, Backend backend, StartResources resources) {
    return states(golden, rows(golden, "byt5_states", "byt5_mask"), "text", backend, resources);
  }

  /** The states of a prompt without quoted text. */
  static PromptStates negativeStates(Golden golden, Backend backend, StartResources resources) {
    return states(golden, Optional.empty(), "neg_text", backend, resources);
  }

  private static PromptStates states(
      Golden golden,
      Optional<Tensor> glyphs,
      String text,
      Backend backend,
      StartResources resources) {
    Tensor words = rows(golden, text + "_states", text + "_mask").orElseThrow();
    return new PromptStates(
        moved(golden.tensor("inputs.vision_states").row(0), backend, resources),
        glyphs.map(found -> moved(found, backend, resources)),
        moved(words, backend, resources),
        Golden.moved(backend, resources.arena(), DType.F32, PromptStates.mean(words)));
  }

  private static Tensor moved(Tensor host, Backend backend, StartResources resources) {
    return Golden.moved(backend, resources.arena(), backend.computeTypes().transformer(), host);
  }

  /** The valid rows of some states; empty if there are none. */
  static Optional<Tensor> rows(Golden golden, String states, String mask) {
    return Optional.of(validRows(golden, "inputs." + states, mask))
        .filter(values -> values.length > 0)
        .map(
            values -> {
              int channels = golden.tensor("inputs." + states).size(2);
              return Tensor.of(values, values.length / channels, channels);
            });
  }

  /** The valid rows of a tensor {@code [1, T, C]}. */
  static float[] validRows(Golden golden, String name, String mask) {
    long[] valid = golden.longs("inputs." + mask);
    float[] all = golden.floats(name);
    int channels = all.length / valid.length;
    float[] rows = new float[(int) Arrays.stream(valid).sum() * channels];
    int at = 0;
    for (int row = 0; row < valid.length; row++) {
      if (valid[row] != 0) {
        System.arraycopy(all, row * channels, rows, at, channels);
        at += channels;
      }
    }
    return rows;
  }

  /** The cameras of a fixture. */
  static List<Camera> cameras(Golden golden) {
    float[] views = golden.floats("inputs.viewmats");
    float[] lenses = golden.floats("inputs.Ks");
    List<Camera> cameras = new ArrayList<>();
    for (int f = 0; 16 * f < views.length; f++) {
      double[] view = new double[16];
      for (int i = 0; i < view.length; i++) {
        view[i] = views[16 * f + i];
      }
      Intrinsics lens = new Intrinsics(lenses[9 * f], lenses[9 * f + 4], 0.5, 0.5);
      cameras.add(new Camera(RigidTransform.of(view).inverse(), lens));
    }
    return cameras;
  }
}
