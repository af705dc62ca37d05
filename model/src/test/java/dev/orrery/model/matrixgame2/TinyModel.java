package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.golden.QuantizedForm;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A complete model of a few kilobytes with random weights, for tests to write, change and break.
 */
final class TinyModel {
  private static final String DIT =
      """
      {"model_type": "i2v", "dim": DIM, "ffn_dim": FFN, "freq_dim": 16, "num_heads": 2,
       "num_layers": 2, "in_dim": 36, "out_dim": 16, "img_dim": 8, "local_attn_size": LOCAL,
       "action_config": {
         "blocks": [0], "enable_keyboard": true, "enable_mouse": MOUSE, "heads_num": 2,
         "hidden_size": 8, "img_hidden_size": DIM, "keyboard_dim_in": KEYS,
         "keyboard_hidden_dim": 24, "mouse_dim_in": 2, "mouse_hidden_dim": 24,
         "rope_dim_list": [4, 4, 4], "rope_theta": 256, "vae_time_compression_ratio": 4,
         "windows_size": 3}}
      """;
  private static final String SESSION =
      """
       "resolution": [ROWS, COLUMNS], "vae": {"dim": 4, "num_res_blocks": 1},
       "image_encoder": {"image_size": 28, "patch_size": 14, "dim": 8, "num_heads": 2,
                         "num_layers": 2}
      """;

  final String dit;
  final String session;
  final Map<String, Tensor> ditWeights;
  final Map<String, Tensor> vaeWeights;
  final Map<String, Tensor> imageEncoderWeights;

  TinyModel(Variant variant, int rows, int columns) {
    this(variant, rows, columns, 24, 40);
  }

  /** A model whose transformer has so many channels, and so many in its feed-forward layers. */
  TinyModel(Variant variant, int rows, int columns, int dim, int ffnDim) {
    boolean mouse = variant != Variant.TEMPLERUN;
    int keys = variant.encode(ActionInput.NONE).keyboard().length;
    dit =
        DIT.replace("LOCAL", variant == Variant.GTA_DRIVE ? "4" : "6")
            .replace("DIM", "" + dim)
            .replace("FFN", "" + ffnDim)
            .replace("MOUSE", String.valueOf(mouse))
            .replace("KEYS", String.valueOf(keys));
    session = SESSION.replace("ROWS", "" + rows).replace("COLUMNS", "" + columns);
    MatrixGame2Config config = MatrixGame2Config.read(json("{" + session + "}"), json(dit));
    PlannedTensors ditPlan = PlannedTensors.of(DType.F32);
    PlannedTensors vaePlan = PlannedTensors.of(DType.F32);
    PlannedTensors imagePlan = PlannedTensors.of(DType.F32);
    try (Backend backend = PlanningBackend.cpu()) {
      new SourceModel(config, ditPlan, vaePlan, imagePlan).build(backend, backend.newArena());
    }
    ditWeights = RandomWeights.of(ditPlan, 1);
    vaeWeights = RandomWeights.of(vaePlan, 2);
    imageEncoderWeights = RandomWeights.of(imagePlan, 3);
  }

  /** Stores the layers that may be quantised in another form. */
  void quantize(QuantizedForm form) {
    TensorSource stored = new MemoryTensors(new LinkedHashMap<>(ditWeights));
    TensorSource quantized = form.applied(stored, MatrixGame2.FAMILY);
    for (String name : quantized.names()) {
      ditWeights.put(name, quantized.find(name, Shape.of()).orElseThrow());
    }
  }

  static JsonValue json(String text) {
    return JsonValue.parse("config.json", text.getBytes(StandardCharsets.UTF_8));
  }

  /** The configuration of a single folder. */
  String config() {
    return "{\"family\": \"matrix-game-2\", \"dit\": " + dit + "," + session + "}";
  }

  /** Writes everything into one folder. */
  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config());
    SafetensorsWriter.write(folder.resolve("dit.safetensors"), ditWeights, Map.of());
    SafetensorsWriter.write(folder.resolve("vae.safetensors"), vaeWeights, Map.of());
    SafetensorsWriter.write(
        folder.resolve("image_encoder.safetensors"), imageEncoderWeights, Map.of());
  }

  /** The tensors under another module's name. */
  static Map<String, Tensor> under(String module, Map<String, Tensor> weights) {
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    weights.forEach((name, tensor) -> renamed.put(module + "." + name, tensor));
    return renamed;
  }
}
