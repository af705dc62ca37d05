package dev.orrery.model.oasis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.MeasuredPage;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace.Axis;
import dev.orrery.model.session.ActionSpace.KeyBinding;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * The tables of {@code docs/models/oasis.md}, which are what the code says. Run with {@code
 * -Doasis.tables=write}, they are written.
 */
class OasisPageTest {
  private static final OasisTransformerConfig DIT = OasisTransformerConfig.RELEASED;
  private static final OasisVaeConfig VAE = OasisVaeConfig.RELEASED;

  /** The page, whose numbers may differ by a part of themselves. */
  static MeasuredPage page(double tolerance) {
    return new MeasuredPage("models/oasis.md", "oasis.tables", tolerance);
  }

  @Test
  void settings() throws IOException {
    OasisConfig config = OasisConfig.read(JsonValue.parse("defaults", "{}".getBytes(UTF_8)));
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Key", "Default", "What"));
    rows.add(
        List.of(
            "`steps`", "" + config.steps(), "denoising steps of a frame; `--steps` overrides it"));
    rows.add(
        List.of(
            "`stabilization_level`",
            "" + (config.contextTimestep() + 1),
            "one more than the timestep that the frames before are said to have"));
    rows.add(
        List.of("`scaling_factor`", "" + config.latentScale(), "what latents are multiplied with"));
    rows.add(
        List.of(
            "`context`",
            "`" + config.context() + "`",
            "what becomes of the past when the window slides: `exact` or `ring`"));
    page(0).check("settings", rows);
  }

