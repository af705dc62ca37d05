package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.cli.command.TestConsole;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.Families;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.StoredType;
import dev.orrery.weights.hub.HubServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightsCommandLineTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));
  private static final Path DEMO = ROOT.resolve("models/demo-world");
  private static final Path TORCH = ROOT.resolve("weights-tools/src/test/resources/torch");

  @TempDir Path folder;

  private final TestConsole console = new TestConsole();
  private Path results;

  @BeforeEach
  void makeFolder() throws IOException {
    results = Files.createDirectory(folder.resolve("results"));
  }

  @Test
  void inspectShowsSafetensorsAndArchives() {
    assertEquals(0, run("inspect", DEMO.toString()));
    assertTrue(told().contains("vae.safetensors"), told());
    assertTrue(told().contains("3 checkpoints, "), told());
    assertEquals(0, run("inspect", TORCH.resolve("generator.pt").toString(), "--tensors"));
    assertTrue(told().contains("  generator.model."), told());
    assertEquals(0, run("inspect", TORCH.resolve("generator.pt").toString(), "--json"));
    assertTrue(told().contains("\"dtype\" : \"F32\""), told());
  }

  /** Of a model the memory, too; the demo world if nothing is named. */
  @Test
  void inspectAndInfoAreOneReport() throws IOException {
    assertEquals(0, run("inspect", "--json"));
    JsonValue inspected = json();
    assertEquals(0, orrery("info", DEMO.toString(), "--json"));
    JsonValue info = json();
    assertEquals(
        inspected.get("total").get("bytes").asLong(), info.get("total").get("bytes").asLong());
    for (JsonValue report : List.of(inspected, info)) {
      JsonValue model = report.get("model");
      assertEquals(96, model.integer("width"));
      assertEquals(25, model.integer("frames_per_second"));
      assertEquals(9, model.integer("frames_of_first_chunk"));
      assertEquals("forward", model.get("keys").string("w"));
      JsonValue memory = report.get("memory");
      assertTrue(memory.string("model").startsWith("Matrix-Game 2.0 universal"));
      assertEquals(0, memory.get("gpu").integer("stored_weights"));
      assertTrue(memory.get("cpu").get("playing").asLong() > 10_000_000);
    }
    String archive = TORCH.resolve("generator.pt").toString();
    assertEquals(0, orrery("info", archive, "--json"));
    assertFalse(json().has("memory"));
    // The configuration of a network, as released folders have it, is none of a model.
    Path network = Files.createDirectory(folder.resolve("network"));
    Files.writeString(network.resolve("config.json"), "{\"_class_name\": \"AutoencoderKLWan\"}");
    Files.copy(DEMO.resolve("vae.safetensors"), network.resolve("model.safetensors"));
    assertEquals(0, orrery("info", network.toString()), console.err());
    assertFalse(told().contains("Memory of"), told());
  }

  @Test
  void modelsWithAFaultAreShownAndRefused() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.copy(DEMO.resolve("config.json"), model.resolve("config.json"));
    Files.copy(DEMO.resolve("dit.safetensors"), model.resolve("dit.safetensors"));
    assertEquals(2, run("inspect", model.toString()));
    assertTrue(told().contains("dit.safetensors: 238 tensors"), told());
    assertOneLine(model + ": expected the weights of the ");
  }

  @Test
  void convertTakesItsOptions() {
    Path file = results.resolve("dit.safetensors");
    assertEquals(
        0,
        run(
            "convert",
            TORCH.resolve("generator.pt").toString(),
            file.toString(),
            "--key=generator",
            "--strip=model.",
            "--dtype=bf16",
            "--shard-size=5GB"),
        console.err());
    assertEquals(file + "\n", told());
    assertTrue(console.err().startsWith("converting dit, MiB: "));
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      assertTrue(
          opened.tensors().values().stream()
              .allMatch(t -> t.type().equals(StoredType.of(DType.BF16))));
      assertTrue(opened.tensors().keySet().stream().noneMatch(name -> name.startsWith("model.")));
    }
  }

  @Test
  void whatIsMadeIsVerified() throws IOException {
    Path model = results.resolve("model");
    Path manifest = results.resolve("model.sha256");
    assertEquals(0, run("synth", "--family=matrix-game-2", "--seed=1", model.toString()));
    assertEquals(model + "\n", told());
    assertEquals(0, run("verify", model.toString(), "--write-manifest=" + manifest), told());
    assertTrue(told().contains("names and shapes compared with matrix-game-2\n"), told());
    assertTrue(told().contains("digests of 5 files written to " + manifest), told());
    assertEquals(0, run("verify", model.toString(), "--manifest=" + manifest), told());
    assertTrue(told().endsWith("nothing is wrong\n"), told());
    Files.writeString(model.resolve("start.png"), "changed");
    assertEquals(2, run("verify", model.toString(), "--manifest=" + manifest));
    assertTrue(told().contains("start.png: expected SHA-256 "), told());
    String last = console.err().lines().toList().getLast();
    assertEquals("orrery: " + model + ": 1 fault, see above", last);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "inspect none.safetensors|none.safetensors: ",
        "inspect none|none: cannot be read: no such file or folder",
        "inspect none.pth|none.pth: cannot be read: no such file or folder",
        "inspect RESULTS|RESULTS: expected .safetensors, .pth, .pt or .ckpt files, found none",
        "inspect TORCH/forbidden_global.pth|TORCH/forbidden_global.pth",
        "inspect TORCH/legacy.pth|TORCH/legacy.pth: expected a PyTorch archive, found a PyTorch archive of the older",
        "convert TORCH/generator.pt|expected INPUT OUTPUT, found 1 paths",
        "convert a b c|expected INPUT OUTPUT, found 3 paths; see orrery weights convert --help",
        "convert none.pth RESULTS/a.safetensors|none.pth: cannot be read: no such file or folder",
        "convert TORCH/state_dict.pth RESULTS/a.bin|RESULTS/a.bin: expected an output whose name ends",
        "convert TORCH/state_dict.pth RESULTS/a.safetensors --key x|TORCH/state_dict.pth: ",
        "convert TORCH/state_dict.pth RESULTS/a.safetensors --dtype int8|Invalid value for option '--dtype': expected one of [keep, bf16, fp16, fp32], found 'int8'; see",
        "convert TORCH/state_dict.pth RESULTS/a.safetensors --shard-size 5X|Invalid value for option",
        "convert TORCH/state_dict.pth RESULTS/a.safetensors --shard-size 0|Invalid value for option",
        "convert TORCH/state_dict.safetensors RESULTS/a.safetensors --key x|TORCH/state_dict.safetens",
        "convert TORCH/generator.pt RESULTS/a.safetensors --key generator --strip net.|TORCH/generator.",
        "convert TORCH/generator.pt RESULTS/a.safetensors|TORCH/generator.pt: ",
        "convert --recipe sounds a b|Invalid value for option '--recipe': expected one of [matrix-game-2,",
        "convert --recipe matrix-game-2 a b c|expected MATRIX_GAME_2_DIR OUTPUT, found 3 paths; see orr",
        "convert --recipe worldplay-wan5b a b|expected HY_WORLDPLAY_DIR WAN_DIR OUTPUT, found 2 paths",
        "convert --recipe matrix-game-2 a b --key x|--key and --strip: a recipe knows them itself; see",
        "convert --recipe matrix-game-2 RESULTS RESULTS/m|RESULTS: expected one of the folders base_dis",
        "quantize TORCH/state_dict.safetensors RESULTS/a.safetensors|Missing required option: '--form",
        "quantize TORCH/state_dict.safetensors RESULTS/a.safetensors --format int8|TORCH/state_dict.safe",
        "quantize TORCH/state_dict.safetensors RESULTS/a --format int8|RESULTS/a: expected an output who",
        "quantize TORCH/generator.pt RESULTS/a.safetensors --format int8|TORCH/generator.pt: expected a",
        "quantize TORCH RESULTS/m --format fp8|TORCH: expected a model folder with config.json, found n",
        "quantize a b --format int3|Invalid value for option '--format'",
        "quantize DEMO RESULTS/m --format int8 --calibrate --plot x.jpg|--plot: expected a name that ends in .png, found x.jpg",
        "verify DEMO --manifest none|none: cannot be read: no such file or folder",
        "quantize a b --format int8 --plot x.png|--plot: belongs to --calibrate; see orrery weights qu",
        "quantize a b --format int8 --calibrate|--calibrate: expected a model's folder, found a; see or",
        "quantize TORCH b --format int8 --calibrate|TORCH: expected a model folder with config.json, found n",
        "quantize TORCH b --format int8 --calibrate --blocks 0|--chunks: expected 1 to 1000, found 0",
        "quantize a b --format int8 --group 32|--group: belongs to --format int4; see orrery weights qu",
        "quantize a b --format int4 --group 48|--group: ",
        "synth RESULTS/m|Missing required options: '--family=NAME', '--seed=N'; see orrery weights sy",
        "synth RESULTS/m --seed 1 --family sounds|Invalid value for option '--family': expected one of",
        "synth RESULTS/m --seed 1 --family matrix-game-2 --scale huge|Invalid value for option '--scale': expected one of [tiny, small, released], found 'huge'",
        "synth RESULTS/m --seed x --family matrix-game-2|Invalid value for option '--seed': expected a whole number, found 'x'; see",
        "verify none.safetensors|none.safetensors: cannot be read: no such file or folder",
        "verify RESULTS|RESULTS: expected .safetensors, .pth, .pt or .ckpt files, found none",
        "verify RESULTS --family worldplay-wan5b|RESULTS/config.json: cannot be read: no such file",
        "verify RESULTS --family matrix-game-2|RESULTS: expected a model folder with config.json, foun",
        "verify TORCH/forbidden_global.pth|TORCH/forbidden_global.pth",
        "convert TORCH/generator.pt RESULTS/a.safetensors --key generator.none|TORCH/generator.pt: expected a dictionary generator.none, found none; keys of tensors: generator (4 tensors), generator_ema (4",
        "paint|Unmatched argument at index 1: 'paint'; see orrery weights --help",
        "download|Missing required parameter: 'REPO'; see orrery weights download --help",
        "download ../x|expected a repository such as owner/name, found \"../x\"; see orrery weights d",
        "download o/n --endpoint ftp://x|expected an endpoint such as https://huggingface.co, found",
        "download o/n --endpoint x:y:z|expected an endpoint such as https://huggingface.co, found",
        "download o/n --local-dir DEMO/start.png|--local-dir: expected a folder, found the file DEMO/st",
        "download o/n --revision ../x|expected a revision such as main, found \"../x\": empty, . or ..",
      })
  void whatCannotBeUsedIsOneLineAndTwo(String line, String expected) throws IOException {
    List<String> arguments = new ArrayList<>();
    for (String argument : line.split(" ")) {
      arguments.add(placed(argument));
    }
    assertEquals(2, run(arguments.toArray(String[]::new)), console.err());
    assertOneLine(placed(expected));
    assertNothingWritten();
  }

  /** The same words from every command, whatever name the file has. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version https://git-lfs.github.com/spec/v1\\noid sha256:00\\nsize 1234\\n|a Git LFS pointer; run git lfs pull",
        "<!DOCTYPE html><html><body>Sign in to continue</body></html>|an HTML page; download it again",
        "{\"error\":\"Repository not found\"}|the error of a server: {\"error\":\"Repository not found\"}; down",
        "Access to model x is restricted.|the text \"Access to model x is restricted.\"; if it is a",
        "GGUF00000000000|a GGUF file; get the model as safetensors",
      })
  void filesThatAreSomethingElseAreCalledWhatTheyAre(String content, String found)
      throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.copy(DEMO.resolve("config.json"), model.resolve("config.json"));
    Files.copy(DEMO.resolve("start.png"), model.resolve("start.png"));
    String bytes = content.replace("\\n", "\n");
    Path dit = Files.writeString(model.resolve("dit.safetensors"), bytes);
    String out = results.resolve("o.safetensors").toString();
    List<String[]> commands = new ArrayList<>();
    commands.add(new String[] {"generate", "--model=" + model, "--output=" + out + ".mp4"});
    commands.add(new String[] {"info", model.toString()});
    commands.add(new String[] {"weights", "quantize", dit.toString(), out, "--format=int8"});
    for (String name : List.of("dit.safetensors", "a.pt", "a.pth", "a.ckpt")) {
      Path file = Files.writeString(model.resolve(name), bytes);
      commands.add(new String[] {"weights", "inspect", file.toString()});
      commands.add(new String[] {"weights", "verify", file.toString()});
      commands.add(new String[] {"weights", "convert", file.toString(), out});
    }
    for (String[] command : commands) {
      assertEquals(2, orrery(command), List.of(command).toString());
      String line = console.err().lines().toList().getLast();
      assertTrue(line.startsWith("orrery: " + model), line);
      assertTrue(line.contains(": expected a ") && line.contains(", found " + found), line);
    }
    assertNothingWritten();
  }

  /** Every checkpoint of a folder that cannot be read is told by one run. */
  @Test
  void verifyTellsEveryFault() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.copy(DEMO.resolve("config.json"), model.resolve("config.json"));
    Files.writeString(model.resolve("dit.safetensors"), "<html>");
    Files.writeString(model.resolve("vae.pt"), "PK\3\4");
    Files.createFile(model.resolve("other.safetensors"));
    assertEquals(2, run("verify", model.toString()));
    for (String fault :
        List.of(
            "dit.safetensors: expected a safetensors file, found an HTML page; ",
            "other.safetensors: expected a safetensors file, found an empty file; ",
            "vae.pt: expected a PyTorch archive, found a zip file that does not end",
            "vae.safetensors: expected the weights of the VAE")) {
      assertTrue(told().contains(model + "/" + fault), told());
    }
    assertOneLine(model + ": ");
    assertTrue(console.err().contains(" faults, see above"), console.err());
  }

  /** Of many faults the first ones are shown, and all are counted. */
  @Test
  void manyFaultsAreShownInPart() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < 25; i++) {
      tensors.put("t" + i, Tensor.of(new float[] {Float.NaN}, 1));
    }
    SafetensorsWriter.write(file, tensors, Map.of());
    assertEquals(2, run("verify", "--quiet", file.toString()));
    assertEquals(20, told().lines().filter(line -> line.contains("1 NaN")).count());
    assertTrue(told().endsWith("\nand 5 more\n"), told());
    assertOneLine(file + ": 25 faults, see above");
  }

  @Test
  void outputsThatCannotBeWrittenAreOneLineAndOne() throws IOException {
    Path missing = results.resolve("none").resolve("a.safetensors");
    assertEquals(1, run("convert", TORCH.resolve("state_dict.pth").toString(), missing.toString()));
    assertOneLine(missing + ": the folder " + missing.getParent() + " does not exist");
    assertNothingWritten();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "convert TORCH/state_dict.pth RESULTS/taken.safetensors|RESULTS/taken.safetensors: exists al",
        "quantize DEMO/dit.safetensors RESULTS/taken.safetensors --format int8|RESULTS/taken.safetens",
        "synth --family matrix-game-2 --seed 1 RESULTS|RESULTS: the folder is not empty",
        "verify DEMO --write-manifest RESULTS/none/a|RESULTS/none/a: the folder RESULTS/none does not exist",
        "verify DEMO --write-manifest RESULTS|RESULTS: is a folder",
        "quantize DEMO RESULTS/m --format int8 --calibrate --plot RESULTS/none/a.png|RESULTS/none/a.png: the folder",
      })
  void outputsAreLookedAtBeforeTheWork(String line, String expected) throws IOException {
    Path taken = Files.createFile(results.resolve("taken.safetensors"));
    String[] arguments = Stream.of(line.split(" ")).map(this::placed).toArray(String[]::new);
    assertEquals(1, run(arguments), console.err());
    assertOneLine(placed(expected));
    Files.delete(taken);
    assertNothingWritten();
  }

  @Test
  void scalesOfQuantisedMatricesAreNotConverted() {
    Path quantised = results.resolve("int4.safetensors");
    Path half = results.resolve("half.safetensors");
    String dit = DEMO.resolve("dit.safetensors").toString();
    assertEquals(0, run("quantize", dit, quantised.toString(), "--format=int4"));
    assertEquals(0, run("convert", quantised.toString(), half.toString(), "--dtype=fp16"));
    try (SafetensorsFile opened = SafetensorsFile.open(half)) {
      var tensors = opened.tensors();
      assertEquals("F32", tensors.get("blocks.0.ffn.0.weight_scale").type().name());
      assertEquals("F16", tensors.get("blocks.0.ffn.0.bias").type().name());
    }
  }

  @Test
  void foldersMayBeLinks() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), DEMO);
    Path manifest = folder.resolve("demo.sha256");
    Path made = results.resolve("m");
    assertEquals(0, run("verify", link.toString(), "--write-manifest=" + manifest), told());
    assertTrue(told().contains("names and shapes compared with matrix-game-2\n"), told());
    assertTrue(Files.readString(manifest).contains("  vae.safetensors\n"));
    assertEquals(0, run("quantize", link.toString(), made.toString(), "--format=int8"), told());
    assertTrue(Files.exists(made.resolve("vae.safetensors")));
  }

  @Test
  void failuresOfTheHubAreOneLineAndOne() throws IOException {
    try (HubServer hub = new HubServer()) {
      hub.small("config.json", new byte[12]);
      String endpoint = "--endpoint=" + hub.endpoint();
      assertEquals(1, run("download", "owner/name", "none.json", endpoint, "--cache=" + folder));
      assertEquals("orrery: owner/name at main: no file none.json\n", console.err());
    }
  }

  @Test
  void helpTeaches() {
    assertEquals(0, orrery());
    assertTrue(told().contains("  weights        Downloads released weights, "), told());
    assertEquals(0, orrery("help", "weights"));
    String group = told();
    assertEquals(0, orrery("weights", "--help"));
    assertEquals(group, told());
    assertEquals(0, orrery("info", "--help"));
    assertTrue(
        told().startsWith("Examples:\n  orrery info\n  orrery info models/demo-world"), told());
    for (String command :
        List.of("download", "inspect", "convert", "verify", "quantize", "synth")) {
      assertEquals(0, run(command, "--help"));
      assertTrue(told().startsWith("Examples:\n  orrery weights " + command), told());
    }
    assertEquals(0, run());
    assertTrue(told().contains("Commands:"), told());
    assertEquals(0, run("--version"));
    assertTrue(told().matches("orrery \\d+\\.\\d+\\S* \\(Java 25.*\\)\n"), told());
  }

  private String placed(String text) {
    return text.replace("RESULTS", results.toString())
        .replace("TORCH", TORCH.toString())
        .replace("DEMO", DEMO.toString());
  }

  private String told() {
    return console.out();
  }

  private JsonValue json() {
    return JsonValue.parse("report", told().getBytes(StandardCharsets.UTF_8));
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("weights"));
    all.addAll(List.of(arguments));
    return orrery(all.toArray(String[]::new));
  }

  private int orrery(String... arguments) {
    console.reset();
    return Orrery.run(new Environment(Families.ALL, DEMO, console.console()), arguments);
  }

  private void assertOneLine(String expected) {
    List<String> lines = console.err().lines().toList();
    assertEquals(1, lines.size(), lines.toString());
    assertTrue(lines.getFirst().startsWith("orrery: " + expected), lines.getFirst());
  }

  private void assertNothingWritten() throws IOException {
    try (Stream<Path> files = Files.list(results)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
