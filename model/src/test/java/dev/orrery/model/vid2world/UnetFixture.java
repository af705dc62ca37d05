package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.SpoiltWeights;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;

/** The U-Net of a fixture on a backend, with the fixture's inputs. */
final class UnetFixture implements AutoCloseable {
  /** Relative L2 error of everything that is compared, where it is computed in fp32. */
  static final double LIMIT = 1e-5;

  final Golden.Arguments arguments;
  final Golden golden;
  final Backend backend;
  final TensorArena arena;
  final UnetConfig config;
  final VideoUnet unet;
  final Workspace workspace;

  UnetFixture(Golden.Arguments arguments) {
    this(arguments, arguments.backend(), SpoiltWeights.Change.NONE);
  }

  /**
   * A fixture.
   *
   * @param backend is closed with the fixture
   * @param change what becomes of the weights
   */
  UnetFixture(Golden.Arguments arguments, Backend backend, SpoiltWeights.Change change) {
    this.arguments = arguments;
    golden = arguments.golden();
    this.backend = backend;
    arena = backend.newArena();
    config = config(golden.config());
    Weights weights = Weights.of(new SpoiltWeights(golden.weights(""), change));
    unet = new VideoUnet(Parameters.ofTransformer(weights, backend, arena), config);
    weights.finish();
    workspace = Workspace.of(arena, Golden.AMPLE);
  }

  /** Fixtures have the names of the reference, but for the rows and columns. */
  static UnetConfig config(JsonValue json) {
    return new UnetConfig(
        json.integer("h"),
        json.integer("w"),
        json.integer("model_channels"),
        Arrays.stream(json.integers("channel_mult")).boxed().toList(),
        json.integer("num_res_blocks"),
        Arrays.stream(json.integers("attention_resolutions")).boxed().toList(),
        json.integer("num_head_channels"),
        json.integer("context_dim"),
        json.integer("action_dim"));
  }

  double limit() {
    return arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT;
  }

  Tensor moved(DType type, Tensor host) {
    return Golden.moved(backend, arena, type, host);
  }

  /** Latents {@code [1, C, F, y, x]} of the fixture. */
  Tensor latents(String name) {
    return moved(DType.F32, golden.channelsLast(name));
  }

  /** Text and image tokens {@code [1, 77 + N, C]} of the fixture. */
  UnetContext context(String name) {
    Tensor tokens = moved(unet.activations(), golden.tensor(name)).row(0);
    return new UnetContext(
        tokens.slice(0, UnetContext.TEXT_TOKENS),
        tokens.slice(UnetContext.TEXT_TOKENS, tokens.size(0)));
  }

  /** The frames of the single pass, or the first of them. */
  UnetFrames frames(int count) {
    long[] t = golden.longs("inputs.t");
    float[] timesteps = new float[count];
    boolean[] acts = new boolean[count];
    float[] mask = golden.floats("inputs.action_mask");
    for (int i = 0; i < count; i++) {
      timesteps[i] = t[i];
      acts[i] = mask[i] != 0;
    }
    return new UnetFrames(
        moved(DType.F32, Golden.host(timesteps, count)), fps(), shifted(count), acts);
  }

  Tensor fps() {
    return moved(DType.F32, Golden.host(new float[] {golden.config().integer("fs", 3)}, 1));
  }

  /** The actions of the fixture, one frame later and zeros first. */
  private Tensor shifted(int count) {
    int dim = config.actionDim();
    float[] actions = new float[count * dim];
    System.arraycopy(golden.floats("inputs.actions"), 0, actions, dim, actions.length - dim);
    return moved(DType.F32, Golden.host(actions, count, dim));
  }

  /** The velocity {@code [F, y, x, 4]} of the first frames of the single pass. */
  float[] velocity(int count, Trace trace) {
    Tensor x = latents("inputs.x").slice(0, count);
    Tensor first = latents("inputs.concat").slice(0, 1);
    Tensor velocity = arena.empty(DType.F32, x.shape().extents());
    unet.forward(x, first, frames(count), context("inputs.context"), workspace, velocity, trace);
    return Golden.floats(backend, velocity);
  }

  /** Values {@code [F, C, Y, X]} or {@code [.., F, C]} of the fixture as a pass has them. */
  float[] expected(String name) {
    Tensor stored = golden.tensor(name);
    List<Long> extents = Arrays.stream(stored.shape().extents()).boxed().toList();
    return switch (extents.size()) {
      case 4 ->
          Golden.framesChannelsLast(
                  stored.toFloats(), stored.size(0), stored.size(1), stored.size(2), stored.size(3))
              .toFloats();
      case 5 -> Golden.channelsLast(stored.toFloats(), stored.shape()).toFloats();
      default -> stored.toFloats();
    };
  }

  /** A part of a tensor {@code [K, ...]} of the fixture, as {@code [F, y, x, C]}. */
  Tensor part(String name, int... indices) {
    Tensor stored = golden.tensor(name);
    for (int index : indices) {
      stored = stored.row(index);
    }
    long[] extents = stored.shape().extents();
    Shape video =
        extents.length == 5
            ? stored.shape()
            : Shape.of(1, extents[0], extents[1], extents[2], extents[3]);
    return Golden.channelsLast(stored.toFloats(), video);
  }

  @Override
  public void close() {
    arena.close();
    backend.close();
    golden.close();
  }
}
