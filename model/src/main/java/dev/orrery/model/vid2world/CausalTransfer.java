package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How a causal U-Net begins with the weights of DynamiCrafter, whose convolutions over time see a
 * frame before each and one after it: what becomes of a kernel {@code (w0, w1, w2)}, which is then
 * of the two frames before each and itself. What DynamiCrafter does not have, the layers of
 * actions, becomes zeros, so that no action changes anything before the network is trained.
 */
enum CausalTransfer {
  /** {@code (0, w0 - w2, w1 + 2 w2)}: the frame after each is taken to go on as the two before. */
  EXTRAPOLATIVE {
    @Override
    void transfer(float[] taps) {
      float after = taps[2];
      taps[2] = taps[1] + 2 * after;
      taps[1] = taps[0] - after;
      taps[0] = 0;
    }
  },

  /** {@code (0, w0, w1)}: the frame after each is left out. */
  MASKED {
    @Override
    void transfer(float[] taps) {
      taps[2] = taps[1];
      taps[1] = taps[0];
      taps[0] = 0;
    }
  },

  /** {@code (w0, w1, w2)}: each frame takes the place of the one after it. */
  SHIFT {
    @Override
    void transfer(float[] taps) {}
  };

  private static final int TAPS = TemporalConv.HISTORY + 1;

  /** Replaces the taps of a kernel, oldest first. */
  abstract void transfer(float[] taps);

  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The tensors of a causal U-Net: kernels over time and zeros in fp32, what stays the same in its
   * own type. None is held longer than it takes to write it.
   *
   * @param base those of DynamiCrafter's
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if one is missing or of another shape
   */
  List<Recipe.ComputedTensor> unet(TensorSource base, UnetConfig config) {
    Weights weights = Weights.of(base);
    List<Recipe.ComputedTensor> tensors = new ArrayList<>();
    for (TensorSpec spec : tensors(config)) {
      String name = spec.name();
      if (name.startsWith("action_emb")) {
        tensors.add(new Recipe.ComputedTensor(spec, arena -> zeros(spec, arena)));
        continue;
      }
      String stored = name.replace(".conv3d.", ".").replace("out.2.conv2d.", "out.2.");
      Tensor tensor = weights.get(stored, spec.shape().extents());
      tensors.add(
          name.endsWith(".conv3d.weight")
              ? new Recipe.ComputedTensor(spec, arena -> transferred(tensor, arena))
              : Recipe.ComputedTensor.of(name, tensor));
    }
    weights.finish();
    return tensors;
  }

  private static Tensor zeros(TensorSpec spec, TensorArena arena) {
    return arena.empty(spec.dtype(), spec.shape().extents());
  }

  private static List<TensorSpec> tensors(UnetConfig config) {
    PlannedTensors asked = PlannedTensors.of(DType.F32);
    try (PlanningBackend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      new VideoUnet(Parameters.ofTransformer(Weights.of(asked), backend, arena), config);
    }
    return asked.requests();
  }

  /** A kernel {@code [out, in, 3, 1, 1]}, in fp32. */
  private Tensor transferred(Tensor kernel, TensorArena arena) {
    Tensor causal = arena.empty(DType.F32, kernel.shape().extents());
    FloatView from = FloatView.of(kernel);
    FloatView to = FloatView.of(causal);
    float[] taps = new float[TAPS];
    for (long first = 0; first < kernel.elements(); first += TAPS) {
      from.copy(first, taps, 0, TAPS);
      transfer(taps);
      for (int tap = 0; tap < TAPS; tap++) {
        to.set(first + tap, taps[tap]);
      }
    }
    return causal;
  }
}
