package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;

/** A transformer of the size of a fixture, and the fixture's inputs. */
final class OasisFixture {
  final OasisTransformerConfig config;
  final OasisTransformer dit;
  final Workspace workspace;
  final int batch;
  final int frames;
  private final Golden.Arguments arguments;
  private final Golden golden;
  private final Backend backend;
  private final TensorArena arena;

  /**
   * @param tensors the weights: those of the fixture, or what was made of them
   */
  OasisFixture(
      Golden.Arguments arguments,
      Golden golden,
      Backend backend,
      TensorArena arena,
      TensorSource tensors) {
    this.arguments = arguments;
    this.golden = golden;
    this.backend = backend;
    this.arena = arena;
    config = OasisTransformerConfig.read(golden.config());
    Weights weights = Weights.of(tensors);
    dit = new OasisTransformer(Parameters.ofTransformer(weights, backend, arena), config);
    weights.finish();
    workspace = Workspace.of(arena, Golden.AMPLE);
    Tensor x = golden.tensor("inputs.x");
    batch = x.size(0);
    frames = x.size(1);
  }

  Tensor moved(Tensor host) {
    return Golden.moved(backend, arena, DType.F32, host);
  }

  Tensor velocity(int count) {
    return arena.empty(DType.F32, count, config.rows(), config.columns(), config.channels());
  }

  OasisFrames at(int row, OasisModulation modulation) {
    Tensor rotary = dit.windowRotary().slice(row, row + modulation.rows());
    return OasisFrames.after(row, modulation, rotary);
  }

  Item item(int index) {
    return new Item(index);
  }

  /** One window of the fixture's batch. */
  final class Item {
    final OasisComparison comparison;
    private final int index;

    private Item(int index) {
      this.index = index;
      comparison = new OasisComparison(arguments, golden, batch, index);
    }

    Tensor latents() {
      float[] values = golden.tensor("inputs.x").row(index).toFloats();
      return moved(
          Golden.framesChannelsLast(
              values, frames, config.channels(), config.rows(), config.columns()));
    }

    Tensor timesteps() {
      long[] all = golden.longs("inputs.t");
      float[] values = new float[frames];
      for (int i = 0; i < frames; i++) {
        values[i] = all[index * frames + i];
      }
      return moved(Tensor.of(values, frames));
    }

    OasisModulation modulation(boolean withActions, Trace trace) {
      OasisModulation modulation = dit.newModulation(frames, arena);
      Tensor actions = withActions ? moved(golden.tensor("inputs.actions").row(index)) : null;
      dit.modulate(timesteps(), actions, workspace, modulation, trace);
      return modulation;
    }

    /** Velocities of some frames, counted from the first of the window, in the fixture's order. */
    float[] expected(String output, int from, int to) {
      float[] all = comparison.expected(output);
      int frame = all.length / frames;
      return Golden.framesChannelsLast(
              Arrays.copyOfRange(all, from * frame, to * frame),
              to - from,
              config.channels(),
              config.rows(),
              config.columns())
          .toFloats();
    }

    /** Requires the velocity of one frame to be that of the pass over all of them. */
    void same(int frame, Tensor velocity) {
      comparison.same(
          "velocity of frame " + frame,
          expected("v", frame, frame + 1),
          Golden.floats(backend, velocity));
    }

    /** The velocity of a frame by itself, those before it being in the caches. */
    Tensor alone(Tensor latents, int frame, OasisModulation modulation, OasisKvState kv) {
      Tensor velocity = velocity(1);
      dit.forward(
          latents.slice(frame, frame + 1),
          at(frame, modulation.rows(frame, frame + 1)),
          kv,
          workspace,
          velocity,
          Trace.NONE);
      return velocity;
    }
  }
}
