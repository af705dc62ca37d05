package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A model's folder with small encoders of random weights, whose tokens are the bytes of a text. */
final class TinyPromptFolder {
  static final int TEXT = 18;
  static final int GLYPHS = 12;

  private static final String SYSTEM = "Tell it.";
  private static final String SYSTEM_SHA256 =
      "3434fcc0de006a33f6173967cedcd1ee4af7554c1cf8eb7b64c9ded190106b4f";

  private final Path folder;

  TinyPromptFolder(Path folder) {
    this(folder, "{}");
  }

  /**
   * @param settings what {@code config.json} is to say besides
   */
  TinyPromptFolder(Path folder, String settings) {
    this.folder = folder;
    String system = "{\"system_prompt\":{\"bytes\":8,\"sha256\":\"" + SYSTEM_SHA256 + "\"}";
    String rest = settings.strip().substring(1);
    write("config.json", system + (rest.startsWith("}") ? "" : ",") + rest);
    write("system_prompt.txt", SYSTEM);
    write("tokenizer/vocab.json", vocabulary());
    write("tokenizer/merges.txt", "#version: 0.2\na b\n");
    write(
        "text_encoder/config.json",
        "{\"vocab_size\":280,\"hidden_size\":18,\"num_attention_heads\":3,"
            + "\"num_key_value_heads\":1,\"intermediate_size\":24,\"num_hidden_layers\":3}");
    write(
        "glyph_encoder/config.json",
        "{\"vocab_size\":260,\"d_model\":12,\"num_heads\":2,\"d_kv\":4,\"d_ff\":20,"
            + "\"num_layers\":2}");
    encoders().networks().forEach(network -> store(network, 1));
  }

  PromptEncoders encoders() {
    return new PromptEncoders(folder, TEXT, GLYPHS);
  }

  /** Other weights for an encoder. */
  void retrain(String encoder) {
    encoders().networks().stream()
        .filter(network -> network.name().equals(encoder))
        .forEach(network -> store(network, 2));
  }

  private static void store(NetworkWeights<?> network, long seed) {
    PlannedTensors planned = PlannedTensors.of(DType.F32);
    network.read(planned);
    SafetensorsWriter.write(network.checkpoint(), RandomWeights.of(planned, seed), Map.of());
  }

  void write(String name, String text) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Letters of bytes as GPT-2 writes them, and one token of two. */
  private static String vocabulary() {
    StringBuilder json = new StringBuilder("{");
    int others = 0;
    for (int b = 0; b < 256; b++) {
      boolean visible = b >= 33 && b <= 126 || b >= 161 && b <= 172 || b >= 174;
      char letter = (char) (visible ? b : 256 + others++);
      String name = letter == '"' || letter == '\\' ? "\\" + letter : Character.toString(letter);
      json.append('"').append(name).append("\":").append(b).append(',');
    }
    return json.append("\"ab\":256}").toString();
  }
}