  @Test
  void sizes() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Key", "Default"));
    addSize(rows, "dit.input_h", DIT.rows());
    addSize(rows, "dit.input_w", DIT.columns());
    addSize(rows, "dit.in_channels", DIT.channels());
    addSize(rows, "dit.patch_size", DIT.patch());
    addSize(rows, "dit.hidden_size", DIT.dim());
    addSize(rows, "dit.num_heads", DIT.heads());
    addSize(rows, "dit.depth", DIT.layers());
    addSize(rows, "dit.mlp_ratio", DIT.hidden() / DIT.dim());
    addSize(rows, "dit.external_cond_dim", DIT.actionDim());
    addSize(rows, "dit.max_frames", DIT.window());
    addSize(rows, "vae.input_height", VAE.height());
    addSize(rows, "vae.input_width", VAE.width());
    addSize(rows, "vae.patch_size", VAE.patch());
    addSize(rows, "vae.latent_dim", VAE.channels());
    addSize(rows, "vae.enc_dim, vae.dec_dim", VAE.encoder().dim());
    addSize(rows, "vae.enc_heads, vae.dec_heads", VAE.encoder().heads());
    addSize(rows, "vae.enc_depth", VAE.encoder().layers());
    addSize(rows, "vae.dec_depth", VAE.decoder().layers());
    addSize(rows, "vae.mlp_ratio", VAE.encoder().hidden() / VAE.encoder().dim());
    page(0).check("sizes", rows);
  }

  private static void addSize(List<List<String>> rows, String keys, int value) {
    rows.add(List.of("`" + keys.replace(", ", "`, `") + "`", "" + value));
  }

  @Test
  void actions() throws IOException {
    OasisActionSpace space = OasisActionSpace.INSTANCE;
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Number", "Name", "Key", "What"));
    for (int i = 0; i < OasisActionSpace.ENTRIES.size(); i++) {
      String name = OasisActionSpace.ENTRIES.get(i);
      String key =
          space.keyBindings().stream()
              .filter(binding -> binding.effect().equals(ActionInput.held(name)))
              .map(KeyBinding::key)
              .map(found -> "`" + found + "`")
              .findFirst()
              .orElse("");
      String what =
          space.axes().stream()
              .filter(axis -> axis.name().equals(name))
              .map(OasisPageTest::described)
              .findFirst()
              .orElse("switch");
      rows.add(List.of("" + i, "`" + name + "`", key, what));
    }
    page(0).check("actions", rows);
  }

  private static String described(Axis axis) {
    return String.format(
        Locale.ROOT, "axis, %.0f to %.0f: %s", axis.low(), axis.high(), axis.meaning());
  }

  @Test
  void operations() throws IOException {
    int past = DIT.window() - 1;
    int steps = OasisConfig.read(JsonValue.parse("defaults", "{}".getBytes(UTF_8))).steps();
    double said = counted((work, arena) -> work.modulate(arena));
    double encode = counted((work, arena) -> work.encode(arena));
    double decode = counted((work, arena) -> work.decode(arena));
    double first = counted((work, arena) -> work.step(0, arena));
    double step = counted((work, arena) -> work.step(past, arena));
    double append = counted((work, arena) -> work.remember(past - 1, 1, arena));
    double all = counted((work, arena) -> work.remember(0, past, arena));
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("What", "10^9 operations"));
    addWork(rows, "a picture of the start, encoded", encode);
    addWork(rows, "what one timestep and action say to all layers", said);
    addWork(rows, "keys and values of one frame", append);
    addWork(rows, "keys and values of " + past + " frames", all);
    addWork(rows, "a step of the first frame", first);
    addWork(rows, "a step of a frame that sees " + past + " others", step);
    addWork(rows, "a frame, decoded", decode);
    double made = (steps + 1) * said + steps * step + decode;
    addWork(rows, "all of the last frame before the window slides", append + made);
    addWork(rows, "all of a frame once it slides, `exact`", all + made);
    addWork(rows, "the same, `ring`", append + made);
    page(0).check("operations", rows);
  }

  private static void addWork(List<List<String>> rows, String what, double operations) {
    rows.add(List.of(what, String.format(Locale.ROOT, "%.1f", operations / 1e9)));
  }

  private interface Part {
    void run(Work work, TensorArena arena);
  }

  private static double counted(Part part) {
    try (PlanningBackend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      Work work = new Work(backend, arena);
      double before = backend.operations();
      part.run(work, arena);
      return backend.operations() - before;
    }
  }

  /** The released networks, whose operations are counted and not done. */
  private static final class Work {
    private final OasisTransformer transformer;
    private final OasisVae vae;
    private final Workspace workspace = Workspace.measuring();

    Work(PlanningBackend backend, TensorArena arena) {
      Weights weights = Weights.of(PlannedTensors.of(DType.F16));
      transformer = new OasisTransformer(Parameters.ofTransformer(weights, backend, arena), DIT);
      vae = new OasisVae(Parameters.ofAutoencoder(weights, backend, arena), VAE);
    }

    private static Tensor latents(int frames, TensorArena arena) {
      return arena.empty(DType.F32, frames, DIT.rows(), DIT.columns(), DIT.channels());
    }

    void modulate(TensorArena arena) {
      Tensor actions = arena.empty(DType.F32, 1, DIT.actionDim());
      Tensor timesteps = arena.empty(DType.F32, 1);
      OasisModulation modulation = transformer.newModulation(1, arena);
      transformer.modulate(timesteps, actions, workspace, modulation, Trace.NONE);
    }

    private OasisFrames frames(int row, int count, TensorArena arena) {
      OasisModulation modulation = transformer.newModulation(count, arena);
      return OasisFrames.after(row, modulation, transformer.windowRotary().slice(row, row + count));
    }

    void step(int row, TensorArena arena) {
      OasisKvState kv = transformer.newKvState(DIT.window(), arena);
      Tensor x = latents(1, arena);
      transformer.forward(x, frames(row, 1, arena), kv, workspace, x, Trace.NONE);
    }

    void remember(int row, int count, TensorArena arena) {
      OasisKvState kv = transformer.newKvState(DIT.window(), arena);
      OasisFrames frames = frames(row, count, arena);
      transformer.remember(latents(count, arena), frames, kv, workspace);
    }

    void encode(TensorArena arena) {
      Tensor image = arena.empty(DType.F32, VAE.height(), VAE.width(), 3);
      Tensor mean = latents(1, arena).row(0);
      vae.encode(image, workspace, new OasisVae.Posterior(mean, null), Trace.NONE);
    }

    void decode(TensorArena arena) {
      Tensor image = arena.empty(DType.F32, VAE.height(), VAE.width(), 3);
      vae.decode(latents(1, arena).row(0), workspace, image, Trace.NONE);
    }
  }
}
