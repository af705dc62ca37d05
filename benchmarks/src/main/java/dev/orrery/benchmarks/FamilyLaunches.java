package dev.orrery.benchmarks;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.Families;
import dev.orrery.model.family.CheckpointModel;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a model of a family launches on the CPU for a chunk once its windows are full, found by
 * planning it: shapes of models that nobody needs to have. The kernels of a family's benchmark are
 * these.
 */
final class FamilyLaunches {
  /** The model that a checkout has, as seen from its root; it is measured under its own name. */
  private static final Path DEMO = Path.of("models/demo-world");

  /** How the weights of transformers may be quantised. */
  private static final List<Quantization> FORMS =
      List.of(Quantization.INT8, Quantization.FP8, Quantization.int4(128));

  private static final Map<String, Map<String, PlannedLaunch>> PLANNED = new ConcurrentHashMap<>();

  private FamilyLaunches() {}

  /** Ids of all families, and the name of the demo world. */
  static List<String> names() {
    return Stream.concat(
            Families.ALL.list().stream().map(ModelFamily::id),
            Stream.of(DEMO.getFileName().toString()))
        .toList();
  }

  /**
   * Launches of the released size, each once, by their names: with weights in bf16 first, then what
   * is launched in their place where weights are quantised.
   *
   * @param name one of {@link #names}
   */
  static Map<String, PlannedLaunch> released(String name) {
    return PLANNED.computeIfAbsent(
        name,
        id ->
            Families.ALL
                .ofId(id)
                .map(family -> of(family, SyntheticScale.RELEASED, FORMS))
                .orElseGet(() -> of(Families.ALL.of(DEMO), DEMO, List.of())));
  }

  /**
   * Launches of a size, each once, by their names.
   *
   * @param forms how weights are quantised, beside bf16
   */
  static Map<String, PlannedLaunch> of(
      ModelFamily family, SyntheticScale scale, List<Quantization> forms) {
    try (Configuration configuration = new Configuration(family.syntheticFiles(scale))) {
      return of(family, configuration.folder, forms);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, PlannedLaunch> of(
      ModelFamily family, Path folder, List<Quantization> forms) {
    CheckpointModel<?, ?> model = (CheckpointModel<?, ?>) family.open(folder);
    Map<String, PlannedLaunch> launches = new LinkedHashMap<>(planned(model, List::of));
    for (Quantization form : forms) {
      planned(model, quantized(family, form)).forEach(launches::putIfAbsent);
    }
    return launches;
  }

  /** What is stored of a tensor in the place of one whose weights a form quantises. */
  private static Function<TensorSpec, List<TensorSpec>> quantized(
      ModelFamily family, Quantization form) {
    return stored ->
        family.isQuantizable(stored.name()) && form.fits(stored.shape())
            ? form.stored(stored)
            : List.of(stored);
  }

  private static Map<NetworkWeights<?>, TensorSource> sources(
      CheckpointModel<?, ?> model, Function<TensorSpec, List<TensorSpec>> form) {
    Map<NetworkWeights<?>, TensorSource> sources = new HashMap<>();
    for (NetworkWeights<?> network : model.networks()) {
      sources.put(network, PlannedTensors.of(DType.BF16, form));
    }
    return sources;
  }

  private static Map<String, PlannedLaunch> planned(
      CheckpointModel<?, ?> model, Function<TensorSpec, List<TensorSpec>> form) {
    Map<NetworkWeights<?>, TensorSource> sources = sources(model, form);
    Map<String, PlannedLaunch> launches = new LinkedHashMap<>();
    try (PlanningBackend backend =
        PlanningBackend.cpu(
            (contract, method, arguments) -> {
              PlannedLaunch launch = new PlannedLaunch(contract, method, arguments);
              launches.putIfAbsent(launch.name(), launch);
            })) {
      model.planSession(sources, backend, chunk -> launches.clear());
    }
    return launches;
  }

  /**
   * A chunk of a released model on a GPU once its windows are full.
   *
   * @param frames that it makes
   * @param launches all of them, in their order
   */
  record Chunk(int frames, List<PlannedLaunch> launches) {}

  /**
   * The chunk of a family's released model on a GPU.
   *
   * @param form how the weights of transformers are quantised; null where they are bf16
   */
  static Chunk onGpu(String id, Quantization form) {
    return onGpu(id, form, AttentionPrecision.FLOAT);
  }

  /** The same with a setting of self-attention. */
  static Chunk onGpu(String id, Quantization form, AttentionPrecision attention) {
    return onGpu(id, form, attention, LatentDecoder.VAE);
  }

  /** The chunk of a model of another size. */
  static Chunk onGpu(String id, SyntheticScale scale, Quantization form) {
    return onGpu(id, scale, form, AttentionPrecision.FLOAT, LatentDecoder.VAE);
  }

  /** The chunk of the released model whose frames another decoder makes. */
  static Chunk onGpu(String id, Quantization form, LatentDecoder decoder) {
    return onGpu(id, form, AttentionPrecision.FLOAT, decoder);
  }

  /** The same with a setting of self-attention, too. */
  static Chunk onGpu(
      String id, Quantization form, AttentionPrecision attention, LatentDecoder decoder) {
    return onGpu(id, SyntheticScale.RELEASED, form, attention, decoder);
  }

  private static Chunk onGpu(
      String id,
      SyntheticScale scale,
      Quantization form,
      AttentionPrecision attention,
      LatentDecoder decoder) {
    ModelFamily family = Families.ALL.ofId(id).orElseThrow();
    Map<String, URL> files = family.syntheticFiles(scale);
    try (Configuration configuration = new Configuration(files)) {
      configuration.set("attention", attention.id());
      CheckpointModel<?, ?> model =
          (CheckpointModel<?, ?>) family.open(configuration.folder).withDecoder(decoder);
      List<PlannedLaunch> launches = new ArrayList<>();
      int[] last = {0};
      try (PlanningBackend backend =
          CudaBackend.planned(
              (contract, method, arguments) ->
                  launches.add(new PlannedLaunch(contract, method, arguments)))) {
        model.planSession(
            sources(model, form == null ? List::of : quantized(family, form)),
            backend,
            chunk -> {
              launches.clear();
              last[0] = chunk;
            });
      }
      return new Chunk(model.framesOfChunk(last[0]), List.copyOf(launches));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder with the configuration of a model, as long as it is needed. */
  private static final class Configuration implements AutoCloseable {
    final Path folder = Files.createTempDirectory("orrery-");

    Configuration(Map<String, URL> files) throws IOException {
      for (Map.Entry<String, URL> file : files.entrySet()) {
        Path path = folder.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        try (InputStream in = file.getValue().openStream()) {
          Files.copy(in, path);
        }
      }
    }

    /** Adds a setting to {@code config.json}. */
    void set(String key, String value) throws IOException {
      Path file = folder.resolve("config.json");
      String settings = Files.readString(file);
      int first = settings.indexOf('{') + 1;
      String added = "\"" + key + "\": \"" + value + "\",";
      Files.writeString(file, settings.substring(0, first) + added + settings.substring(first));
    }

    @Override
    public void close() throws IOException {
      List<Path> paths = new ArrayList<>();
      try (Stream<Path> walk = Files.walk(folder)) {
        walk.sorted(Comparator.reverseOrder()).forEach(paths::add);
      }
      for (Path path : paths) {
        Files.delete(path);
      }
    }
  }
}
