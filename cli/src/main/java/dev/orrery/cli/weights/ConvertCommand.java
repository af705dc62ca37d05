package dev.orrery.cli.weights;

import static java.util.stream.Collectors.joining;

import dev.orrery.cli.command.ByteSize;
import dev.orrery.cli.command.Cancellation;
import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.Recipe;
import dev.orrery.weights.convert.Conversion;
import dev.orrery.weights.convert.NameRule;
import dev.orrery.weights.convert.RecipeRun;
import dev.orrery.weights.convert.TargetType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery weights convert}. */
@Command(
    name = "convert",
    customSynopsis = {
      "orrery weights convert [--key=NAME] [--strip=PREFIX]... [--dtype=bf16|fp16|fp32|keep]",
      "                              [--shard-size=SIZE] INPUT OUTPUT",
      "       orrery weights convert --recipe=NAME [--variant=NAME] [--dtype=bf16|fp16|fp32|keep]",
      "                              [--shard-size=SIZE] DIR... OUTPUT"
    },
    synopsisHeading =
        "Examples:%n"
            + "  orrery weights convert Wan2.1_VAE.pth vae.safetensors%n"
            + "  orrery weights convert model.pt dit.safetensors --key generator --strip model. --dtype bf16%n"
            + "  orrery weights convert --recipe worldplay-wan5b HY-WorldPlay Wan2.2-TI2V-5B world%n"
            + "%nUsage: ",
    description = {
      "Writes the tensors of a PyTorch archive or of safetensors files as safetensors; or, with a"
          + " recipe, makes released repositories a model's folder. Needs little memory, however large"
          + " the files are; nothing in an archive is run. The name _fsdp_wrapped_module, which"
          + " sharded training leaves, is always removed."
    },
    footer = {
      "",
      "Recipes:",
      "${recipes}",
      "",
      "Nothing that exists is replaced; a failure and Ctrl-C leave nothing behind."
    })
final class ConvertCommand extends ConsoleCommand {
  @Parameters(
      paramLabel = "INPUT... OUTPUT",
      arity = "1..*",
      description =
          "A .pth, .pt or .ckpt archive, a .safetensors file or its .index.json; and the file to write."
              + " For a recipe, folders, and the folder to make.")
  private List<Path> paths;

  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description = "Make a model's folder, see below.")
  private ModelFamily recipe;

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description = "Which model of a release with several, see below. Default: the first.")
  private String variant;

  @Option(
      names = "--key",
      paramLabel = "NAME",
      defaultValue = "",
      description =
          "The dictionary of an archive whose tensors are meant, such as generator; for one inside"
              + " others the keys on the way, joined with dots, such as state.ema.")
  private String key;

  @Option(
      names = "--strip",
      paramLabel = "PREFIX",
      description = "Remove this from the start of the names that have it. Can be repeated.")
  private List<String> strip = List.of();

  @Option(
      names = "--dtype",
      paramLabel = "bf16|fp16|fp32|keep",
      defaultValue = "keep",
      description =
          "Element type of floating-point weights; other tensors stay as they are. Default:"
              + " ${DEFAULT-VALUE}.")
  private TargetType dtype;

  @Option(
      names = "--shard-size",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description =
          "The most data in one file, such as 5GB; what is more goes into further files behind an"
              + " index. Default: one file.")
  private Long shardSize;

  ConvertCommand(Console console) {
    super(console);
  }

  @Override
  protected void run() throws IOException {
    long shard = shardSize == null ? Conversion.ONE_FILE : shardSize;
    try (Cancellation cancellation = new Cancellation(progress())) {
      if (recipe == null) {
        requirePaths(List.of("INPUT"), List.of());
        if (variant != null) {
          throw misused("--variant: there is none without --recipe");
        }
        Conversion conversion = new Conversion(NameRule.stripping(strip), dtype, shard);
        List<Path> written = conversion.convert(paths.getFirst(), key, output(), cancellation);
        // The last one is what opens them all.
        printLine(written.getLast());
      } else {
        Recipe released =
            recipe
                .recipe()
                .orElseThrow(
                    () -> new UnusableInputException("--recipe: there is none for " + recipe.id()));
        released = variantOf(released);
        requirePaths(released.inputs(), released.optionalInputs());
        requireNoNames();
        List<Path> inputs = paths.subList(0, paths.size() - 1);
        List<String> made =
            new RecipeRun(recipe, released, dtype, shard).make(inputs, output(), cancellation);
        made.forEach(progress()::line);
        printLine(output());
      }
    }
  }

  private Path output() {
    return paths.getLast();
  }

  private Recipe variantOf(Recipe released) {
    if (variant == null) {
      return released;
    }
    List<String> known = released.variants();
    if (!known.contains(variant)) {
      throw misused(
          "--variant: expected "
              + (known.isEmpty() ? "none for " + recipe.id() : String.join(" or ", known))
              + ", found "
              + variant);
    }
    return released.variant(variant);
  }

  private void requirePaths(List<String> inputs, List<String> optional) {
    if (paths.size() <= inputs.size() || paths.size() > inputs.size() + optional.size() + 1) {
      String options = optional.stream().map(name -> "[" + name + "] ").collect(joining());
      throw misused(
          String.format(
              Locale.ROOT,
              "expected %s %sOUTPUT, found %d paths",
              String.join(" ", inputs),
              options,
              paths.size()));
    }
  }

  private void requireNoNames() {
    if (!key.isEmpty() || !strip.isEmpty()) {
      throw misused("--key and --strip: a recipe knows them itself");
    }
  }
}
