package dev.orrery.model.qwen;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.SpoiltWeights;
import dev.orrery.model.golden.SpoiltWeights.Change;
import dev.orrery.model.golden.SpoiltWeights.Order;
import dev.orrery.model.golden.Trap;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.trace.Trace;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Mistakes that are easily made with Qwen's text encoder and tokenizer, made on purpose. */
public final class QwenTraps {
  private static final Reading RIGHT = new Reading(0, false, 0, false, Change.NONE);

  private QwenTraps() {}

  /**
   * How the encoder is run.
   *
   * @param more layers that are run beyond the right ones
   * @param half whether frequencies are rounded to half precision
   * @param early rows by which the cut is too early
   * @param normed whether the final norm is applied
   * @param change of the weights
   */
  private record Reading(int more, boolean half, int early, boolean normed, Change change) {
    Reading with(Change other) {
      return new Reading(more, half, early, normed, other);
    }
  }

  /** All of them, for each fixture. */
  public static List<Trap> all() {
    List<Trap> traps = new ArrayList<>(ofTokens());
    for (Golden.Arguments fixture : Golden.cpuCases("worldplay-hy8b-encoders", "qwen_text")) {
      if (!fixture.backendName().equals("cpu")) {
        continue;
      }
      QwenConfig config;
      int start;
      try (Golden golden = fixture.golden()) {
        config = QwenConfig.of(golden.config());
        start = golden.config().integer("crop_start");
      }
      add(traps, "a layer more", fixture, new Reading(1, false, 0, false, Change.NONE));
      add(traps, "the final norm", fixture, new Reading(0, false, 0, true, Change.NONE));
      if (start > 0) {
        add(traps, "cut a token early", fixture, new Reading(0, false, 1, false, Change.NONE));
      }
      add(traps, "no biases", fixture, RIGHT.with(QwenTraps::withoutBiases));
      add(traps, "pairs of neighbours", fixture, RIGHT.with(neighbours(config)));
      if (config.keyHeads() > 1 && config.keyHeads() < config.heads()) {
        add(traps, "key heads in turn", fixture, RIGHT.with(keyHeadsInTurn(config)));
      }
      String half = "outputs.text_states_half_freqs";
      traps.add(
          new Trap(
              "Qwen: exact frequencies, " + fixture,
              QwenGoldenTest.LIMIT,
              () -> error(fixture, half, new Reading(0, true, 0, false, Change.NONE)),
              () -> error(fixture, half, RIGHT)));
    }
    return traps;
  }

  private static void add(
      List<Trap> traps, String mistake, Golden.Arguments fixture, Reading wrong) {
    String states = "outputs.text_states";
    traps.add(
        new Trap(
            "Qwen: " + mistake + ", " + fixture,
            QwenGoldenTest.LIMIT,
            () -> error(fixture, states, RIGHT),
            () -> error(fixture, states, wrong)));
  }

  private static Tensor withoutBiases(String name, Tensor tensor) {
    return name.endsWith("_proj.bias")
        ? Tensor.of(new float[tensor.size(0)], tensor.size(0))
        : tensor;
  }

  /** Queries and keys in the order in which halves are what was neighbours. */
  private static Change neighbours(QwenConfig config) {
    int headDim = config.headDim();
    Order order =
        (index, count) -> {
          int channel = index % headDim;
          int from = channel < headDim / 2 ? 2 * channel : 2 * channel - headDim + 1;
          return index - channel + from;
        };
    return Change.ofRows(".*\\.[qk]_proj\\.(weight|bias)", order);
  }

  /** Heads of queries in the order that gives each the head of keys of its number's remainder. */
  private static Change keyHeadsInTurn(QwenConfig config) {
    int headDim = config.headDim();
    int each = config.heads() / config.keyHeads();
    Order order =
        (index, count) -> {
          int head = index / headDim;
          return (head % each * config.keyHeads() + head / each) * headDim + index % headDim;
        };
    Change rows = Change.ofRows(".*\\.q_proj\\.(weight|bias)", order);
    Change columns = Change.ofColumns(".*\\.o_proj\\.weight", order);
    return (name, tensor) -> columns.of(name, rows.of(name, tensor));
  }

