package dev.orrery.model.jafar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.SpoiltWeights;
import dev.orrery.model.golden.SpoiltWeights.Change;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.SessionResources;
import dev.orrery.runtime.checkpoint.Weights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A fixture of jafar and the networks with its weights. */
final class JafarFixture implements AutoCloseable {
  /** Largest relative L2 error of an activation in fp32. */
  static final double LIMIT = 1e-5;

  final Golden.Arguments arguments;
  final Golden golden;
  final Backend backend;
  final TensorArena arena;
  final JafarConfig config;
  final JafarNetworks networks;
  final JafarTransformer latentActionEncoder;
  final Codebook latentActions;
  final Tensor actionIn;
  final SessionResources resources;
  final int tokens;

  JafarFixture(Golden.Arguments arguments) {
    this(arguments, arguments.backend(), Change.NONE);
  }

  /**
   * @param change made to the weights
   */
  JafarFixture(Golden.Arguments arguments, Backend backend, Change change) {
    this.arguments = arguments;
    this.backend = backend;
    golden = arguments.golden();
    arena = backend.newArena();
    config = JafarConfig.read(golden.config()).withSteps(golden.config().integer("maskgit_steps"));
    tokens = config.tokens();
    Weights weights = Weights.of(new SpoiltWeights(golden.weights(""), change));
    Parameters p = Parameters.ofTransformer(weights, backend, arena);
    networks = new JafarNetworks(p, config);
    // Nothing is labelled while playing; that the codes are those of this encoder is compared here.
    JafarConfig.LatentActions lam = config.latentActions();
    int values = 3 * lam.patch() * lam.patch();
    latentActionEncoder =
        new JafarTransformer(
            p.at("lam.encoder"),
            lam.sizes(),
            values,
            config.codeDim(),
            lamTokens() + 1,
            config.frames());
    latentActions = new Codebook(p.at("lam.vq"), config.actions(), config.codeDim());
    actionIn = Golden.host(p.values("lam.action_in", 1, 1, 1, values), values);
    for (String training : new String[] {"decoder", "patch_up", "action_up"}) {
      weights.ignore("lam." + training, "only trained with");
    }
    weights.finish();
    resources = Golden.resources(backend, NoiseSource.NONE);
  }

  int lamTokens() {
    int patch = config.latentActions().patch();
    return Math.ceilDiv(config.height(), patch) * Math.ceilDiv(config.width(), patch);
  }

  Tensor moved(Tensor host) {
    return Golden.moved(backend, arena, DType.F32, host);
  }

  Tensor ids(int[] values) {
    Tensor ids = arena.empty(DType.I32, values.length);
    backend.copy(
        Tensor.host(DType.I32, Shape.of(values.length), MemorySegment.ofArray(values)), ids);
    return ids;
  }

  float[] values(Tensor tensor) {
    return Golden.floats(backend, tensor);
  }

  /** Integers of a tensor of the fixture, those of one part of its first axes. */
  int[] part(String name, int index, int parts) {
    int[] all = golden.integers(name);
    int length = all.length / parts;
    return Arrays.copyOfRange(all, index * length, (index + 1) * length);
  }

  float[] floats(String name, int index, int parts) {
    float[] all = golden.floats(name);
    int length = all.length / parts;
    return Arrays.copyOfRange(all, index * length, (index + 1) * length);
  }

  /** Requires values to be those of the fixture, as closely as the backend computes. */
  void assertClose(String what, float[] expected, float[] found) {
    Golden.assertRelative(what, expected, found, arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT);
  }

  static void assertSame(String what, int[] expected, int[] found) {
    assertEquals(Arrays.toString(expected), Arrays.toString(found), what);
  }

  @Override
  public void close() {
    resources.arena().close();
    arena.close();
    backend.close();
    golden.close();
  }
}