  /** The largest error of the states of a prompt. */
  private static double error(Golden.Arguments arguments, String name, Reading reading) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      QwenConfig config = QwenGoldenTest.config(golden, reading.half(), reading.more());
      Weights weights = Weights.of(new SpoiltWeights(golden.weights(""), reading.change()));
      QwenTextEncoder encoder = new QwenTextEncoder(weights, config, backend);
      int length = golden.tensor(name).size(1);
      int start = golden.config().integer("crop_start") - reading.early();
      double largest = 0;
      List<int[]> prompts = QwenGoldenTest.prompts(golden);
      for (int row = 0; row < prompts.size(); row++) {
        int[] ids = prompts.get(row);
        Tensor states = encoder.encode(ids, done -> {}, Trace.NONE);
        float[] found = states.slice(start, ids.length - reading.early()).toFloats();
        if (reading.normed()) {
          normalize(found, golden.floats("weights.model.norm.weight"), config.eps());
        }
        int from = row * length * config.dim();
        float[] expected = Arrays.copyOfRange(golden.floats(name), from, from + found.length);
        largest = Math.max(largest, Golden.relativeError(expected, found));
      }
      return largest;
    }
  }

  private static void normalize(float[] rows, float[] weight, double eps) {
    for (int row = 0; row < rows.length; row += weight.length) {
      double squares = 0;
      for (int i = 0; i < weight.length; i++) {
        squares += rows[row + i] * rows[row + i];
      }
      double scale = 1 / Math.sqrt(squares / weight.length + eps);
      for (int i = 0; i < weight.length; i++) {
        rows[row + i] *= (float) (scale * weight[i]);
      }
    }
  }

  private static List<Trap> ofTokens() {
    String pieces = BpeTokenizer.PIECES.pattern();
    UnaryOperator<String> nfc = text -> Normalizer.normalize(text, Normalizer.Form.NFC);
    return List.of(
        ofTokens("no normal form", UnaryOperator.identity(), pieces),
        ofTokens("numbers as a whole", nfc, pieces.replace("|\\p{N}|", "|\\p{N}+|")),
        ofTokens(
            "words without the blank",
            nfc,
            pieces.replace("[^\\r\\n\\p{L}\\p{N}]?\\p{L}+", "\\p{L}+")));
  }

  private static Trap ofTokens(String mistake, UnaryOperator<String> normal, String pieces) {
    UnaryOperator<String> nfc = text -> Normalizer.normalize(text, Normalizer.Form.NFC);
    return new Trap(
        "Qwen's tokens: " + mistake,
        0,
        () -> wrongTexts(nfc, BpeTokenizer.PIECES),
        () -> wrongTexts(normal, Pattern.compile(pieces)));
  }

  /** How many texts of the fixture get other pieces or tokens. */
  private static int wrongTexts(UnaryOperator<String> normal, Pattern pieces) {
    JsonValue fixture = QwenTokenizerGoldenTest.SMALL;
    List<String> merges = fixture.get("merges").asList().stream().map(JsonValue::asString).toList();
    BpeModel model = BpeModel.of(fixture.get("vocab"), merges, "merges");
    int wrong = 0;
    for (JsonValue expected : fixture.get("cases").asList()) {
      if (expected.has("pieces")) {
        IntStream.Builder found = IntStream.builder();
        List<String> cut = new ArrayList<>();
        Matcher matcher = pieces.matcher(normal.apply(expected.string("text")));
        while (matcher.find()) {
          cut.add(matcher.group());
          model.tokenize(matcher.group(), found::add);
        }
        List<JsonValue> right = expected.get("pieces").asList();
        boolean same =
            cut.equals(right.stream().map(JsonValue::asString).toList())
                && Arrays.equals(expected.integers("ids"), found.build().toArray());
        wrong += same ? 0 : 1;
      }
    }
    return wrong;
  }
}
